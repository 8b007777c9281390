"""What a person can do from the desk: share tasks out, mark, keep views, replay."""

import datetime
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from erbm.accounts.queries import administers
from flows.roles import Role
from workflow import (
    bulk,
    claims,
    closures,
    delegations,
    incidents,
    marks,
    priorities,
    saved_views,
    substitutions,
)
from workflow.bulk import BatchNotFound, BatchRefused, Said
from workflow.claims import (
    AlreadyClaimed,
    AssigneeRefused,
    ClaimRefused,
    TaskNotFound,
)
from workflow.closures import ClosureNotFound, ClosureRefused, NotHead
from workflow.deadlines import local_day
from workflow.delegations import DelegationNotFound, DelegationRefused, Request
from workflow.inbox import Box
from workflow.incidents import IncidentNotFound
from workflow.marks import CaseNotFound, DayRefused, TaskNotMine
from workflow.models import (
    Batch,
    Case,
    Closure,
    Delegation,
    Message,
    Priority,
    SavedView,
    Substitution,
    Task,
)
from workflow.priorities import MoveRefused
from workflow.saved_views import ViewNotFound, ViewRefused
from workflow.substitutions import Absence, SubstitutionNotFound, SubstitutionRefused

__all__ = [
    "Absence",
    "AlreadyClaimed",
    "AssigneeRefused",
    "BatchNotFound",
    "BatchRefused",
    "CaseNotFound",
    "ClaimRefused",
    "ClosureNotFound",
    "ClosureRefused",
    "DayRefused",
    "DelegationNotFound",
    "DelegationRefused",
    "IncidentNotFound",
    "MoveRefused",
    "NotHead",
    "Request",
    "SubstitutionNotFound",
    "SubstitutionRefused",
    "TaskNotFound",
    "TaskNotMine",
    "ViewNotFound",
    "ViewRefused",
    "assign",
    "bring_back",
    "claim",
    "close_unit",
    "delegate",
    "delete_view",
    "follow",
    "hand_back",
    "open_on_view",
    "prepare_batch",
    "prioritise_case",
    "prioritise_task",
    "put_off",
    "release",
    "reopen_unit",
    "replace_view",
    "replay",
    "replay_all",
    "revise_view",
    "revoke",
    "save_view",
    "start_batch",
    "substitute",
    "take_over",
    "unfollow",
    "withdraw",
]


@transaction.atomic(durable=True)
def close_unit(
    *,
    unit_id: int,
    first_on: datetime.date,
    last_on: datetime.date,
    label: str,
    by: Any,
    at: datetime.datetime,
) -> Closure:
    """
    Close a unit for some days, which count in no delay in worked days from now on.

    :raises NotHead: if the person does not head the unit
    :raises ClosureRefused: if the days are past, upside down or too many
    """
    return closures.add(
        unit_id=unit_id, first_on=first_on, last_on=last_on, label=label, by=by, at=at
    )


@transaction.atomic(durable=True)
def reopen_unit(
    *, unit_id: int, closure_id: int, by: Any, at: datetime.datetime
) -> Closure:
    """
    Take back a closure that is not over.

    :raises NotHead: if the person does not head the unit
    :raises ClosureNotFound: if the unit has none of this number that is not over
    """
    return closures.remove(unit_id=unit_id, closure_id=closure_id, by=by, at=at)


@transaction.atomic(durable=True)
def claim(*, task_id: int, by: Any, at: datetime.datetime) -> Task:
    """
    Take charge of a task that nobody has.

    :raises TaskNotFound: if it is not open, or not the person's to do
    :raises ClaimRefused: if a conflict of interest keeps the person away
    :raises AlreadyClaimed: if somebody else has it
    """
    return claims.claim(task_id=task_id, by=by, at=at)


@transaction.atomic(durable=True)
def release(*, task_id: int, by: Any, at: datetime.datetime) -> Task:
    """
    Give back a task that one had taken.

    :raises TaskNotFound: if it is not open, or not the person's to do
    :raises ClaimRefused: if a conflict of interest keeps the person away
    :raises AlreadyClaimed: if somebody else has it
    """
    return claims.release(task_id=task_id, by=by, at=at)


