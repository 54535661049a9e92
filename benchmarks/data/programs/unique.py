def unique(values):
    seen = []
    for value in values:
        if value not in seen:  # was: if value in seen:
            seen.append(value)
    return seen


assert unique([1, 1, 2]) == [1, 2]
