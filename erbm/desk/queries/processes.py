"""The cases of one procedure, counted state by state."""

import datetime
from collections.abc import Iterable

from django.db.models import Count as CountOf
from django.db.models import Q

from workflow.diagrams import Count
from workflow.models import Membership, Task
from workflow.process import Process
from workflow.standing import visible_cases


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
