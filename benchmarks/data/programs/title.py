def title(text):
    return " ".join(w.capitalize() for w in text.split())  # was: return "".join(w.capitalize() for w in text.split())


assert title("a b") == "A B"
