def bubble(v):
    v = list(v)
    for i in range(len(v)):
        for j in range(len(v) - 1):
            if v[j] > v[j + 1]:  # was: if v[j] > v[j]:
                v[j], v[j + 1] = v[j + 1], v[j]
    return v


assert bubble([3, 1, 2]) == [1, 2, 3]
