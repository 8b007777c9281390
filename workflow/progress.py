"""Open, hold and close the tasks of a case, so that they fit its state."""

import copy
import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from workflow import deadlines, journeys, models, schedules, statements
from workflow.cases import Made
from workflow.journeys import Consultation, Pending, Step, StepActivation
from workflow.opinions import Meaning, Opinions, Terms


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What must change among the tasks of a case for them to fit its state.

    - `answered`, `dropped`: those that the move completes, and those that lose
      their object;
    - `kept`: those that go on waiting, or wait again after a pause;
    - `asked`: the steps to open, and of which units.
    """

    answered: tuple[models.Task, ...]
    dropped: tuple[models.Task, ...]
    held: tuple[models.Task, ...]
    kept: tuple[models.Task, ...]
    asked: tuple[tuple[Step, models.Unit], ...]

    @property
    def closed(self) -> tuple[models.Task, ...]:
        return self.answered + self.dropped

    @property
    def resumed(self) -> tuple[models.Task, ...]:
        return tuple(task for task in self.kept if task.held_at)


def begin(
    subjects: Sequence[models.Subject],
    parties: Mapping[int, Mapping[str, tuple[models.Unit, ...]]],
    at: datetime.datetime,
) -> list[models.Task]:
    """Start the journeys of new cases of one procedure, and ask their first tasks."""
    first = subjects[0].case
    flow = journeys.flow_of(first.process, first.process_version)
    statements.insert(
        models.Journey(flow_class=flow, case=subject.case, created=at)
        for subject in subjects
    )
    today = deadlines.local_day(at)
    return statements.insert(
        _task(step, unit, subject, at, today)
        for subject in subjects
        for step in flow.wanted(subject.case.state, {})
        for unit in parties[subject.pk].get(step.asks, ())
    )


def plan(
    case: models.Case,
    state: str,
    tasks: Sequence[models.Task],
    made: Made | None,
    parties: Mapping[str, tuple[models.Unit, ...]],
    pending: Pending,
) -> Plan:
    """
    Compare unfinished tasks with what a state asks for, and change nothing.

    `made` is the move that leads there, if it is a move that does.
    """
    flow = journeys.flow_of(case.process, case.process_version)
    wanted, paused = flow.wanted(state, pending), flow.paused_in(state)
    pauses = made is not None and made.move.pauses
    kept, held, closing = [], [], []
    for task in tasks:
        step = task.flow_task
        if step in wanted and not (made and step.is_answered(made, task.unit_id)):
            kept.append(task)
        elif pauses or (task.held_at and step in paused):
            held.append(task)
        else:
            closing.append(task)
    answered = _answers(closing, made) if made else []
    waiting = {task.step for task in kept}
    return Plan(
        answered=tuple(answered),
        dropped=tuple(task for task in closing if task not in answered),
        held=tuple(held),
        kept=tuple(kept),
        asked=tuple(
            (step, unit)
            for step in wanted
            if step.name not in waiting
            for unit in _to_ask(step, case, parties, answered)
        ),
    )


def advance(
    subject: models.Subject,
    tasks: Sequence[models.Task],
    made: Made,
    parties: Mapping[str, tuple[models.Unit, ...]],
    pending: Pending,
) -> Plan:
    """
    Close, hold, resume and open tasks so that they fit the state of a case.

    `tasks` are the unfinished ones.
    """
    case = subject.case
    planned = plan(case, case.state, tasks, made, parties, pending)
    for task in planned.answered:
        StepActivation(task).complete(made)
    statements.update(planned.answered, _CLOSING_COLUMNS)
    _carry_out(planned, subject, made.at, made.effective_on)
    journeys.mark(case, made)
    return planned


def put_off(
    case: models.Case, tasks: Sequence[models.Task], made: Made
) -> dict[str, list[list[Any]]]:
    """
    Foresee, for the trail, the due dates that the end of a pause puts off.

    `tasks` are the unfinished ones; each is told with its due date before and after.
    """
    held = [task for task in tasks if task.held_at and not task.is_stopped]
    if not held:
        return {}
    flow = journeys.flow_of(case.process, case.process_version)
    wanted, found = flow.wanted(case.state, {}), []
    for task in held:
        step = task.flow_task
        if step in wanted:
            later = copy.copy(task)
            _go_on(later, step, step.starts_on(made.at, made.effective_on))
            if later.due_at != task.due_at:
                found.append([task.step, str(task.pk), task.due_at, later.due_at])
    return {"put_off": found} if found else {}


def realign(
    subject: models.Subject,
    tasks: Sequence[models.Task],
    parties: Mapping[str, tuple[models.Unit, ...]],
    pending: Pending,
    at: datetime.datetime,
) -> Plan:
    """Ask again what signatures that were struck out had answered."""
    case = subject.case
    planned = plan(case, case.state, tasks, None, parties, pending)
    _carry_out(planned, subject, at, deadlines.local_day(at))
    return planned


def _carry_out(
    planned: Plan,
    subject: models.Subject,
    at: datetime.datetime,
    effect: datetime.date,
) -> None:
    for task in planned.kept:
        step = task.flow_task
        _keep(task, step, subject, step.starts_on(at, effect))
    for task in planned.held:
        _hold(task, at, task.flow_task.starts_on(at, effect))
    for task in planned.dropped:
        StepActivation(task).cancel(at)
    statements.update(planned.dropped, _CLOSING_COLUMNS)
    asked: dict[Step, list[models.Unit]] = {}
    for step, unit in planned.asked:
        asked.setdefault(step, []).append(unit)
    opinions = {step: asked.pop(step) for step in [*asked] if _consults(step)}
    statements.write(
        _task(step, unit, subject, at, step.starts_on(at, effect))
        for step, units in asked.items()
        for unit in units
    )
    for step, units in opinions.items():
        ask_opinions(step, units, subject, at, step.starts_on(at, effect))


def _consults(step: Step) -> TypeGuard[Consultation]:
    return isinstance(step, Consultation)


def ask_opinions(
    step: Consultation,
    units: Sequence[models.Unit],
    subject: models.Subject,
    at: datetime.datetime,
    on: datetime.date,
) -> None:
    """Ask several units for their opinion, each on its own terms."""
    terms = step.terms_of(subject)
    tasks = statements.insert(
        _task(step, unit, subject, at, on, terms.get(unit.pk)) for unit in units
    )
    if (opinions := step.opinions) is None:
        return
    statements.write(
        models.Consulted(
            task=task,
            consultation=opinions.name,
            silence=_silence(opinions, terms.get(task.unit_id)).value,
        )
        for task in tasks
    )


def _silence(opinions: Opinions, terms: Terms | None) -> Meaning:
    return (terms and terms.silence) or opinions.silence


def ask_no_more(task: models.Task, at: datetime.datetime) -> None:
    """Close a task that has lost its object, whoever has taken it."""
    if task.finished is None:
        StepActivation(task).cancel(at)
        statements.update([task], _CLOSING_COLUMNS)


_CLOSING_COLUMNS = (
    *("status", "finished", "held_at", "next_ring_at"),
    *("completed_by", "completed_move", "worked_days"),
)


def _answers(closing: Sequence[models.Task], made: Made) -> list[models.Task]:
    """Choose the tasks that the move answers; the others lose their object."""
    offering = [t for t in closing if made.move in t.flow_task.offers]
    mine = [t for t in offering if (t.role, t.unit_id) == (made.role, made.unit.pk)]
    return mine or offering


def _hold(task: models.Task, at: datetime.datetime, on: datetime.date) -> None:
    if task.held_at is None:
        schedules.hold(task, at, on)
        task.save(update_fields=schedules.COLUMNS)


def _keep(
    task: models.Task, step: Step, subject: models.Subject, on: datetime.date
) -> None:
    """Leave a task open, or reopen it: the time it was held does not count."""
    before = [getattr(task, column) for column in schedules.COLUMNS]
    if task.held_at and task.is_stopped:
        task.held_at = None
    elif task.held_at:
        _go_on(task, step, on)
    if isinstance(step.due, deadlines.Until):
        due_at = step.due_at(subject, task.created)
        if due_at != task.due_at:
            schedules.set_due(task, step, due_at)
    if before != [getattr(task, column) for column in schedules.COLUMNS]:
        task.save(update_fields=schedules.COLUMNS)


def _go_on(task: models.Task, step: Step, on: datetime.date) -> None:
    schedules.resume(task, step, on, schedules.closed_days_for(task, step))


def _to_ask(
    step: Step,
    case: models.Case,
    parties: Mapping[str, tuple[models.Unit, ...]],
    answered: Sequence[models.Task],
) -> Iterator[models.Unit]:
    """Find the units of which a step asks something, but for those that answered."""
    done = journeys.heard(step, case) | {
        t.unit_id for t in answered if t.step == step.name
    }
    for unit in parties.get(step.asks, ()):
        if step.asks_again(done, unit):
            yield unit


def _task(
    step: Step,
    unit: models.Unit,
    subject: models.Subject,
    at: datetime.datetime,
    on: datetime.date,
    terms: Terms | None = None,
) -> models.Task:
    case = subject.case
    task = models.Task(
        process_id=case.pk,
        flow_task=step,
        flow_task_type=step.task_type,
        created=at,
        case=case,
        unit=unit,
        role=step.asks,
        kind=case.process,
        step=step.name,
        label=step.task_title,
        stage=case.stage,
        reference=case.reference,
        subject=case.title,
        jurisdiction_id=case.jurisdiction_id,
        amount_cents=case.amount_cents,
        priority=case.priority,
    )
    closed = schedules.closed_days([unit]) if schedules.counts_worked_days(step) else {}
    days = closed.get(unit.pk, ())
    due_at = step.due_at(subject, deadlines.start_of(on), days)
    if terms and terms.due:
        due_at = deadlines.due(terms.due, deadlines.start_of(on), days)
    schedules.begin(task, step, due_at, days)
    return task