@transaction.atomic(durable=True)
def take_over(*, task_id: int, by: Any, at: datetime.datetime) -> Task:
    """
    Take charge of a task whoever has it, within the same unit and role.

    :raises TaskNotFound: if it is not open, or not the person's to do
    :raises ClaimRefused: if a conflict of interest keeps the person away
    """
    return claims.take_over(task_id=task_id, by=by, at=at)


@transaction.atomic(durable=True)
def assign(*, task_id: int, to: Any, by: Any, at: datetime.datetime) -> Task:
    """
    Give a task to somebody of its unit, whoever has it.

    :raises TaskNotFound: if it is not open, or neither the person's to do nor asked
        of a unit that she heads
    :raises ClaimRefused: if a conflict of interest keeps the person away
    :raises AssigneeRefused: if the other could not answer it
    """
    return claims.assign(task_id=task_id, to=to, by=by, at=at)


@transaction.atomic(durable=True)
def delegate(
    *, task_id: int, request: Request, by: Any, at: datetime.datetime
) -> Delegation:
    """
    Ask somebody to prepare the answer to a task, and keep the task.

    :raises TaskNotFound: if it is not open, or not the person's to do
    :raises ClaimRefused: if a conflict of interest keeps the person away
    :raises AlreadyClaimed: if somebody else has it
    :raises DelegationRefused: if nothing can be asked of them; every reason is said
    """
    return delegations.delegate(task_id=task_id, request=request, by=by, at=at)


@transaction.atomic(durable=True)
def hand_back(
    *, delegation_id: int, answer: str, by: Any, at: datetime.datetime
) -> Delegation:
    """
    Give what one was asked to prepare to whoever asked for it.

    :raises DelegationNotFound: if nothing is awaited, or not of this person
    :raises DelegationRefused: if the answer says nothing, or cannot be written
    """
    return delegations.hand_back(
        delegation_id=delegation_id, answer=answer, by=by, at=at
    )


@transaction.atomic(durable=True)
def withdraw(*, delegation_id: int, by: Any, at: datetime.datetime) -> Delegation:
    """
    Ask no longer for what was to be prepared.

    :raises DelegationNotFound: if nothing is awaited, or if the person neither asked
        for it nor has the task
    :raises TaskNotFound: if the task is no longer hers to do
    """
    return delegations.withdraw(delegation_id=delegation_id, by=by, at=at)


@transaction.atomic(durable=True)
def substitute(*, absence: Absence, by: Any, at: datetime.datetime) -> Substitution:
    """
    Let somebody act in the name of a person who is away.

    :raises SubstitutionRefused: if anything forbids it; every reason is said
    """
    return substitutions.substitute(absence=absence, by=by, at=at)


@transaction.atomic(durable=True)
def revoke(*, substitution_id: int, by: Any, at: datetime.datetime) -> Substitution:
    """
    End a substitution at once.

    :raises SubstitutionNotFound: if it is over, or not the person's to revoke
    """
    return substitutions.revoke(substitution_id=substitution_id, by=by, at=at)


@transaction.atomic(durable=True)
def replay(*, message_id: int, by: Any, at: datetime.datetime) -> Message:
    """
    Have a message that was given up delivered again.

    :raises IncidentNotFound: if it has not been given up, or the person does not
        administer the software
    """
    if not administers(by, local_day(at)):
        raise IncidentNotFound(message_id)
    return incidents.replay(
        message_id=message_id, role=Role.ADMINISTRATOR, by=by, at=at
    )


@transaction.atomic(durable=True)
def replay_all(*, by: Any, at: datetime.datetime) -> list[Message]:
    """
    Have every message that was given up delivered again.

    :raises IncidentNotFound: if the person does not administer the software
    """
    if not administers(by, local_day(at)):
        raise IncidentNotFound
    return incidents.replay_all(role=Role.ADMINISTRATOR, by=by, at=at)


@transaction.atomic(durable=True)
def prepare_batch(
    *, case_ids: Collection[int], key: UUID, by: Any, at: datetime.datetime
) -> Batch:
    """
    Put aside the cases on which a person means to make one move.

    :raises BatchRefused: if she chose none, or too many
    """
    return bulk.prepare(case_ids=case_ids, key=key, by=by, at=at)


@transaction.atomic(durable=True)
def start_batch(*, batch_id: int, said: Said, by: Any, at: datetime.datetime) -> Batch:
    """
    Have a move made on every case of a batch.

    :raises BatchNotFound: if it is not hers
    """
    return bulk.start(batch_id=batch_id, said=said, by=by, at=at)


