"""Open the grants of an operation, one for each line that somebody else pays."""

import datetime
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from erbm.funding.models import Line
from erbm.grants import terms
from erbm.grants.models import Grant
from erbm.grants.parties import Rulebook
from erbm.operations.models import Operation
from erbm.programme import reservations
from erbm.programme.models import Envelope
from erbm.programme.rules import rule as rule_of
from flows.grant import lifecycle
from workflow import opening
from workflow.cases import latest_of
from workflow.deadlines import local_day
from workflow.models import Case

OPEN = "opening"


def open_missing(
    *,
    operation: Operation,
    role: str,
    by: Any,
    at: datetime.datetime,
    lines: Sequence[int] | None = None,
    key: UUID | None = None,
) -> list[Grant]:
    """
    Open the grants that some lines of an operation do not have yet; all unless told.

    Within the caller's transaction: the case of the operation is held, so that of two
    who come together the second finds nothing left to open.
    """
    Case.objects.select_for_update(of=("self",)).get(pk=operation.pk)
    free = operation.lines.grants().followed_elsewhere().awaiting_notification()
    if lines is not None:
        free = free.filter(pk__in=lines)
    wanted = list(free.exclude(funder=None).select_related("funder").order_by("pk"))
    if not wanted:
        return []
    rulebook = Rulebook.load()
    new = [_new_case(operation, line, rulebook, at, key) for line in wanted]
    process = latest_of(lifecycle.PROCESS.name)
    opening.open_cases(process, new, role=role, by=by, at=at)
    Line.objects.filter(pk__in=[line.pk for line in wanted]).update(is_followed=True)
    return [case.subject for case in new]  # type: ignore[misc]


def _new_case(
    operation: Operation,
    line: Line,
    rulebook: Rulebook,
    at: datetime.datetime,
    key: UUID | None,
) -> opening.NewCase:
    grant = _grant(operation, line, at)
    return opening.NewCase(
        subject=grant,
        title=f"{line.get_scheme_display()} · {operation.case.title}"[:300],
        jurisdiction=operation.case.jurisdiction,
        amount_cents=line.amount_cents,
        parties=rulebook.parties_of(operation, line, grant.rule),
        facts={
            "operation": operation.case.reference,
            "line": line.noted,
            "received_on": grant.received_on,
            "rule": [grant.rule.scheme, str(grant.rule.year), str(grant.rule.version)],
        },
        key=key,
    )


def _grant(operation: Operation, line: Line, at: datetime.datetime) -> Grant:
    received_on = local_day(at)
    rule = rule_of(line.scheme, received_on.year)
    return Grant(
        operation=operation,
        line=line,
        scheme=line.scheme,
        year=received_on.year,
        rule=rule,
        funder=line.funder,
        owner=operation.owner,
        envelope=envelope_for(operation, line.scheme, received_on.year),
        requested_cents=line.amount_cents,
        purpose=operation.case.title,
        received_on=received_on,
        completeness_due_on=terms.completeness_due(rule, received_on),
        decision_due_on=terms.decision_due(rule, received_on),
    )


def envelope_for(operation: Operation, scheme: str, year: int) -> Envelope | None:
    """
    Return the envelope in which money waits for an operation, or else the nearest.

    The nearest is that of the arrondissement, or else around it.
    """
    if held := reservations.held_for(operation.pk, scheme):
        return held.envelope
    return envelopes_for(operation, scheme).filter(year=year).first()


def envelopes_for(operation: Operation, scheme: str) -> "QuerySet[Envelope]":
    """Find the envelopes that may pay an operation: the latest first, then nearest."""
    places = set(operation.communes.values_list("departement", flat=True))
    here = Q(jurisdiction=operation.case.jurisdiction_id)
    here |= Q(jurisdiction=None, departement__in=[*places, ""])
    found = Envelope.objects.with_places().filter(here, scheme=scheme)
    nearest = F("jurisdiction").asc(nulls_last=True)
    return found.order_by("-year", nearest, "-departement", "pk")
