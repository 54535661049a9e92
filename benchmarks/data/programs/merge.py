def merge(a, b):
    out = []
    a, b = list(a), list(b)
    while a and b:
        out.append(a.pop(0) if a[0] <= b[0] else b.pop(0))
    return out + a + b  # was: return out


assert merge([1, 4], [2]) == [1, 2, 4]
