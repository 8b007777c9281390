"""Stop the clock of one task, and let it go on: who did, from which day, and why."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from workflow import answers, engine, refusals, schedules, situations
from workflow.cases import process_of
from workflow.deadlines import local_day
from workflow.engine import MoveRefused, Receipt
from workflow.models import Case, Event, Task
from workflow.refusals import Ground, Refusal
from workflow.situations import Situation
from workflow.trail import chain

STOPPED, RESUMED = "clock_stop", "clock_resume"


class ClockNotFound(LookupError):
    """There is no such open task."""


@dataclass(frozen=True, slots=True)
class Turn:
    """
    A person who stops a clock, or lets it go on.

    - `key`: the same for a form sent twice;
    - `on`: the day from which it takes effect, today if not said.
    """

    task_id: int
    reason: str
    by: Any
    at: datetime.datetime
    key: UUID
    on: datetime.date | None = None

    @property
    def takes_effect_on(self) -> datetime.date:
        return self.on or local_day(self.at)


def stop(turn: Turn) -> Receipt:
    """
    Stop the clock of a task: it stays to be done, and is neither late nor rings.

    :raises ClockNotFound: if the task is not open
    :raises MoveRefused: if the person may not, or if it stands already
    :raises KeyReused: if the key of the request has served for something else
    """

    def turned(situation: Situation, task: Task) -> Event:
        event = _recorded(situation, task, turn, STOPPED)
        schedules.stop(task, turn.takes_effect_on)
        task.stopped_by = event
        return event

    return _turned(turn, STOPPED, refusals_to_stop, turned)


def resume(turn: Turn) -> Receipt:
    """
    Let the clock of a task go on: its due date is put off by the days it stood.

    :raises ClockNotFound: if the task is not open
    :raises MoveRefused: if the person may not, or if it does not stand
    :raises KeyReused: if the key of the request has served for something else
    """

    def turned(situation: Situation, task: Task) -> Event:
        before, step = task.due_at, task.flow_task
        closed = schedules.closed_days_for(task, step)
        schedules.resume(task, step, turn.takes_effect_on, closed)
        return _recorded(situation, task, turn, RESUMED, due=[before, task.due_at])

    return _turned(turn, RESUMED, refusals_to_resume, turned)


Judge = Callable[[Situation, Task], list[Refusal]]


def refusals_to_stop(situation: Situation, task: Task) -> list[Refusal]:
    """Return every reason why a person may not stop the clock of an open task."""
    found = refusals.clock_refusals(situation, task)
    if task.is_stopped:
        found.append(Refusal(Ground.STATE, "Ce délai est déjà suspendu."))
    return found


def refusals_to_resume(situation: Situation, task: Task) -> list[Refusal]:
    """Return every reason why a person may not let the clock of an open task go on."""
    found = refusals.clock_refusals(situation, task)
    if not task.is_stopped:
        found.append(Refusal(Ground.STATE, "Ce délai n’est pas suspendu."))
    return found


def _turned(
    turn: Turn, kind: str, judge: Judge, change: Callable[[Situation, Task], Event]
) -> Receipt:
    """Turn a clock under the lock of its case, once for each key."""
    case = Case.objects.filter(tasks=turn.task_id).first()
    if case is None:
        raise ClockNotFound(turn.task_id)
    process = process_of(case)
    subject = situations.locked(process, case.pk)
    if receipt := answers.repeated(subject.case, turn.by, turn.key, kind):
        return receipt
    task = Task.objects.open().select_related("unit").filter(pk=turn.task_id).first()
    if task is None:
        raise ClockNotFound(turn.task_id)
    situation = situations.situation_of(process, subject, by=turn.by, at=turn.at)
    if found := judge(situation, task) + _said(turn, task):
        raise MoveRefused(found)
    event = change(situation, task)
    task.save(update_fields=[*schedules.COLUMNS, "stopped_by"])
    subject.case.save_head()
    return Receipt.of(event)


def _said(turn: Turn, task: Task) -> list[Refusal]:
    """Find what is wrong with what the person says."""
    found = refusals.reason_refusals(turn.reason)
    since = task.stopped_on or local_day(task.created)
    what = "la suspension" if task.stopped_on else "la demande"
    if turn.takes_effect_on > local_day(turn.at):
        message = "La date d’effet est dans l’avenir."
        found.append(Refusal(Ground.INPUT, message, field="on"))
    elif turn.takes_effect_on < since:
        message = f"La date d’effet précède {what} du {since:%d/%m/%Y}."
        found.append(Refusal(Ground.INPUT, message, field="on"))
    return found


def _recorded(
    situation: Situation, task: Task, turn: Turn, kind: str, **facts: Any
) -> Event:
    case = situation.subject.case
    held = refusals.clock_role(situation, task)
    assert held is not None, "refusals let through a person without a role"
    role, unit = held
    entry = chain.Entry(
        kind=kind,
        move=kind,
        actor=turn.by,
        principal=situation.standing.principal(role, unit),
        at=turn.at,
        role=role,
        unit=unit,
        request_key=turn.key,
        facts={
            "from": case.state,
            "to": case.state,
            "process_digest": situation.process.digest,
            "task": task.step,
            "of": task.unit.code,
            "effective_on": turn.takes_effect_on,
            **facts,
        },
        texts={"reason": turn.reason.strip()},
    )
    return engine.recorded(case, entry)
