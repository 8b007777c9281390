"""The tasks that one person finds in her inbox at one moment."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from erbm.operations.models import Operation
from workflow import inbox
from workflow.inbox import Box
from workflow.models import Membership
from workflow.models.journeys import TaskQuerySet


@dataclass(frozen=True)
class Inbox:
    """
    The boxes of a person, reduced by what she said of the operations.

    Counts are reduced too: a box counts the tasks that it would show.
    """

    by: Any
    memberships: Sequence[Membership]
    at: datetime.datetime
    said: Mapping[str, Any]

    def tasks(self, box: Box) -> TaskQuerySet:
        found = inbox.tasks_in(
            box, by=self.by, memberships=self.memberships, at=self.at
        )
        return _reduced(found, self.said)

    @cached_property
    def counts(self) -> dict[Box, int]:
        return {box: inbox.count(self.tasks(box)) for box in Box}

    def box(self, wanted: str) -> Box:
        """Return the box asked for, else the first that has something to do."""
        try:
            return Box(wanted)
        except ValueError:
            return Box.MINE if self.counts[Box.MINE] else Box.UNITS

    def has_known(self, task_id: int) -> bool:
        """Tell whether a task, open or not, was asked of the person."""
        return inbox.addressed_to(self.memberships).filter(pk=task_id).exists()


def _reduced(tasks: TaskQuerySet, said: Mapping[str, Any]) -> TaskQuerySet:
    columns = {"jurisdiction": "jurisdiction__code", "stage": "stage", "kind": "kind"}
    for name, column in columns.items():
        if value := said.get(name):
            tasks = tasks.filter(**{column: value})
    if text := said.get("q"):
        tasks = tasks.filter(case__in=Operation.objects.matching(text).values("pk"))
    return tasks
