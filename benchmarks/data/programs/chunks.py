def chunks(v, n):
    return [v[i : i + n] for i in range(0, len(v), n)]  # was: return [v[i:n] for i in range(0, len(v), n)]


assert chunks([1, 2, 3], 2) == [[1, 2], [3]]
