"""One case as an auditor reads it: each event in full, and what it changed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from erbm.audit.queries import trail
from erbm.audit.queries.trail import Seal
from erbm.cases import journal
from workflow.models import Case, Entry, Event, Membership, Signature
from workflow.paging import Order
from workflow.standing import granted_cases
from workflow.trail import (
    entries,
    proofs,
    rows,
    verify,
)

IN_ORDER = Order(("seq",))
PAGE_SIZE = 50
REGISTERED = 10
"""How many entries of the register are shown beside the events of a case."""


@dataclass(frozen=True, slots=True)
class Text:
    """The texts detached from an event: what hides them, and what they are."""

    salt: str
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """One event: in words, as it is hashed, sealed or not, and what it signed.

    - `text`: nothing once it has been erased;
    - `commitment`: the hash of the texts that the body holds in their place.
    """

    event: Event
    line: journal.Line
    seal: Seal | None
    previous_hash: str
    text: Text | None
    commitment: str
    signatures: Sequence[Signature]

    @property
    def moment(self) -> dict[str, str]:
        """When it happened, as the page of the case as it was then asks for it."""
        then = timezone.localtime(self.event.at)
        return {"day": f"{then:%Y-%m-%d}", "time": f"{then:%H:%M:%S.%f}"}

    @property
    def details(self) -> list[tuple[str, str]]:
        """What was said and joined, but for what is told as a difference."""
        told = {(change.name, str(change)) for change in self.line.differences}
        return [detail for detail in self.line.details if detail not in told]


def cases(held: Sequence[Membership]) -> QuerySet[Case]:
    """Return the cases that an auditor may look at."""
    return granted_cases(held)


def events_of(case: Case) -> QuerySet[Event]:
    """Return the events of a case, with all that is told of them."""
    people = Signature.objects.select_related(
        "user", "principal", "struck_by", "took_effect_by"
    ).order_by("pk")
    return (
        Event.objects.filter(case=case)
        .select_related("case", "text", "actor", "principal", "unit")
        .prefetch_related(Prefetch("signatures", people))
    )


def read(events: Sequence[Event]) -> list[Told]:
    """Read events in full."""
    return [_told(row) for row in trail.rows_of(events)]


def registered(case: Case) -> list[Entry]:
    """Return the latest entries of the register about a case."""
    found = Entry.objects.filter(case=case).select_related("case", "actor", "text")
    return list(found.order_by("-at", "-id")[:REGISTERED])


def _told(row: trail.Row) -> Told:
    event = row.event
    kept = getattr(event, "text", None)
    known = Text(bytes(kept.salt).hex(), kept.text) if kept and kept.text else None
    return Told(
        event=event,
        line=row.line,
        seal=row.seal,
        previous_hash=bytes(event.previous_hash).hex(),
        text=known,
        commitment=_commitment(event.body),
        signatures=list(event.signatures.all()),
    )


def _commitment(body: str) -> str:
    try:
        said: Any = json.loads(body)
        return str(said["texts"])
    except (ValueError, LookupError, TypeError):  # it was altered
        return ""


@dataclass(frozen=True, slots=True)
class Report:
    """What the verification of one case found: no fault if all holds."""

    events: int
    entries: int
    faults: tuple[str, ...]
    seals: proofs.Sealed

    @property
    def holds(self) -> bool:
        return not self.faults


def verified(case: Case) -> Report:
    """Compute the chain of a case anew, and find its events in the sealed log."""
    only = Case.objects.filter(pk=case.pk)
    [verdict] = verify.check(only)
    seals = proofs.seals_of(case)
    told = entries.Check(Entry.objects.filter(case=case))
    beside = rows.check(only)
    unclear = verify.ambiguous(only)
    faults = (*verdict.problems, *unclear, *beside, *told, *seals.problems)
    return Report(verdict.events, told.count, faults, seals)
