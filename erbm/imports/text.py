"""Read a text file of separated values, whatever its separator and encoding."""

import codecs
import csv
import itertools
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path

from erbm.imports.sheets import MAX_LINES, Line, Sheet, UnreadableFile

SEPARATORS = ";,\t|"
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def sheets(path: Path) -> Generator[Sheet, None, None]:
    """
    Yield the only sheet of a text file.

    :raises UnreadableFile: if it is not text
    """
    encoding = _encoding(path)
    yield Sheet(path.name, _lines(path, encoding, _separator(path, encoding)))


def _encoding(path: Path) -> str:
    """Find an encoding that the whole file agrees with."""
    with path.open("rb") as file:
        start = file.read(4096)
    for mark, encoding in BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return encoding
    if b"\0" not in start:
        # Spreadsheets on a French Windows write the second, a superset of Latin-1.
        for encoding in ("utf-8", "cp1252"):
            if _decodes(path, encoding):
                return encoding
    raise UnreadableFile("Ce fichier n’est ni un classeur .xlsx ou .ods, ni un .csv.")


def _decodes(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding, newline="") as file:
            while file.read(1024 * 1024):
                pass
    except UnicodeDecodeError:
        return False
    return True


def _separator(path: Path, encoding: str) -> str:
    """Find the separator that cuts the first lines into the most even columns."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        sample = list(itertools.islice(file, 30))

    def evenness(separator: str) -> int:
        widths = Counter(len(row) for row in csv.reader(sample, delimiter=separator))
        return max((width - 1) * lines for width, lines in widths.items())

    try:
        return max(SEPARATORS, key=evenness)
    except csv.Error as error:
        raise UnreadableFile("Fichier illisible, ou guillemet non refermé.") from error


def _lines(path: Path, encoding: str, separator: str) -> Iterator[Line]:
    number = 0
    try:
        with path.open(encoding=encoding, newline="") as file:
            rows = csv.reader(file, delimiter=separator)
            for number, cells in enumerate(rows, start=1):
                if number > MAX_LINES:
                    break
                yield number, cells
    except (csv.Error, UnicodeDecodeError) as error:
        raise UnreadableFile(
            f"Le fichier ne se lit plus après la ligne {number} : guillemet non "
            "refermé, ou texte abîmé."
        ) from error
