"""Look every night for the cases that contradict the rules, and keep what is found."""

import datetime
from collections.abc import Callable
from itertools import islice
from typing import Any

from django.db import transaction

from workflow import incidents
from workflow.models import Case, EntryKind, Finding, Inspection
from workflow.trail import register

KEPT = 1_000
"""How many findings of one inspection are kept; they are all counted."""

OVERDUE = datetime.timedelta(hours=26)
"""How long after the latest inspection the next one is missed."""


def latest() -> Inspection | None:
    """Return the latest inspection, if there ever was one."""
    inspections = Inspection.objects.select_related("asked_by")
    return inspections.order_by("-started_at", "-pk").first()


def inspect(
    *, by: Any, at: datetime.datetime, clock: Callable[[], datetime.datetime]
) -> Inspection:
    """
    Look for the cases that contradict the rules, and write down which.

    `by` is nobody when the night asks; `clock` says when the search ends.
    """
    found = incidents.contradictions(at=at)
    kept = list(islice(found, KEPT))
    more = sum(1 for _ in found)
    with transaction.atomic():
        inspection = Inspection.objects.create(
            started_at=at,
            ended_at=clock(),
            asked_by=by,
            cases=Case.objects.count(),
            found=len(kept) + more,
        )
        Finding.objects.bulk_create(
            Finding(inspection=inspection, case=one.case, message=one.message)
            for one in kept
        )
        if by is not None:
            facts = {"inspection": inspection.pk, "found": inspection.found}
            register.enter(EntryKind.INSPECTED, by=by, at=at, facts=facts)
    return inspection


def fault(at: datetime.datetime) -> str:
    """Say what is wrong with the inspections, for those who watch: nothing if well."""
    inspection = latest()
    if inspection is None:
        return "never run"
    if at - inspection.started_at > OVERDUE:
        return f"latest run {at - inspection.started_at} ago"
    return f"{inspection.found} found" if inspection.found else ""
