"""Read the sheets of an .xlsx workbook, line by line."""

import warnings
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO, Any

import openpyxl

from erbm.imports.sheets import MAX_COLUMNS, MAX_LINES, Line, Sheet, UnreadableFile


def sheets(path: Path) -> Generator[Sheet, None, None]:
    """
    Yield the sheets of a workbook; formulas give the value last computed.

    :raises UnreadableFile: if the workbook is damaged
    """
    # Opened here: given a path, openpyxl would judge the file by its name.
    with path.open("rb") as file:
        for sheet in _open(file).worksheets:
            # What a sheet says of its own size is often wrong, and would cut it short.
            sheet.reset_dimensions()
            yield Sheet(sheet.title, _lines(sheet))


def _open(file: IO[bytes]) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # missing styles do not concern us
            return openpyxl.load_workbook(
                file, read_only=True, data_only=True, keep_links=False
            )
    # openpyxl lets whatever it stumbles on escape: KeyError, ValueError, ParseError…
    except Exception as error:
        raise UnreadableFile("Le classeur est abîmé : il ne s’ouvre pas.") from error


def _lines(sheet: Any) -> Iterator[Line]:
    number = 0
    try:
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            if number > MAX_LINES:
                break
            yield number, cells[:MAX_COLUMNS]
    except Exception as error:
        raise UnreadableFile(
            f"Le classeur est abîmé : la feuille « {sheet.title} » "
            f"ne se lit plus après la ligne {number}."
        ) from error
