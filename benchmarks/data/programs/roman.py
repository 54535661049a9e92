def roman(text):
    value = {"I": 1, "V": 5, "X": 10}
    total = 0
    for i, c in enumerate(text):
        if i + 1 < len(text) and value[c] < value[text[i + 1]]:
            total -= value[c]  # was: total += value[c]
        else:
            total += value[c]
    return total


assert roman("XIV") == 14
