"""Check the signatures: each against the event that gave it, and none that is gone."""

import datetime
from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from workflow.models import Case, Event, Signature
from workflow.trail import canonical

SIGNED = "signature"  # the kind of an event that gave one, and took no effect by itself
MADE = "move"


class _Line(NamedTuple):
    """A signature beside the events that gave it, spent it and struck it out."""

    pk: int
    case: int
    move: str
    role: str
    user: int
    principal: int | None
    at: datetime.datetime
    content: dict[str, str]
    given: int
    given_case: int | None
    given_seq: int | None
    body: str | None
    spent: int | None
    spent_case: int | None
    spent_seq: int | None
    spent_kind: str | None
    spent_move: str | None
    struck: int | None
    struck_case: int | None
    struck_seq: int | None


_COLUMNS = (
    *("pk", "case_id", "move", "role", "user_id", "principal_id", "at", "content"),
    *("event_id", "event__case_id", "event__seq", "event__body"),
    *("took_effect_by_id", "took_effect_by__case_id", "took_effect_by__seq"),
    *("took_effect_by__kind", "took_effect_by__move"),
    *("struck_by_id", "struck_by__case_id", "struck_by__seq"),
)


def check(cases: QuerySet[Case]) -> Iterator[str]:
    """Say what is wrong with the signatures of these cases."""
    signatures = Signature.objects.filter(case__in=cases).order_by("pk")
    for line in map(_Line._make, signatures.values_list(*_COLUMNS).iterator()):
        yield from _untrue(line)
        yield from _misplaced(line)
    yield from _gone(cases)


def _untrue(line: _Line) -> Iterator[str]:
    """Find the columns that contradict the event by which it was given."""
    where = f"workflow_signature {line.pk}, colonne"
    body = canonical.record_of(line.body)
    if not body or line.given_case != line.case:
        yield f"{where} event : cet événement n’est pas de son dossier."
        return
    said = {
        "move": (line.move, body.get("move")),
        "role": (line.role, body.get("role")),
        "user": (line.user, body.get("actor")),
        "principal": (line.principal, body.get("principal")),
        "at": (canonical.moment(line.at), body.get("at")),
        "content": (line.content, body.get("facts", {}).get("content", {})),
    }
    for column, (stored, told) in said.items():
        if stored != told:
            yield f"{where} {column} : elle contredit l’événement qui l’a donnée."


def _misplaced(line: _Line) -> Iterator[str]:
    """Find what would have spent it, or struck it out, and cannot have."""
    where = f"workflow_signature {line.pk}, colonne"
    if line.spent is not None and (
        (line.spent_case, line.spent_kind, line.spent_move)
        != (line.case, MADE, line.move)
        or (line.spent_seq or 0) < (line.given_seq or 0)
    ):
        yield f"{where} took_effect_by : ce geste n’est pas celui qu’elle signe."
    if line.struck is not None and (
        line.struck_case != line.case or (line.struck_seq or 0) <= (line.given_seq or 0)
    ):
        yield f"{where} struck_by : cet événement n’a pu la rayer."


def _gone(cases: QuerySet[Case]) -> Iterator[str]:
    """Find the signatures that no event gave, and those given that are no more."""
    event = Exists(Event.objects.filter(pk=OuterRef("event_id")))
    strays = Signature.objects.filter(~event, case__in=cases).order_by("pk")
    for key in strays.values_list("pk", flat=True):
        yield f"workflow_signature {key}, colonne event : cet événement n’existe pas."
    moved = Signature.objects.filter(event__case__in=cases).order_by("pk")
    for key in moved.exclude(case=F("event__case")).values_list("pk", flat=True):
        yield f"workflow_signature {key}, colonne case : son événement est d’un autre."
    given = Exists(Signature.objects.filter(event=OuterRef("pk")))
    spending = Exists(Signature.objects.filter(took_effect_by=OuterRef("pk")))
    events = Event.objects.filter(case__in=cases).filter(
        Q(kind=SIGNED) | Q(spending, kind=MADE)
    )
    missing = events.filter(~given).order_by("case", "seq")
    for reference, seq in missing.values_list(F("case__reference"), "seq"):
        yield f"workflow_signature : celle de l’événement {reference}/{seq} manque."
