def gcd(a, b):
    while b:
        a, b = b, a % b  # was: a, b = b, a // b
    return a


assert gcd(12, 18) == 6
