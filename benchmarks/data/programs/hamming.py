def hamming(a, b):
    return sum(x != y for x, y in zip(a, b))  # was: return sum(x == y for x, y in zip(a, b))


assert hamming("abc", "abd") == 1
