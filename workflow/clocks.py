"""Stop the clock of one task, and let it go on: who did, from which day, and why."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workflow import refusals, schedules, situations
from workflow.cases import process_of
from workflow.deadlines import local_day
from workflow.models import Case, Event, Task
from workflow.refusals import Ground, Refusal
from workflow.situations import Situation
from workflow.trail import chain

STOPPED, RESUMED = "clock_stop", "clock_resume"


class ClockNotFound(LookupError):
    """There is no such open task."""


class ClockRefused(Exception):
    """The clock is left as it is; `refusals` says every reason why."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(" ".join(refusal.message for refusal in refusals))


@dataclass(frozen=True, slots=True)
class Turn:
    """
    A person who stops a clock, or lets it go on.

    - `on`: the day from which it takes effect, today if not said.
    """

    task_id: int
    reason: str
    by: Any
    at: datetime.datetime
    on: datetime.date | None = None

    @property
    def takes_effect_on(self) -> datetime.date:
        return self.on or local_day(self.at)


def stop(turn: Turn) -> Task:
    """
    Stop the clock of a task: it stays to be done, and is neither late nor rings.

    :raises ClockNotFound: if the task is not open
    :raises ClockRefused: if the person may not, or if it stands already
    """
    situation, task = _locked(turn)
    found = refusals.clock_refusals(situation, task)
    if task.is_stopped:
        found.append(Refusal(Ground.STATE, "Ce délai est déjà suspendu."))
    else:
        found += _said(turn, local_day(task.created), "la demande")
    if found:
        raise ClockRefused(found)
    event = _recorded(situation, task, turn, STOPPED)
    schedules.stop(task, turn.takes_effect_on)
    task.stopped_by = event
    return _saved(task)


def resume(turn: Turn) -> Task:
    """
    Let the clock of a task go on: its due date is put off by the days it stood.

    :raises ClockNotFound: if the task is not open
    :raises ClockRefused: if the person may not, or if it does not stand
    """
    situation, task = _locked(turn)
    found = refusals.clock_refusals(situation, task)
    if task.is_stopped and task.stopped_on:
        found += _said(turn, task.stopped_on, "la suspension")
    else:
        found.append(Refusal(Ground.STATE, "Ce délai n’est pas suspendu."))
    if found:
        raise ClockRefused(found)
    before, step = task.due_at, task.flow_task
    closed = schedules.closed_days_for(task, step)
    schedules.resume(task, step, turn.takes_effect_on, closed)
    _recorded(situation, task, turn, RESUMED, due=[before, task.due_at])
    return _saved(task)


def _said(turn: Turn, since: datetime.date, what: str) -> list[Refusal]:
    """Find what is wrong with what the person says."""
    found = refusals.reason_refusals(turn.reason)
    if turn.takes_effect_on > local_day(turn.at):
        message = "La date d’effet est dans l’avenir."
        found.append(Refusal(Ground.INPUT, message, field="on"))
    elif turn.takes_effect_on < since:
        message = f"La date d’effet précède {what} du {since:%d/%m/%Y}."
        found.append(Refusal(Ground.INPUT, message, field="on"))
    return found


def _locked(turn: Turn) -> tuple[Situation, Task]:
    """Lock the case of a task, then read the task as the lock leaves it."""
    case = Case.objects.filter(tasks=turn.task_id).first()
    if case is None:
        raise ClockNotFound(turn.task_id)
    process = process_of(case)
    subject = situations.locked(process, case.pk)
    tasks = Task.objects.open().select_related("unit", "process", "owner")
    task = tasks.filter(pk=turn.task_id).first()
    if task is None:
        raise ClockNotFound(turn.task_id)
    task.case = subject.case
    return situations.situation_of(process, subject, by=turn.by, at=turn.at), task


def _recorded(
    situation: Situation, task: Task, turn: Turn, kind: str, **facts: Any
) -> Event:
    case = situation.subject.case
    held = refusals.clock_role(situation, task)
    assert held is not None, "refusals let through a person without a role"
    role, unit = held
    entry = chain.Entry(
        kind=kind,
        actor=turn.by,
        principal=situation.standing.principal(role, unit),
        at=turn.at,
        role=role,
        unit=unit,
        facts={
            "to": case.state,
            "task": task.step,
            "of": task.unit.code,
            "effective_on": turn.takes_effect_on,
            **facts,
        },
        texts={"reason": turn.reason.strip()},
    )
    event = chain.append(case, entry)
    case.save(update_fields=["latest_seq", "latest_hash"])
    return event


def _saved(task: Task) -> Task:
    task.save(update_fields=[*schedules.COLUMNS, "stopped_by"])
    return task
