def mean(values):
    total = 0
    for value in values:
        total += value
    return total / len(values)  # was: return total / len(values) + 1


assert mean([1, 2, 3]) == 2
