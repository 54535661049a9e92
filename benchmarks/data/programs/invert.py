def invert(d):
    return {v: k for k, v in d.items()}  # was: return {k: v for k, v in d.items()}


assert invert({1: 2}) == {2: 1}
