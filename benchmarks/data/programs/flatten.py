def flatten(items):
    out = []
    for item in items:
        if isinstance(item, list):
            out.extend(flatten(item))  # was: out.append(flatten(item))
        else:
            out.append(item)
    return out


assert flatten([1, [2, [3]]]) == [1, 2, 3]
