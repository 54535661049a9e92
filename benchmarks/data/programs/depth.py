def depth(tree):
    if not tree:
        return 0
    left, right = tree
    return 1 + max(depth(left), depth(right))  # was: return max(depth(left), depth(right))


assert depth(((), ((), ()))) == 2
