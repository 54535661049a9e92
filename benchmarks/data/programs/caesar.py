def caesar(text, k):
    out = ""
    for c in text:
        out += chr((ord(c) - 97 + k) % 26 + 97)  # was: out += chr(ord(c) + k)
    return out


assert caesar("xyz", 3) == "abc"
