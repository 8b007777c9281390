"""Check who is kept away from the cases: those declared, less those lifted."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from workflow.models import Case, Conflict, Event
from workflow.trail import canonical

DECLARED, LIFTED = "conflict", "conflict_lifted"  # the kinds of their events


class _Line(NamedTuple):
    """A conflict of interest beside the events that declared and lifted it."""

    pk: int
    case: int
    user: int
    declared_case: int
    declared_seq: int
    declared_kind: str
    declared_body: str
    lifted: int | None
    lifted_case: int | None
    lifted_seq: int | None
    lifted_kind: str | None
    lifted_body: str | None


_COLUMNS = (
    *("pk", "case_id", "user_id", "declared_by__case_id", "declared_by__seq"),
    *("declared_by__kind", "declared_by__body", "lifted_by_id"),
    *("lifted_by__case_id", "lifted_by__seq", "lifted_by__kind", "lifted_by__body"),
)


def check(cases: QuerySet[Case]) -> Iterator[str]:
    """Say what is wrong with the conflicts of interest of these cases."""
    # Each question is one statement: what is declared meanwhile is in it or is not.
    conflicts = Conflict.objects.filter(case__in=cases).order_by("pk")
    for line in map(_Line._make, conflicts.values_list(*_COLUMNS).iterator()):
        yield from _untrue(line)
    yield from _twice(cases)
    yield from _gone(cases)
    yield from _unknown(cases)


def _untrue(line: _Line) -> Iterator[str]:
    """Find a conflict that its events do not tell of."""
    where = f"workflow_conflict {line.pk}, colonne"
    declared = (line.declared_case, line.declared_kind, _about(line.declared_body))
    if declared != (line.case, DECLARED, line.user):
        yield f"{where} declared_by : cet événement n’écarte pas cette personne."
    if line.lifted is None:
        return
    lifted = (line.lifted_case, line.lifted_kind, _about(line.lifted_body))
    is_later = (line.lifted_seq or 0) > line.declared_seq
    if lifted != (line.case, LIFTED, line.user) or not is_later:
        yield f"{where} lifted_by : cet événement ne lève pas ce conflit."


def _about(body: str | None) -> object:
    return canonical.record_of(body).get("facts", {}).get("about")


def _twice(cases: QuerySet[Case]) -> Iterator[str]:
    """Find the events to which more conflicts refer than they can have written."""
    conflicts = Conflict.objects.filter(case__in=cases)
    for column in ("declared_by", "lifted_by"):
        told = conflicts.filter(**{f"{column}__isnull": False}).values_list(
            f"{column}__case__reference", f"{column}__seq"
        )
        shared = told.annotate(times=Count("pk")).filter(times__gt=1)
        for reference, seq, _ in shared.order_by(f"{column}_id"):
            yield (
                f"workflow_conflict, colonne {column} : plusieurs se réclament de "
                f"l’événement {reference}/{seq}."
            )


def _gone(cases: QuerySet[Case]) -> Iterator[str]:
    """Find the conflicts declared that are no more, and those lifted that stand."""
    events = Event.objects.filter(case__in=cases).order_by("case", "seq")
    place = (F("case__reference"), "seq")
    there = Exists(Conflict.objects.filter(declared_by=OuterRef("pk")))
    for reference, seq in events.filter(~there, kind=DECLARED).values_list(*place):
        yield f"workflow_conflict : celui de l’événement {reference}/{seq} manque."
    lifted = Exists(Conflict.objects.filter(lifted_by=OuterRef("pk")))
    for reference, seq in events.filter(~lifted, kind=LIFTED).values_list(*place):
        yield f"workflow_conflict : l’événement {reference}/{seq} n’en lève aucun."


def _unknown(cases: QuerySet[Case]) -> Iterator[str]:
    """Find the cases that do not say truly whether they keep somebody away."""
    standing = Exists(Conflict.objects.standing().filter(case=OuterRef("pk")))
    lying = Q(standing, has_conflicts=False) | Q(~standing, has_conflicts=True)
    found = cases.filter(lying).order_by("pk")
    for reference in found.values_list("reference", flat=True):
        yield f"workflow_case {reference}, colonne has_conflicts : elle est fausse."
