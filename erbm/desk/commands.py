"""What a person can do with a task: take charge of it, give it back, take it over."""

import datetime
from typing import Any

from django.db import transaction

from workflow import claims
from workflow.claims import AlreadyClaimed, TaskNotFound
from workflow.models import Task

__all__ = ["AlreadyClaimed", "TaskNotFound", "claim", "release", "take_over"]


@transaction.atomic(durable=True)
def claim(*, task_id: int, by: Any, at: datetime.datetime) -> Task:
    """
    Take charge of a task that nobody has.

    :raises TaskNotFound: if it is not open, or not the person's to do
    :raises AlreadyClaimed: if somebody else has it
    """
    return claims.claim(task_id=task_id, by=by, at=at)


@transaction.atomic(durable=True)
def release(*, task_id: int, by: Any, at: datetime.datetime) -> Task:
    """
    Give back a task that one had taken.

    :raises TaskNotFound: if it is not open, or not the person's to do
    :raises AlreadyClaimed: if somebody else has it
    """
    return claims.release(task_id=task_id, by=by, at=at)


@transaction.atomic(durable=True)
def take_over(*, task_id: int, by: Any, at: datetime.datetime) -> Task:
    """
    Take charge of a task whoever has it, within the same unit and role.

    :raises TaskNotFound: if it is not open, or not the person's to do
    """
    return claims.take_over(task_id=task_id, by=by, at=at)
