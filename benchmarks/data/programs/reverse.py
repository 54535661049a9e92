def reverse(values):
    out = []
    for value in values:
        out.insert(0, value)  # was: out.append(value)
    return out


assert reverse([1, 2]) == [2, 1]
