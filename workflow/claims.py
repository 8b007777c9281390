"""Take charge of a task, give it back, take it over: who is on what, and since when."""

import datetime
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from workflow import refusals
from workflow.deadlines import LOCAL
from workflow.journeys import StepActivation
from workflow.models import Case, Task
from workflow.refusals import Refusal
from workflow.standing import memberships_of, standing_on
from workflow.trail import chain


class TaskNotFound(LookupError):
    """There is no such open task, or the person may not know of it."""


class AlreadyClaimed(Exception):
    """Somebody else has it; the message says who."""

    def __init__(self, task: Task) -> None:
        self.task = task
        super().__init__(f"« {task.label} » est déjà pris en charge par {task.owner}.")


class ClaimRefused(Exception):
    """The person takes no part in the decisions of the case; the message says why."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(" ".join(refusal.message for refusal in refusals))


def claim(*, task_id: int, by: Any, at: datetime.datetime) -> Task:
    """
    Take charge of a task that nobody has.

    :raises TaskNotFound: if it is not open, or not the person's to do
    :raises ClaimRefused: if a conflict of interest keeps the person away
    :raises AlreadyClaimed: if somebody else has it
    """
    task, principal = locked_task(task_id, by, at)
    if task.owner_id == by.pk:
        return task
    if task.owner_id is not None:
        raise AlreadyClaimed(task)
    return _record(task, "claim", by, principal, at, lambda life: life.assign(by, at))


def take_over(*, task_id: int, by: Any, at: datetime.datetime) -> Task:
    """
    Take charge of a task whoever has it, within the same unit and role.

    :raises TaskNotFound: if it is not open, or not the person's to do
    """
    task, principal = locked_task(task_id, by, at)
    if task.owner_id == by.pk:
        return task
    return _record(
        task, "take_over", by, principal, at, lambda life: life.reassign(by, at)
    )


def release(*, task_id: int, by: Any, at: datetime.datetime) -> Task:
    """
    Give back a task that one had taken.

    :raises TaskNotFound: if it is not open, or not the person's to do
    :raises AlreadyClaimed: if somebody else has it
    """
    task, principal = locked_task(task_id, by, at)
    if task.owner_id is None:
        return task
    if task.owner_id != by.pk:
        raise AlreadyClaimed(task)
    return _record(task, "release", by, principal, at, lambda life: life.release())


def locked_task(task_id: int, by: Any, at: datetime.datetime) -> tuple[Task, Any]:
    """
    Lock the task's case, then read the task again as the lock leaves it.

    Return also the person in whose name one acts on it, if it is not one's own.
    """
    assert connection.in_atomic_block
    cases = Case.objects.select_for_update(of=("self",)).filter(tasks=task_id)
    case = cases.first()
    task = (
        Task.objects.open()
        .filter(pk=task_id)
        .select_related("owner", "unit", "process")
        .first()
    )
    if case is None or task is None:
        raise TaskNotFound(task_id)
    task.case = case
    standing = standing_on(case, memberships_of(by, at.astimezone(LOCAL).date()))
    if task.unit not in standing.held.get(task.role, ()):
        raise TaskNotFound(task_id)
    principal = standing.principal(task.role, task.unit)
    if found := refusals.of_conflicts(case, by, principal):
        raise ClaimRefused(found)
    return task, principal


def _record(
    task: Task,
    kind: str,
    by: Any,
    principal: Any,
    at: datetime.datetime,
    change: Callable[[StepActivation], None],
) -> Task:
    previous = task.owner_id
    change(StepActivation(task))
    task.save(update_fields=["status", "owner", "assigned"])
    case = task.case
    chain.append(
        case,
        chain.Entry(
            kind=kind,
            actor=by,
            principal=principal,
            at=at,
            role=task.role,
            unit=task.unit,
            facts={"to": case.state, "task": task.step, "previous": previous},
        ),
    )
    case.save(update_fields=["latest_seq", "latest_hash"])
    return task
