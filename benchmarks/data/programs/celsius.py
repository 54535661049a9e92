def celsius(f):
    return (f - 32) * 5 / 9  # was: return f - 32 * 5 / 9


assert celsius(212) == 100
