"""The receipt of an event: what a person keeps of it, and asks of the trail later."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery

from workflow.models import Case, Checkpoint, Event

FIXED = "\N{NO-BREAK SPACE}"
LEAST = 12
"""How many characters of a hash are enough to know it by."""

WAITING = "en attente de sceau"
_WRITTEN = re.compile(
    rf"""(Reçu\s*:\s*)?(?P<reference>\S+)\s+·\s+n°\s*(?P<seq>[1-9][0-9]{{0,8}})
    \s+·\s+(?P<hash>[0-9a-f]{{{LEAST},64}})
    (\s+·\s+({re.escape(WAITING)}
    |point\ de\ contrôle\s+(?P<size>[1-9][0-9]{{0,17}})))?""",
    re.VERBOSE,
)


class NotAReceipt(ValueError):
    """A text is not a receipt."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """
    What proves that an event was in the trail.

    - `hash`: in hexadecimal, or its beginning;
    - `size`: that of the first checkpoint that seals it, none as long as it waits.
    """

    reference: str
    seq: int
    hash: str
    size: int | None = None

    def __str__(self) -> str:
        return f"{self.short} · {self.seal}"

    @property
    def short(self) -> str:
        """What never changes, whether it is sealed or not."""
        return f"{self.reference} · n°{FIXED}{self.seq} · {self.hash}"

    @property
    def seal(self) -> str:
        return f"point de contrôle {self.size}" if self.size else WAITING


def read(text: str) -> Receipt:
    """
    Read a receipt as it is written.

    :raises NotAReceipt: if it is not one
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise NotAReceipt(text)
    size = found["size"]
    return Receipt(
        reference=found["reference"],
        seq=int(found["seq"]),
        hash=found["hash"],
        size=int(size) if size else None,
    )


def given_for(event: Event) -> Receipt:
    """Return what was given for an event when it was written: no seal yet."""
    return Receipt(event.case.reference, event.seq, bytes(event.hash).hex())


def of_case(case: Case) -> dict[int, Receipt]:
    """Return the receipts of all the events of a case, by their numbers."""
    return {one.seq: one for one in _receipts(Event.objects.filter(case=case))}


def of_event(event: Event) -> Receipt:
    """Return the receipt of an event, as it stands now."""
    [found] = _receipts(Event.objects.filter(pk=event.pk))
    return found


def _receipts(events: QuerySet[Event]) -> Iterable[Receipt]:
    above = Checkpoint.objects.filter(size__gt=OuterRef("leaf__index"))
    sealed = events.annotate(
        sealed_by=Subquery(above.order_by("size").values("size")[:1])
    )
    rows = sealed.order_by("seq").values_list(
        "case__reference", "seq", "hash", "sealed_by"
    )
    for reference, seq, found, size in rows.iterator():
        yield Receipt(reference, seq, bytes(found).hex(), size)


def problems(given: Receipt) -> list[str]:
    """Say where the trail is not what it was when it gave a receipt."""
    where = f"reçu {given.reference} n° {given.seq}"
    event = Event.objects.filter(case__reference=given.reference, seq=given.seq)
    found = next(iter(_receipts(event)), None)
    if found is None:
        case = Case.objects.filter(reference=given.reference).first()
        if case is None:
            return [f"{where} : aucun dossier ne porte cette référence."]
        return [f"{where} : le journal s’arrête à l’événement {case.latest_seq}."]
    if not found.hash.startswith(given.hash):
        return [f"{where}, colonne hash : l’événement n’est plus celui du reçu."]
    if given.size is not None and (found.size is None or found.size > given.size):
        return [f"{where} : le point de contrôle {given.size} ne le scelle plus."]
    return []
