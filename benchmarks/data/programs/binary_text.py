def binary_text(n):
    out = ""
    while n:
        out = str(n % 2) + out  # was: out = out + str(n % 2)
        n //= 2
    return out or "0"


assert binary_text(6) == "110"
