"""What the one door answers: a receipt, the same each time, or why it refuses."""

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from workflow import outbox
from workflow.cases import Attempt
from workflow.models import Case, Event
from workflow.refusals import Refusal


class MoveRefused(Exception):
    """The move is not made; `refusals` says every reason why."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(" ".join(refusal.message for refusal in refusals))


class StaleCase(Exception):
    """The case has changed since the person looked at it; `changes` says how."""

    def __init__(self, case: Case, changes: Sequence[Event]) -> None:
        self.case = case
        self.changes = tuple(changes)
        super().__init__(f"{case.reference} a changé depuis que vous l’avez affiché.")


class KeyReused(Exception):
    """The key of a request has already served for another one."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a person keeps of an act: the same each time the request is repeated."""

    reference: str
    seq: int
    move: str
    at: datetime.datetime
    state: str
    hash: str
    acted_for: str = ""
    took_effect: bool = True

    @classmethod
    def of(cls, event: Event) -> "Receipt":
        """Read it from the event, so that repeating it cannot change it."""
        return cls(
            reference=event.case.reference,
            seq=event.seq,
            move=event.move,
            at=event.at,
            state=json.loads(event.body)["facts"]["to"],
            hash=bytes(event.hash).hex(),
            acted_for=str(event.principal or ""),
            took_effect=event.kind != outbox.SIGNED,
        )


def _served(by: Any, key: UUID) -> Event | None:
    """Return the event that already answers a request, if there is one."""
    return (
        Event.objects.filter(actor=by, request_key=key)
        .select_related("case", "principal")
        .first()
    )


def repeated(case: Case, by: Any, key: UUID, name: str) -> Receipt | None:
    """
    Return the receipt of a request already served, if it was.

    :raises KeyReused: if its key has served for something else
    """
    event = _served(by, key)
    return _same(event, case, name) if event else None


def _same(event: Event, case: Case, name: str) -> Receipt:
    if event.case_id != case.pk or event.move != name:
        raise KeyReused(str(event.request_key))
    return Receipt.of(event)


def repeated_or_stale(case: Case, attempt: Attempt, name: str) -> Receipt:
    """
    Answer a request already served with its receipt.

    :raises StaleCase: if it was not served
    :raises KeyReused: if its key has served for something else
    """
    if event := _served(attempt.by, attempt.key):
        return _same(event, case, name)
    raise StaleCase(case, changes_since(case, attempt.seen))


def changes_since(case: Case, version: int) -> Sequence[Event]:
    """Return what happened to a case after a version of it, in order."""
    return list(
        Event.objects.filter(case=case, case_version__gt=version)
        .select_related("actor", "principal", "unit", "text")
        .order_by("seq")
    )
