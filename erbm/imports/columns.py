"""Find the columns of a table by what their headers say, wherever they are."""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from erbm.imports.sheets import Cell, Line, Sheet, UnreadableFile

# A title, a source and a few remarks may stand above the headers.
HEADER_LINES = 50


@dataclass(frozen=True)
class Column:
    """
    A column that we look for.

    - `label`: what we call it to the people who sent the file;
    - `headers`: what it is called in the editions we know, best first.
    """

    name: str
    label: str
    headers: tuple[str, ...]
    required: bool = True


@dataclass(frozen=True)
class Table:
    """The lines of a sheet below its headers, and where each column is."""

    places: Mapping[str, int]
    lines: Iterator[Line]

    def cell(self, cells: Sequence[Cell], column: str) -> Cell:
        place = self.places.get(column)
        return None if place is None or place >= len(cells) else cells[place]


@dataclass(frozen=True)
class Attempt:
    """The line that resembles headers most, among those that are not."""

    sheet: str = ""
    line: int = 0
    places: Mapping[str, int] = field(default_factory=dict)


def find_table(sheets: Iterable[Sheet], columns: Sequence[Column]) -> Table:
    """
    Return the first table that has all the required columns.

    :raises UnreadableFile: if there is none; the message names what is missing
    """
    best = Attempt()
    for sheet in sheets:
        for number, cells in itertools.islice(sheet.lines, HEADER_LINES):
            places = _places(cells, columns)
            if not _missing(places, columns):
                return Table(places, sheet.lines)
            if len(places) > len(best.places):
                best = Attempt(sheet.name, number, places)
    raise UnreadableFile(_what_is_missing(best, columns))


def _places(cells: Sequence[Cell], columns: Sequence[Column]) -> dict[str, int]:
    """Say where each column is, if these cells are headers."""
    headers: dict[str, int] = {}
    for place, cell in enumerate(cells):
        if isinstance(cell, str):
            headers.setdefault(plain(cell), place)
    found = {}
    for column in columns:
        known = [h for h in map(plain, column.headers) if h in headers]
        if known:
            found[column.name] = headers[known[0]]
    return found


def plain(text: str) -> str:
    """Reduce a text to its letters and digits, without accent, case or brackets."""
    outside = re.sub(r"\([^)]*\)", "", text)
    decomposed = unicodedata.normalize("NFKD", outside.casefold())
    return "".join(character for character in decomposed if character.isalnum())


def _missing(places: Mapping[str, Any], columns: Sequence[Column]) -> list[Column]:
    return [c for c in columns if c.required and c.name not in places]


def _what_is_missing(best: Attempt, columns: Sequence[Column]) -> str:
    missing = _missing(best.places, columns)
    if len(best.places) < 2:
        labels = ", ".join(f"« {column.label} »" for column in missing)
        return f"Aucune feuille n’a de ligne d’en-tête avec les colonnes {labels}."
    reasons = [
        f"Il manque la colonne « {column.label} » (en-têtes reconnus : "
        f"{', '.join(column.headers)})."
        for column in missing
    ]
    where = f"Feuille « {best.sheet} », ligne {best.line} :"
    return " ".join([where, *reasons])
