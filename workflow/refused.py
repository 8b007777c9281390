"""Keep in the register what was refused, once the transaction of it is undone."""

import datetime
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from workflow.answers import MoveRefused
from workflow.models import Case, EntryKind
from workflow.refusals import Refusal
from workflow.trail import register

logger = logging.getLogger(__name__)

ONCE = 1
"""The same person, case, move and reasons: said once, however often she tries."""


@contextmanager
def kept(move: str, *, by: Any, at: datetime.datetime, **case: int) -> Iterator[None]:
    """
    Run a command in its transaction; if its move is refused, write who tried what.

    `case` is what its case is found by, `pk` or `tasks`: none if it is of no case.
    What cannot be written is logged: the person has her answer all the same.

    :raises MoveRefused: if the command does
    """
    try:
        with transaction.atomic(durable=True):
            yield
    except MoveRefused as refused:
        try:
            found = Case.objects.filter(**case).first() if case else None
            note(move, found, refused.refusals, by=by, at=at)
        except Exception:
            logger.exception("a refusal is not in the register")
        raise


def note(
    move: str,
    case: Case | None,
    refusals: Sequence[Refusal],
    *,
    by: Any,
    at: datetime.datetime,
) -> None:
    """Write who tried what on which case, and why not, in a transaction of its own."""
    with transaction.atomic():
        register.enter_sparingly(
            EntryKind.MOVE_REFUSED,
            by=by,
            at=at,
            case=case,
            facts=facts_of(move, case, refusals),
            texts={"reasons": "\n".join(refusal.message for refusal in refusals)},
            alike=ONCE,
        )


def facts_of(
    move: str, case: Case | None, refusals: Sequence[Refusal]
) -> dict[str, Any]:
    """Return what is said of a refusal in clear: codes, and no name."""
    return {
        "move": move,
        "grounds": sorted({refusal.ground.value for refusal in refusals}),
        "fields": sorted({refusal.field for refusal in refusals if refusal.field}),
        "case_version": case.version if case else None,
    }
