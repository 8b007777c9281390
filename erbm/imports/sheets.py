"""What every format is read into: sheets of numbered lines of cells."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

# Beyond these, a sheet is a mistake or an attack: a spreadsheet holds 1,048,576 lines.
MAX_LINES = 1_048_576
MAX_COLUMNS = 200

Cell = str | int | float | Decimal | bool | datetime.date | datetime.time | None
Line = tuple[int, Sequence[Cell]]


class UnreadableFile(Exception):
    """The file cannot be read as a table; the message says why, in French."""


@dataclass(frozen=True)
class Sheet:
    """
    A sheet of a workbook, or the whole of a text file.

    - `lines`: the number that a spreadsheet shows beside the line, and its cells.
    """

    name: str
    lines: Iterator[Line]
