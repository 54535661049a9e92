def prefix(a, b):
    n = 0
    while n < min(len(a), len(b)) and a[n] == b[n]:  # was: while a[n] == b[n]:
        n += 1
    return a[:n]


assert prefix("ab", "ab") == "ab"
