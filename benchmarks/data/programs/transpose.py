def transpose(m):
    return [list(row) for row in zip(*m)]  # was: return [list(row) for row in m]


assert transpose([[1, 2], [3, 4]]) == [[1, 3], [2, 4]]
