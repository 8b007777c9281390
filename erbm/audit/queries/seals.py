"""The sealed log as an auditor reads it: checkpoints, keys, witnesses, receipts."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from workflow.models import Case, Checkpoint, Event, SealingKey
from workflow.paging import Order
from workflow.trail import witnesses
from workflow.trail.notes import NotANote, Note

LARGEST_FIRST = Order(("size",), descending=True)
REFERENCE = re.compile(r"\b[A-Z]{1,4}-\d{4}-\d{1,6}\b")
NUMBER = re.compile(r"n°\s*(\d{1,9})")
HASH = re.compile(r"\b[0-9a-f]{12,64}\b")


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the log, the one that vouched for it, and where it says so."""

    key: SealingKey
    previous: str
    index: int | None


def keys() -> list[Key]:
    """Return the keys of the log, the first one first."""
    declared = SealingKey.objects.select_related("leaf").order_by("pk")
    return [
        Key(key, _previous(key.body), key.leaf.index if _has_leaf(key) else None)
        for key in declared
    ]


def _has_leaf(key: SealingKey) -> bool:
    return getattr(key, "leaf", None) is not None


def _previous(body: str) -> str:
    try:
        said: Any = json.loads(body)
        return said["previous"] or ""
    except (ValueError, LookupError, TypeError):  # it was altered
        return ""


@dataclass(frozen=True, slots=True)
class Witness:
    """A checkpoint kept outside the database.

    `agrees`: the log has the same root at this size; unknown if it has no checkpoint
    of this size.
    """

    day: str
    size: int | None
    agrees: bool | None


def known_witnesses() -> list[Witness]:
    """Return the checkpoints kept where this process may read, the latest first."""
    read = [(day, _told(note)) for day, note in witnesses.kept_by_day()]
    sizes = [told[0] for _, told in read if told]
    ours = Checkpoint.objects.filter(size__in=sizes).values_list("size", "root")
    roots = {size: bytes(root) for size, root in ours}
    return [_witness(day, told, roots) for day, told in reversed(read)]


def _told(note: str) -> tuple[int, bytes] | None:
    try:
        _, size, root = Note.of(note).checkpoint
    except NotANote:
        return None
    return size, root


def _witness(
    day: str, told: tuple[int, bytes] | None, roots: dict[int, bytes]
) -> Witness:
    if told is None:
        return Witness(day, None, agrees=False)
    size, root = told
    return Witness(day, size, roots[size] == root if size in roots else None)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says of a case, and the event that the trail has there.

    `event`: none if the log has nothing at this place, or nothing one may look at.
    """

    reference: str
    seq: int
    hash: str
    event: Event | None

    @property
    def agrees(self) -> bool:
        return self.event is not None and bytes(self.event.hash).hex().startswith(
            self.hash
        )


def receipt_of(text: str, cases: QuerySet[Case]) -> Receipt | None:
    """Read a receipt as people copy it: a reference, a number, a hash cut or whole."""
    reference, number = REFERENCE.search(text), NUMBER.search(text)
    printed = _longest(HASH.findall(text.lower()))
    if not (reference and number and printed):
        return None
    place = {"case__reference": reference[0], "seq": int(number[1])}
    found = Event.objects.filter(case__in=cases, **place).select_related("case")
    return Receipt(reference[0], int(number[1]), printed, found.first())


def _longest(found: Iterable[str]) -> str:
    return max(found, key=len, default="")


def notes_of(checkpoints: Sequence[Checkpoint]) -> list[tuple[Checkpoint, str]]:
    """Return checkpoints with their roots in hexadecimal."""
    return [(one, bytes(one.root).hex()) for one in checkpoints]
