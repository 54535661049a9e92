def second(values):
    ordered = sorted(set(values))
    return ordered[-2]  # was: return ordered[1]


assert second([1, 2, 3, 4]) == 3
