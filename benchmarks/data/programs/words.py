def words(text):
    counts = {}
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1  # was: counts[word] = 1
    return counts


assert words("a a") == {"a": 2}
