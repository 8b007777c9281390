"""Read what a person says when she makes a move, and say what is missing or absurd."""

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from workflow.process import Input, InputKind, Move

LINE_LENGTH = 300
TEXT_LENGTH = 10_000
LARGEST_COUNT = 1_000_000
LARGEST_CENTS = 10_000_000_000_000  # a hundred thousand million euros
# Beyond, a slip of the keyboard; and delays must have room to run.
EARLIEST_DAY = datetime.date(1900, 1, 1)
LATEST_DAY = datetime.date(2199, 12, 31)


class Absurd(ValueError):
    """A value is not what its field asks for; the message is for the person."""


def clean(move: Move, raw: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """
    Return the values that a move asks for, and for each field that is wrong, why.

    Days are `datetime.date` or ISO 8601 text, amounts are integer cents. What the
    move does not ask for is ignored.
    """
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for wanted in move.inputs:
        try:
            values[wanted.name] = _read(wanted, raw.get(wanted.name))
        except Absurd as absurd:
            faults[wanted.name] = f"{wanted.label} : {absurd}"
    return values, faults


def _read(wanted: Input, value: Any) -> Any:
    if not _is_empty(value):
        return _READERS[wanted.kind](wanted, value)
    if wanted.required:
        raise Absurd("à renseigner.")
    return False if wanted.kind is InputKind.YES else None


def _is_empty(value: Any) -> bool:
    """Tell whether nothing was said; to say zero is to say something."""
    return value is None or value is False or not str(value).strip()


def read_text(value: Any, longest: int = TEXT_LENGTH) -> str:
    """
    Return a text without what surrounds it.

    :raises Absurd: if it is too long, or cannot be written down
    """
    text = str(value).strip()
    if len(text) > longest:
        raise Absurd(f"{longest} caractères au plus.")
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Absurd("ce texte contient un caractère illisible.")
    return text


def _day(value: Any) -> datetime.date:
    try:
        day = datetime.date.fromisoformat(str(value))
    except ValueError:
        raise Absurd("cette date n’existe pas.") from None
    if not EARLIEST_DAY <= day <= LATEST_DAY:
        raise Absurd("cette date est hors des bornes admises.")
    return day


def _whole(value: Any, largest: int) -> int:
    try:
        number = int(value)
    except (OverflowError, TypeError, ValueError):
        raise Absurd("un nombre entier est attendu.") from None
    if not 0 <= number <= largest:
        raise Absurd("ce nombre est hors des bornes admises.")
    return number


def _choice(wanted: Input, value: Any) -> str:
    if value not in [key for key, _ in wanted.choices]:
        raise Absurd("ce choix n’est pas proposé.")
    return str(value)


_READERS: Mapping[InputKind, Callable[[Input, Any], Any]] = {
    InputKind.LINE: lambda wanted, value: read_text(value, LINE_LENGTH),
    InputKind.TEXT: lambda wanted, value: read_text(value),
    InputKind.DAY: lambda wanted, value: _day(value),
    InputKind.COUNT: lambda wanted, value: _whole(value, LARGEST_COUNT),
    InputKind.CENTS: lambda wanted, value: _whole(value, LARGEST_CENTS),
    InputKind.CHOICE: _choice,
    InputKind.YES: lambda wanted, value: True,
}
