"""Read the sheets of an OpenDocument workbook, line by line.

The readers we know hold a whole sheet as a grid: a file of two kilobytes that
repeats one line a million times would fill the memory.
"""

import itertools
import zipfile
from collections.abc import Generator, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

from erbm.imports.sheets import (
    MAX_COLUMNS,
    MAX_LINES,
    Cell,
    Line,
    Sheet,
    UnreadableFile,
)

NUMBERS = {"float", "percentage", "currency"}


def _tag(namespace: str, name: str) -> str:
    return f"{{urn:oasis:names:tc:opendocument:xmlns:{namespace}:1.0}}{name}"


TABLE = _tag("table", "table")
TABLE_NAME = _tag("table", "name")
ROW = _tag("table", "table-row")
ROWS_REPEATED = _tag("table", "number-rows-repeated")
CELLS = {_tag("table", "table-cell"), _tag("table", "covered-table-cell")}
COLUMNS_REPEATED = _tag("table", "number-columns-repeated")
TYPE = _tag("office", "value-type")
VALUE = _tag("office", "value")
STRING_VALUE = _tag("office", "string-value")
DATE_VALUE = _tag("office", "date-value")
PARAGRAPH = _tag("text", "p")
SPACE = _tag("text", "s")
SPACES = _tag("text", "c")
BREAKS = {_tag("text", "line-break"), _tag("text", "tab")}


def sheets(path: Path) -> Generator[Sheet, None, None]:
    """
    Yield the sheets of a workbook.

    :raises UnreadableFile: if the workbook is damaged
    """
    with zipfile.ZipFile(path) as archive:
        lines = _named_lines(archive)
        for name, group in itertools.groupby(lines, key=lambda found: found[0]):
            yield Sheet(name, (line for _, line in group))


def _named_lines(archive: zipfile.ZipFile) -> Iterator[tuple[str, Line]]:
    """Yield every line that holds something, with the name of its sheet."""
    try:
        with archive.open("content.xml") as content:
            yield from _parsed(content)
    # A damaged archive fails in its own way at each layer: zip, zlib, XML, numbers.
    except Exception as error:
        raise UnreadableFile("Le classeur est abîmé : il ne se lit pas.") from error


def _parsed(content: IO[bytes]) -> Iterator[tuple[str, Line]]:
    sheet, number = "", 0
    for event, element in ElementTree.iterparse(content, events=("start", "end")):
        if event == "start" and element.tag == TABLE:
            sheet, number = element.get(TABLE_NAME, ""), 0
        elif event == "end" and element.tag == ROW:
            cells = _cells(element)
            latest = number + _times(element.get(ROWS_REPEATED))
            if any(cell not in {None, ""} for cell in cells):
                for repeated in range(number + 1, min(latest, MAX_LINES) + 1):
                    yield sheet, (repeated, cells)
            number = latest
            element.clear()


def _cells(row: Element) -> list[Cell]:
    cells: list[Cell] = []
    for element in row:
        if element.tag in CELLS:
            room = MAX_COLUMNS - len(cells)
            times = _times(element.get(COLUMNS_REPEATED))
            cells += [_value(element)] * min(times, room)
    return cells


def _times(repeated: str | None) -> int:
    return max(1, int(repeated or 1))


def _value(cell: Element) -> Cell:
    kind = cell.get(TYPE, "")
    if kind in NUMBERS:
        try:
            return Decimal(cell.get(VALUE, ""))
        except InvalidOperation:
            return _text(cell)
    if kind == "date":
        return cell.get(DATE_VALUE)
    return cell.get(STRING_VALUE) or _text(cell)


def _text(cell: Element) -> str:
    """Return what a cell shows, its comments left out."""
    return "\n".join("".join(_pieces(p)) for p in cell if p.tag == PARAGRAPH)


def _pieces(element: Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag == SPACE:
            yield " " * min(_times(child.get(SPACES)), 100)
        elif child.tag in BREAKS:
            yield " "
        else:
            yield from _pieces(child)
        yield child.tail or ""
