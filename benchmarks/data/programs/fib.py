def fib(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b  # was: a, b = b, a + a
    return a


assert fib(10) == 55
