"""What a person can do with what she is told: read it, choose how it reaches her."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from workflow import feeds, notices


@transaction.atomic(durable=True)
def read_case(*, case_id: int, by: Any, at: datetime.datetime) -> int:
    """Mark read all that one was told of a case."""
    return notices.read(case_id=case_id, by=by, at=at)


@transaction.atomic(durable=True)
def read_all(*, by: Any, at: datetime.datetime) -> int:
    """Mark read all that one was told."""
    return notices.read(by=by, at=at)


@transaction.atomic(durable=True)
def choose(*, paces: Mapping[str, str], by: Any, at: datetime.datetime) -> None:
    """Choose when each kind of notice comes by e-mail."""
    notices.choose(paces=paces, by=by, at=at)


@transaction.atomic(durable=True)
def open_calendar(*, by: Any, at: datetime.datetime) -> str:
    """Make the secret of one's calendar, in place of the former one; return it."""
    return feeds.open_feed(by=by, at=at)


@transaction.atomic(durable=True)
def revoke_calendar(*, by: Any, at: datetime.datetime) -> int:
    """Have the address of one's calendar open nothing any more."""
    return feeds.revoke(by=by, at=at)
