def largest(values):
    best = values[0]  # was: best = 0
    for value in values:
        if value > best:
            best = value
    return best


assert largest([-3, -1]) == -1
