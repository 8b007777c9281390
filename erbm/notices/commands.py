"""What a person can do with what she is told: read it, choose how it reaches her."""

import datetime
from typing import Any

from django.db import transaction

from workflow import notices


@transaction.atomic(durable=True)
def read_case(*, case_id: int, by: Any, at: datetime.datetime) -> int:
    """Mark read all that one was told of a case."""
    return notices.read(case_id=case_id, by=by, at=at)


@transaction.atomic(durable=True)
def read_all(*, by: Any, at: datetime.datetime) -> int:
    """Mark read all that one was told."""
    return notices.read(by=by, at=at)
