def median(values):
    values = sorted(values)  # was: values = list(values)
    return values[len(values) // 2]


assert median([3, 1, 2]) == 2
