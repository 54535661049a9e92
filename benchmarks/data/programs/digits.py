def digits(n):
    total = 0
    while n:
        total += n % 10  # was: total += n // 10
        n //= 10
    return total


assert digits(123) == 6
