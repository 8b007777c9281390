"""The cases of one procedure, counted state by state."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count as CountOf
from django.db.models import Q

from workflow.cases import bound_processes
from workflow.diagrams import Count
from workflow.models import Membership, Task
from workflow.process import Process
from workflow.standing import visible_cases


@dataclass(frozen=True, slots=True)
class Followed:
    """One version of a procedure, and how many cases follow it."""

    process: Process
    cases: int


def followed(name: str, memberships: Iterable[Membership]) -> list[Followed]:
    """Return the versions of a procedure, with the cases that one may know of."""
    versions = [process for process in bound_processes() if process.name == name]
    counts: dict[int, int] = {}
    if len(versions) > 1:
        found = visible_cases(memberships).filter(process=name).order_by()
        rows = found.values_list("process_version").annotate(CountOf("pk"))
        counts = dict(rows)
    return [Followed(p, counts.get(p.version, 0)) for p in versions]


def counts_of(
    process: Process, memberships: Iterable[Membership], at: datetime.datetime
) -> dict[str, Count]:
    """Count the cases that memberships let know of, and those kept waiting."""
    late = Task.objects.overdue(at).values("case")
    states = (
        visible_cases(memberships)
        .filter(process=process.name, process_version=process.version)
        .order_by()
        .values("state")
        .annotate(waiting=CountOf("pk"), overdue=CountOf("pk", filter=Q(pk__in=late)))
    )
    return {row["state"]: Count(row["waiting"], row["overdue"]) for row in states}
