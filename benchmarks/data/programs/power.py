def power(base, n):
    result = 1
    while n:
        if n & 1:
            result *= base
        base *= base  # was: base += base
        n >>= 1
    return result


assert power(3, 5) == 243
