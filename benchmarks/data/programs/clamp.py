def clamp(x, low, high):
    return max(low, min(x, high))  # was: return min(low, max(x, high))


assert clamp(5, 0, 3) == 3