# Marks, priorities


@transaction.atomic(durable=True)
def follow(*, case_id: int, by: Any, at: datetime.datetime) -> Case:
    """
    Follow a case that one may know of.

    :raises CaseNotFound: if there is none, or none that she may know of
    """
    return marks.follow(case_id=case_id, by=by, at=at)


@transaction.atomic(durable=True)
def unfollow(*, case_id: int, by: Any, at: datetime.datetime) -> Case:
    """
    Follow a case no more.

    :raises CaseNotFound: if there is none that she followed or may know of
    """
    return marks.unfollow(case_id=case_id, by=by, at=at)


@transaction.atomic(durable=True)
def put_off(
    *, task_id: int, until: datetime.date, by: Any, at: datetime.datetime
) -> Task:
    """
    Hide a task from one's own until a day.

    :raises TaskNotMine: if the person has not taken charge of it, or it waits no more
    :raises DayRefused: if the day has come already, or is too far
    """
    return marks.put_off(task_id=task_id, until=until, by=by, at=at)


@transaction.atomic(durable=True)
def bring_back(*, task_id: int, by: Any, at: datetime.datetime) -> Task:
    """
    Put a task back among one's own before its day.

    :raises TaskNotMine: if the person has not taken charge of it, or it waits no more
    """
    return marks.bring_back(task_id=task_id, by=by, at=at)


@transaction.atomic(durable=True)
def prioritise_task(
    *, task_id: int, priority: Priority, by: Any, at: datetime.datetime
) -> Task:
    """
    Set the priority of one task.

    :raises TaskNotFound: if it is not open, or not the person's to do
    """
    return priorities.set_on_task(task_id=task_id, priority=priority, by=by, at=at)


@transaction.atomic(durable=True)
def prioritise_case(
    *, case_id: int, priority: Priority, by: Any, at: datetime.datetime
) -> Case:
    """
    Set the priority of a case, and of all that it asks.

    :raises CaseNotFound: if there is none, or none that the person may know of
    :raises MoveRefused: if the person may not; every reason is said
    """
    case = marks.known_case(case_id=case_id, by=by, at=at)
    return priorities.set_on_case(case=case, priority=priority, by=by, at=at)


# Views


@transaction.atomic(durable=True)
def save_view(
    *, name: str, box: Box, said: Mapping[str, str], by: Any, at: datetime.datetime
) -> SavedView:
    """
    Keep a question under a name, for oneself.

    :raises ViewRefused: if the name is taken or missing, or there are too many views
    """
    return saved_views.save(name=name, box=box, said=said, by=by, at=at)


@transaction.atomic(durable=True)
def replace_view(
    *,
    view_id: int,
    box: Box,
    said: Mapping[str, str],
    by: Any,
    at: datetime.datetime,
) -> SavedView:
    """
    Have a view ask another question.

    :raises ViewNotFound: if the person may not know of it
    :raises ViewRefused: if it is not hers to change
    """
    return saved_views.replace(view_id=view_id, box=box, said=said, by=by, at=at)


@transaction.atomic(durable=True)
def revise_view(
    *, view_id: int, name: str, unit_id: int | None, by: Any, at: datetime.datetime
) -> SavedView:
    """
    Rename a view, and share it with a unit or with nobody.

    :raises ViewNotFound: if the person may not know of it
    :raises ViewRefused: if it cannot be so; the message says why
    """
    return saved_views.revise(view_id=view_id, name=name, unit_id=unit_id, by=by, at=at)


@transaction.atomic(durable=True)
def delete_view(*, view_id: int, by: Any, at: datetime.datetime) -> str:
    """
    Delete a view, and return the name it had.

    :raises ViewNotFound: if the person may not know of it
    :raises ViewRefused: if it is not hers to change
    """
    return saved_views.delete(view_id=view_id, by=by, at=at)


@transaction.atomic(durable=True)
def open_on_view(*, view_id: int | None, by: Any, at: datetime.datetime) -> None:
    """
    Choose the view on which one's inbox opens, or none.

    :raises ViewNotFound: if the person may not know of it
    """
    saved_views.open_on(view_id=view_id, by=by, at=at)
