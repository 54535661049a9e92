def palindrome(text):
    text = text.lower()
    return text == text[::-1]  # was: return text == text[:-1]


assert palindrome("Anna")
