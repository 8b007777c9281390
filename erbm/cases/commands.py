"""What a person can do with a case of any procedure: one function, one transaction."""

import datetime
from typing import Any
from uuid import UUID

from workflow import clocks, conflicts, engine, refused
from workflow.engine import Attempt, KeyReused, MoveRefused, Receipt, StaleCase
from workflow.process import Process

__all__ = ["Attempt", "KeyReused", "MoveRefused", "Receipt", "StaleCase"]


def make_move(*, case_id: int, process: Process, attempt: Attempt) -> Receipt:
    """
    Make one move of a procedure.

    :raises Subject.DoesNotExist: if no such case follows that procedure
    :raises StaleCase: if it has changed since the person saw it
    :raises MoveRefused: if anything forbids it
    """
    name, by, at = attempt.move.name, attempt.by, attempt.at
    with refused.kept(name, by=by, at=at, pk=case_id):
        return engine.fire(process, case_id, attempt)


def declare_conflict(
    *,
    case_id: int,
    process: Process,
    about: Any,
    reason: str,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Keep a person away from the decisions of a case.

    :raises MoveRefused: if it is not for this person to say
    """
    said = conflicts.Statement(about=about, by=by, at=at, reason=reason, key=key)
    with refused.kept(conflicts.DECLARED, by=by, at=at, pk=case_id):
        return conflicts.declare(process, case_id, said)


def lift_conflict(
    *,
    case_id: int,
    process: Process,
    about: Any,
    reason: str,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Let a person take part again in the decisions of a case.

    :raises MoveRefused: if it is not for this person to say
    """
    said = conflicts.Statement(about=about, by=by, at=at, reason=reason, key=key)
    with refused.kept(conflicts.LIFTED, by=by, at=at, pk=case_id):
        return conflicts.lift(process, case_id, said)


def stop_clock(*, turn: clocks.Turn) -> Receipt:
    """
    Stop the clock of one task.

    :raises ClockNotFound: if the task is not open
    :raises MoveRefused: if the person may not, or if it stands already
    """
    with refused.kept(clocks.STOPPED, by=turn.by, at=turn.at, tasks=turn.task_id):
        return clocks.stop(turn)


def resume_clock(*, turn: clocks.Turn) -> Receipt:
    """
    Let the clock of one task go on.

    :raises ClockNotFound: if the task is not open
    :raises MoveRefused: if the person may not, or if it does not stand
    """
    with refused.kept(clocks.RESUMED, by=turn.by, at=turn.at, tasks=turn.task_id):
        return clocks.resume(turn)
