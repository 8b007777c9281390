"""Who is on what, and since when: tasks are claimed, released, taken over, assigned."""

import dataclasses
import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from workflow import outbox, refusals, situations
from workflow.cases import process_of
from workflow.deadlines import LOCAL
from workflow.journeys import StepActivation
from workflow.models import Case, Membership, Task
from workflow.refusals import Ground, Refusal, prospective
from workflow.situations import Situation
from workflow.standing import memberships_of, standing_on
from workflow.trail import chain

IMPERSONAL = frozenset(
    {Ground.REQUIREMENT, Ground.CONTENT, Ground.INPUT, Ground.IDENTITY}
)
"""What stands in the way of a move whoever makes it, and may be mended."""


class TaskNotFound(LookupError):
    """There is no such open task, or the person may not know of it."""


class AlreadyClaimed(Exception):
    """Somebody else has it; the message says who, and since when."""

    def __init__(self, task: Task) -> None:
        self.task = task
        since = ""
        if task.assigned is not None:
            since = f" depuis le {task.assigned.astimezone(LOCAL):%d/%m/%Y à %H:%M}"
        super().__init__(
            f"« {task.label} » est déjà pris en charge par {task.owner}{since}."
        )


class ClaimRefused(Exception):
    """The person could not answer what she asks for; the message says why."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(" ".join(refusal.message for refusal in refusals))


class AssigneeRefused(Exception):
    """She could make none of the moves that answer the task; `refusals` says why."""

    def __init__(self, assignee: Any, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        reasons = " ".join(refusal.message for refusal in refusals)
        super().__init__(f"{assignee} ne peut y répondre. {reasons}")


def claim(*, task_id: int, by: Any, at: datetime.datetime) -> Task:
    """
    Take charge of a task that nobody has.

    :raises TaskNotFound: if it is not open, or not the person's to do
    :raises ClaimRefused: if she could make none of the moves that answer it
    :raises AlreadyClaimed: if somebody else has it
    """
    task, principal = locked_task(task_id, by, at)
    if task.owner_id == by.pk:
        return task
    if task.owner_id is not None:
        raise AlreadyClaimed(task)
    must_answer(task, by, at)
    return hand(task, by, chain.Entry("claim", by, at, principal=principal))


def take_over(*, task_id: int, by: Any, at: datetime.datetime) -> Task:
    """
    Take charge of a task whoever has it, within the same unit and role.

    :raises TaskNotFound: if it is not open, or not the person's to do
    :raises ClaimRefused: if she could make none of the moves that answer it
    """
    task, principal = locked_task(task_id, by, at)
    if task.owner_id == by.pk:
        return task
    must_answer(task, by, at)
    return hand(task, by, chain.Entry("take_over", by, at, principal=principal))


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
    return hand(task, None, chain.Entry("release", by, at, principal=principal))


def assign(*, task_id: int, to: Any, by: Any, at: datetime.datetime) -> Task:
    """
    Give a task to somebody of its unit, whoever has it.

    :raises TaskNotFound: if it is not open, or neither the person's to do nor asked
        of a unit that she heads
    :raises ClaimRefused: if a conflict of interest keeps the person away
    :raises AssigneeRefused: if the other could not answer it
    """
    task = _open_task(task_id)
    principal = _arranged_for(task, by, at)
    if found := refusals_of(task, to, at):
        raise AssigneeRefused(to, found)
    if task.owner_id == to.pk:
        return task
    entry = chain.Entry(
        "assign",
        by,
        at,
        principal=principal,
        facts={"assignee": to.pk},
        texts={"assignee": str(to)},
    )
    return hand(task, to, entry)


def locked_task(task_id: int, by: Any, at: datetime.datetime) -> tuple[Task, Any]:
    """
    Lock the case of a task, then read the task as the lock leaves it.

    Return also the person in whose name one acts on it, if it is not one's own.

    :raises TaskNotFound: if it is not open, or not the person's to do
    :raises ClaimRefused: if a conflict of interest keeps the person away
    """
    task = _open_task(task_id)
    return task, answered_for(task, by, at)


def _open_task(task_id: int) -> Task:
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
    return task


def answered_for(task: Task, by: Any, at: datetime.datetime) -> Any:
    """
    Return the person in whose name one may answer a task, if it is not one's own.

    :raises TaskNotFound: if it is not the person's to do
    :raises ClaimRefused: if a conflict of interest keeps the person away
    """
    memberships = memberships_of(by, at.astimezone(LOCAL).date())
    standing = standing_on(task.case, memberships)
    if task.unit not in standing.held.get(task.role, ()):
        raise TaskNotFound(task.pk)
    principal = standing.principal(task.role, task.unit)
    if found := refusals.of_conflicts(task.case, by, principal):
        raise ClaimRefused(found)
    return principal


def _arranged_for(task: Task, by: Any, at: datetime.datetime) -> Any:
    """Likewise, for whoever heads the unit of a task as well as for its people."""
    if heads(task, memberships_of(by, at.astimezone(LOCAL).date())):
        if found := refusals.of_conflicts(task.case, by, None):
            raise ClaimRefused(found)
        return None
    return answered_for(task, by, at)


def heads(task: Task, memberships: Iterable[Membership]) -> bool:
    """Tell whether one heads the unit of a task, oneself and for nobody."""
    return any(
        membership.is_head
        and membership.principal is None
        and membership.unit_id == task.unit_id
        and membership.covers(task.jurisdiction_id)
        for membership in memberships
    )


def refusals_of(task: Task, to: Any, at: datetime.datetime) -> list[Refusal]:
    """
    Return why somebody could make none of the moves that answer a task.

    What the case itself still lacks does not count: she may see to it.
    """
    process = process_of(task.case)
    subject = situations.locked(process, task.case_id)
    situation = situations.situation_of(process, subject, by=to, at=at)
    for other in situation.unfinished_tasks:
        if other.pk == task.pk:
            other.owner = to
    found: list[Refusal] = []
    for move in task.flow_task.offers:
        hers = [r for r in prospective(situation, move) if r.ground not in IMPERSONAL]
        if not hers:
            return _of_another_unit(situation, task)
        found += hers
    return list(dict.fromkeys(found))


def must_answer(task: Task, by: Any, at: datetime.datetime) -> None:
    """
    Refuse whoever could make none of the moves that answer a task.

    :raises ClaimRefused: with every reason
    """
    if found := refusals_of(task, by, at):
        raise ClaimRefused(found)


def _of_another_unit(situation: Situation, task: Task) -> list[Refusal]:
    """Refuse who may make a move, but not answer for the unit that is asked."""
    if task.unit in situation.standing.held.get(task.role, ()):
        return []
    whose = f"{situation.process.role_label(task.role)} ({task.unit.name})"
    return [Refusal(Ground.ROLE, f"« {task.label} » revient à : {whose}.")]


def hand(task: Task, owner: Any, entry: chain.Entry) -> Task:
    """Give a task to somebody, or back to its unit, and write it in the trail."""
    life, previous = StepActivation(task), task.owner_id
    if owner is not None and owner.pk != previous:
        life.reassign(owner, entry.at)
    elif owner is None:
        life.release()
    task.save(update_fields=["status", "owner", "assigned"])
    note(task, dataclasses.replace(entry, facts={"previous": previous, **entry.facts}))
    return task


def note(task: Task, entry: chain.Entry) -> None:
    """Write in the trail what becomes of a task, which moves nothing."""
    case = task.case
    state = {"from": case.state, "to": case.state}
    facts = {**state, "task": task.step, **entry.facts}
    entry = dataclasses.replace(entry, role=task.role, unit=task.unit, facts=facts)
    event = chain.append(case, entry)
    case.save_head()
    if outbox.enqueue(case.process, event):
        outbox.bell.ring()
