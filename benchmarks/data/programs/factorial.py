def factorial(n):
    result = 1
    for i in range(2, n + 1):  # was: for i in range(2, n):
        result *= i
    return result


assert factorial(5) == 120
