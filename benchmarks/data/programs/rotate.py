def rotate(v, k):
    k %= len(v)
    return v[-k:] + v[:-k]  # was: return v[k:] + v[:k]


assert rotate([1, 2, 3], 1) == [3, 1, 2]
