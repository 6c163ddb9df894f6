"""One spelling for a word, however it was typed."""

import unicodedata


def fold(word: str) -> str:
    """One spelling for every case, accent and apostrophe."""
    if word.isascii():
        return word.lower()
    bare = "".join(char for char in unicodedata.normalize("NFKD", word) if not unicodedata.combining(char))
    return bare.replace("\u2019", "'").casefold()
