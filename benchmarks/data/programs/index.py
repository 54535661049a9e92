def index(values, x):
    for i, value in enumerate(values):
        if value == x:
            return i
    return -1  # was: return 0


assert index([1], 2) == -1
