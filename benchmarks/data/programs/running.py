def running(values):
    total, out = 0, []
    for value in values:
        total += value
        out.append(total)  # was: out.append(value)
    return out


assert running([1, 2]) == [1, 3]
