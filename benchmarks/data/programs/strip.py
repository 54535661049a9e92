def strip(text):
    while text and text[0] == " ":
        text = text[1:]
    while text and text[-1] == " ":
        text = text[:-1]  # was: text = text[1:]
    return text


assert strip(" a ") == "a"
