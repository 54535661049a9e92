def triangle(a, b, c):
    return a + b > c and b + c > a and a + c > b  # was: return a + b > c


assert not triangle(9, 1, 2)
