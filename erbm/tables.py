"""Tables that leave for a spreadsheet, CSV or XLSX, in which no text is a formula."""

import csv
import datetime
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"  # by which Excel knows UTF-8
LONGEST = 32_767  # characters of a cell, for Excel
CUT = " […]"
MOST_ROWS = 100_000
DAY, MOMENT = "DD/MM/YYYY", "DD/MM/YYYY\\ HH:MM"
AMOUNT = '#,##0.00\xa0"€"'
STOPPED = f"Export arrêté à {MOST_ROWS} lignes : réduisez la liste par des filtres."

# What a spreadsheet may take for the beginning of a formula, however it is led up to:
# spaces of all kinds, invisible characters, quotes. The last four are wide forms.
FORMULA = re.compile(
    r"""[\s\x00-\x1f\x7f-\xa0\xad\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\ufeff'"]*
    [=+\-@|%\uff1d\uff0b\uff0d\uff20]""",
    re.VERBOSE,
)
LINE = re.compile(r"(\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])")


@dataclass(frozen=True, slots=True)
class Euros:
    """An amount in cents, that a spreadsheet adds up in euros."""

    cents: int

    @property
    def value(self) -> Decimal:
        return Decimal(self.cents).scaleb(-2)


Value = str | int | Euros | datetime.date | datetime.datetime | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under the names of their columns; `widths` are in characters."""

    title: str
    head: Sequence[str]
    rows: Iterable[Sequence[Value]]
    widths: Sequence[int] = ()


def plain(text: str) -> str:
    """
    Return a text that no spreadsheet takes for a formula.

    An apostrophe leads each line that could begin one: readers of CSV do not agree
    on where a cell ends. So it does a text that begins with a tabulation or a return.
    """
    pieces = LINE.split(text)
    led = ("'" + one if FORMULA.match(one) else one for one in pieces)
    written = "".join(led)
    return f"'{written}" if written[:1] in {"\t", "\r", "\n"} else written


def csv_lines(table: Table) -> Iterator[str]:
    """Write a table as a French Excel opens it, line by line."""
    writer = csv.writer(_Echo(), delimiter=";", quoting=csv.QUOTE_ALL)
    yield BOM
    for row in itertools.chain([table.head], bounded(table.rows)):
        yield writer.writerow([_written(value) for value in row])


def write_xlsx(tables: Iterable[Table], file: IO[bytes]) -> None:
    """Write tables as the sheets of a workbook, without keeping their rows."""
    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(table.title)
        sheet.freeze_panes = "A2"
        for number, width in enumerate(table.widths, 1):
            sheet.column_dimensions[get_column_letter(number)].width = width
        sheet.append([_titled(sheet, name) for name in table.head])
        for row in bounded(table.rows):
            sheet.append([_cell(sheet, value) for value in row])
    book.save(file)


def bounded(rows: Iterable[Sequence[Value]]) -> Iterator[Sequence[Value]]:
    """Stop where no spreadsheet follows any more, and say so."""
    for number, row in enumerate(rows):
        if number == MOST_ROWS:
            yield [STOPPED]
            return
        yield row


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line


def _written(value: Value) -> str:
    match value:
        case None:
            return ""
        case str():
            return plain(value.replace("\x00", "\N{REPLACEMENT CHARACTER}"))
        case Euros():
            return f"{value.value:.2f}".replace(".", ",")
        case datetime.datetime():
            return f"{timezone.localtime(value):%d/%m/%Y %H:%M}"
        case datetime.date():
            return f"{value:%d/%m/%Y}"
    return str(value)


def _titled(sheet: WriteOnlyWorksheet, name: str) -> Cell:
    cell = _cell(sheet, name)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: WriteOnlyWorksheet, value: Value) -> Cell:
    if isinstance(value, str):
        return _text(sheet, value)
    cell = WriteOnlyCell(sheet)
    match value:
        case Euros():
            cell.value, cell.number_format = value.value, AMOUNT
        case datetime.datetime():
            cell.value = timezone.localtime(value).replace(tzinfo=None)
            cell.number_format = MOMENT
        case datetime.date():
            cell.value, cell.number_format = value, DAY
        case _:
            cell.value = value
    return cell


def _text(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    """Write a text as a text, that stays one when somebody edits the cell."""
    shown = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)
    if len(shown) > LONGEST:
        shown = shown[: LONGEST - len(CUT)] + CUT
    cell = WriteOnlyCell(sheet, shown)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell
