"""Read a text, a code or an amount in a cell, whatever its format put there."""

import datetime
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from erbm.imports.sheets import Cell
from workflow.inputs import LARGEST_CENTS


class NotAnAmount(ValueError):
    """The cell holds no amount; the message says what it holds instead."""


def text(cell: Cell) -> str:
    """Return what a cell says on one line, without the characters that show nothing."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    if isinstance(cell, str):
        return _one_line(cell)
    return _number_as_text(_exact(cell))


def _one_line(written: str) -> str:
    line = " ".join(written.split())
    if line.isprintable():
        return line
    shown = (character if character.isprintable() else " " for character in line)
    return " ".join("".join(shown).split())


def code(cell: Cell, *, width: int = 0) -> str:
    """Return an administrative code, with the zeros that a spreadsheet ate."""
    found = text(cell).replace(" ", "").upper()
    return found.zfill(width) if found.isdigit() else found


def cents(cell: Cell) -> int:
    """
    Return an amount in euros as whole cents, to the nearest.

    A comma or a point alone is the decimal mark; repeated, or followed by the
    other, it separates thousands.

    :raises NotAnAmount: if it is none
    """
    amount = _amount(cell)
    if not amount.is_finite():
        raise NotAnAmount(f"« {text(cell)} » n’est pas un montant.")
    if abs(amount) * 100 > LARGEST_CENTS:
        raise NotAnAmount(f"« {text(cell)} » est hors de toute vraisemblance.")
    return int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))


def _amount(cell: Cell) -> Decimal:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        raise NotAnAmount("le montant est absent.")
    if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        return _exact(cell)
    try:
        return Decimal(_with_decimal_point(text(cell)))
    except InvalidOperation:
        raise NotAnAmount(f"« {text(cell)} » n’est pas un montant.") from None


def _exact(number: float | Decimal) -> Decimal:
    # Through the shortest text that gives the number back: 0.1 is then a tenth.
    return number if isinstance(number, Decimal) else Decimal(repr(number))


def _with_decimal_point(written: str) -> str:
    bare = re.sub(r"(?i)\s|€|euros?$|eur$", "", written)
    if not re.fullmatch(r"[+-]?[\d.,]*\d[\d.,]*", bare):
        return written
    marks = re.findall(r"[.,]", bare)
    if not marks:
        return bare
    decimal_mark = marks[-1] if marks.count(marks[-1]) == 1 else ""
    whole, _, fraction = (
        bare.rpartition(decimal_mark) if decimal_mark else (bare, "", "")
    )
    return re.sub(r"[.,]", "", whole) + "." + (fraction or "0")


def _number_as_text(number: Decimal) -> str:
    if number.is_finite() and number == number.to_integral_value():
        return str(number.to_integral_value())
    return str(number)
