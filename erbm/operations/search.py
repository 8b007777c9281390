"""Fold text so that a search ignores accents, capitals and punctuation."""

import re
import unicodedata
from collections.abc import Iterable


def fold(text: str) -> str:
    """Return a text in lower case, without accents, ligatures nor punctuation."""
    plain = text.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae")
    decomposed = unicodedata.normalize("NFKD", plain)
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", letters.lower()))


def index(parts: Iterable[object]) -> str:
    """Return what an operation is found by."""
    return fold(" ".join(str(part) for part in parts if part))
