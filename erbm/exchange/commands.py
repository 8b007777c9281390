"""What a person can do with comments: write one, take back her own."""

import datetime
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from workflow import comments, refused
from workflow.comments import NewFile, Said
from workflow.engine import Receipt
from workflow.models import Case
from workflow.process import Process


def write(
    *,
    process: Process,
    case_id: int,
    to: str,
    text: str,
    key: UUID,
    people: Sequence[int] = (),
    units: Sequence[int] = (),
    files: Sequence[NewFile] = (),
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Write a comment, and tell those on whom it calls.

    :raises MoveRefused: if anything forbids it; every reason is said
    """
    said = Said(
        to=to,
        text=text,
        by=by,
        at=at,
        key=key,
        people=people,
        units=units,
        files=files,
    )
    with refused.kept(comments.WRITTEN, by=by, at=at, pk=case_id):
        return comments.write(process, case_id, said)


def withdraw(
    *,
    process: Process,
    case_id: int,
    comment_id: int,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Take back a comment of one's own.

    :raises CommentNotFound: if it is not hers, or she may not read it any more
    :raises MoveRefused: if it is taken back already
    """
    with refused.kept(comments.WITHDRAWN, by=by, at=at, pk=case_id):
        return comments.withdraw(process, case_id, comment_id, key=key, by=by, at=at)


@transaction.atomic(durable=True)
def mark_seen(*, case: Case, by: Any, at: datetime.datetime) -> int:
    """Note that a person has read what calls on her."""
    return comments.mark_seen(case, by=by, at=at)
