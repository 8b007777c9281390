"""Names of files that every system takes, and that say what is in them."""

import re
import unicodedata
from pathlib import PurePath

LONGEST = 60


def safe(number: int, title: str, filename: str) -> str:
    """
    Name a file after its rank and its title, with the suffix that it came with.

    Letters without accents, figures and hyphens: nothing that climbs, hides, is
    reserved or differs by its capitals only.
    """
    suffix = PurePath(filename).suffix.lower()
    kept = suffix if re.fullmatch(r"\.[a-z0-9]{1,5}", suffix) else ""
    return f"{number:03d}-{slug(title) or 'piece'}{kept}"


def slug(text: str) -> str:
    """Write a text with the letters of ASCII, figures and hyphens."""
    expanded = text.lower().replace("œ", "oe").replace("æ", "ae")
    folded = unicodedata.normalize("NFKD", expanded)
    letters = "".join(c for c in folded if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:LONGEST].strip("-")
