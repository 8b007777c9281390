"""The one way a record becomes bytes: RFC 8785 (JSON Canonicalization Scheme).

What is hashed is the stored text, never a re-serialisation of it.
"""

import datetime
import json
import unicodedata
from collections.abc import Mapping
from typing import Any

import rfc8785

Scalar = str | int | bool | None
LARGEST = 2**53 - 1  # of the integers that all programs read alike


class NotCanonical(ValueError):
    """A value has no canonical form: a float, a lone surrogate, an integer ≥ 2^53."""


def moment(at: datetime.datetime) -> str:
    """
    Write a moment in UTC to the microsecond.

    :raises NotCanonical: if it does not say in which zone it is
    """
    if at.tzinfo is None:
        raise NotCanonical(f"moment sans fuseau : {at}")
    utc = at if at.tzinfo is datetime.UTC else at.astimezone(datetime.UTC)
    return f"{utc.isoformat(timespec='microseconds')[:26]}Z"


def text_of(record: Mapping[str, Any]) -> str:
    """
    Write a record as RFC 8785 text, its values normalised to NFC.

    :raises NotCanonical: if a value has no canonical form
    """
    try:
        return rfc8785.dumps(_prepared(record)).decode()
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise NotCanonical(str(error)) from error


def record_of(text: str | None) -> dict[str, Any]:
    """Read the record that a stored text holds: an empty one if it holds none."""
    try:
        record = json.loads(text or "")
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _whole(digits: str) -> int:
    if abs(number := int(digits)) > LARGEST:
        raise NotCanonical(digits)
    return number


def _refused(digits: str) -> float:
    raise NotCanonical(digits)


_READ = json.JSONDecoder(
    parse_int=_whole, parse_float=_refused, parse_constant=_refused
).decode
# Right, and quick, but for the rare names whose order in UTF-16 is another.
_WRITE = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":"), sort_keys=True
).encode


def is_canonical(text: str) -> bool:
    """
    Tell whether a text is the one of RFC 8785 for what it says.

    Programs may read another in two ways: of a name said twice, each keeps its own.
    """
    try:
        said = _READ(text)
        return _WRITE(said) == text or bool(rfc8785.dumps(said).decode() == text)
    except (ValueError, RecursionError):  # those of rfc8785 and of json are the former
        return False


def _prepared(value: Any) -> Any:
    match value:
        case str():
            return unicodedata.normalize("NFC", str(value))
        case bool() | int() | None:
            return value
        case datetime.datetime():
            return moment(value)
        case datetime.date():
            return value.isoformat()
        case Mapping():
            return {str(key): _prepared(item) for key, item in value.items()}
        case list() | tuple():
            return [_prepared(item) for item in value]
        case _:
            raise NotCanonical(f"{type(value).__name__} : {value!r}")
