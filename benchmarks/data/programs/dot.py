def dot(a, b):
    total = 0
    for x, y in zip(a, b):
        total += x * y  # was: total += x + y
    return total


assert dot([1, 2], [3, 4]) == 11
