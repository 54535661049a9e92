def evens(v):
    return [x for x in v if x % 2 == 0]  # was: return [x for x in v if x % 2]


assert evens([1, 2]) == [2]
