"""What a person can do from the desk: share tasks out, have messages sent again."""

import datetime
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import transaction

from erbm.accounts.queries import administers
from flows.roles import Role
from workflow import bulk, claims, incidents
from workflow.bulk import BatchNotFound, BatchRefused, Said
from workflow.claims import AlreadyClaimed, ClaimRefused, TaskNotFound
from workflow.deadlines import local_day
from workflow.incidents import IncidentNotFound
from workflow.models import Batch, Message, Task

__all__ = [
    "AlreadyClaimed",
    "BatchNotFound",
    "BatchRefused",
    "ClaimRefused",
    "IncidentNotFound",
    "TaskNotFound",
    "claim",
    "prepare_batch",
    "release",
    "replay",
    "replay_all",
    "start_batch",
    "take_over",
]


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
