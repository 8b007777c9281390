"""Ask units to do things: viewflow nodes whose task is completed by a move.

A step says in which states it waits and of which role. What is open on a case is
therefore a function of its state and of the signatures it awaits, and never of the
path that led there: a case cannot lose its tasks, nor keep one too many.
"""

import datetime
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import rfc8785
from django.db.models import F, Q
from viewflow.workflow.activation import Activation
from viewflow.workflow.base import Edge, Flow, Node
from viewflow.workflow.flow import nodes as viewflow_nodes
from viewflow.workflow.status import PROCESS, STATUS

from workflow import deadlines, models, statements
from workflow.cases import Made
from workflow.process import Move, Process, ProcessError

NO_DUE_DATE = datetime.datetime(9999, 12, 31, tzinfo=datetime.UTC)

Pending = Mapping[str, frozenset[str]]
"""For each move that awaits signatures, the roles that have signed."""


class StepActivation(Activation):
    """The life of one task, within viewflow's own automaton."""

    def __init__(self, task: models.Task) -> None:
        # viewflow's own also reads the process, which nothing here asks for.
        self.task = task

    @Activation.status.transition(source=STATUS.NEW, target=STATUS.ASSIGNED)
    def assign(self, user: Any, at: datetime.datetime) -> None:
        self.task.owner = user
        self.task.assigned = at

    @Activation.status.transition(
        source=[STATUS.NEW, STATUS.ASSIGNED], target=STATUS.ASSIGNED
    )
    def reassign(self, user: Any, at: datetime.datetime) -> None:
        self.task.owner = user
        self.task.assigned = at

    @Activation.status.transition(source=STATUS.ASSIGNED, target=STATUS.NEW)
    def release(self) -> None:
        self.task.owner = None
        self.task.assigned = None

    @Activation.status.transition(
        source=[STATUS.NEW, STATUS.ASSIGNED], target=STATUS.DONE
    )
    def complete(self, made: Made) -> None:
        self.task.finished = made.at
        self.task.held_at = None
        self.task.completed_by = made.by
        self.task.completed_move = made.move.name

    @Activation.status.transition(
        source=[STATUS.NEW, STATUS.ASSIGNED], target=STATUS.CANCELED
    )
    def cancel(self, at: datetime.datetime) -> None:
        self.task.finished = at
        self.task.held_at = None


class Step(Node):
    """
    Ask the unit that plays a role to make one of some moves.

    - `waits_in`: the state, or states, in which it is asked;
    - `offers`: the moves that complete the task;
    - `due`: the delay it is given from the moment it is asked, or the attribute
      of the subject that holds the day;
    - `countersigns`: a move of which the role must sign in its turn, so that it
      is asked only when the others have signed.
    """

    activation_class = StepActivation
    must_be_asked = True
    task_type = "HUMAN"
    bpmn_element = "userTask"
    shape: ClassVar[dict[str, Any]] = {
        "width": 150,
        "height": 100,
        "text-align": "middle",
        "svg": '<rect class="task" width="150" height="100" rx="5" ry="5"/>',
    }

    def __init__(
        self,
        *waits_in: str,
        asks: str,
        title: str,
        offers: Sequence[Move],
        due: deadlines.Delay | deadlines.Until | None = None,
        countersigns: Move | None = None,
    ) -> None:
        super().__init__()
        self.waits_in = frozenset(map(str, waits_in))
        self.asks = str(asks)
        self.task_title = title
        self.offers = tuple(offers)
        self.due = due
        self.countersigns = countersigns

    def declaration(self) -> dict[str, Any]:
        """Return everything that decides what is asked, as plain data."""
        return {
            "name": self.name,
            "nature": type(self).__name__,
            "waits_in": sorted(self.waits_in),
            "asks": self.asks,
            "title": self.task_title,
            "offers": [move.name for move in self.offers],
            "due": str(self.due) if self.due else None,
            "countersigns": self.countersigns.name if self.countersigns else None,
        }

    def is_wanted(self, state: str, pending: Pending) -> bool:
        """Tell whether the task should be open in a state, given the signatures."""
        if state not in self.waits_in:
            return False
        if self.countersigns is not None:
            signed = pending.get(self.countersigns.name, frozenset())
            turn = self.countersigns.by.may_sign_next(signed)
            return bool(signed) and self.asks in turn
        return not any(self.asks in pending.get(move.name, ()) for move in self.offers)

    def due_at(
        self, subject: models.Subject, at: datetime.datetime
    ) -> datetime.datetime | None:
        """Return the due date of a task asked now."""
        if self.due is None:
            return None
        if not isinstance(self.due, deadlines.Until):
            return deadlines.due(self.due, at)
        day = getattr(subject, self.due.attribute)
        return deadlines.end_of(day) if day else None

    def asks_again(self, done: Collection[int], unit: models.Unit) -> bool:
        """Tell whether to ask a unit, given the ids of those that had their say."""
        return True

    def is_answered(self, made: Made, unit_id: int) -> bool:
        """Tell whether a unit’s move ends a task that is still wanted."""
        return False

    def _outgoing(self) -> Iterator[Edge]:
        flow = cast("type[CaseFlow]", self.flow_class)
        for move in self.offers:
            for node in flow.nodes_reached_by(move, self):
                yield Edge(src=self, dst=node, edge_class="next", label=move.label)


class Consultation(Step):
    """
    Ask several units at once, each of which answers for itself.

    A unit that has answered, or has let its time run out, is not asked again when
    the case comes back to the state. There may be nobody to consult.
    """

    must_be_asked = False

    def asks_again(self, done: Collection[int], unit: models.Unit) -> bool:
        return unit.pk not in done

    def is_answered(self, made: Made, unit_id: int) -> bool:
        return made.move in self.offers and unit_id == made.unit.pk


class Start(viewflow_nodes.StartHandle):
    """Where a case is opened."""

    def __init__(self) -> None:
        super().__init__(lambda activation: activation)

    def _outgoing(self) -> Iterator[Edge]:
        flow = cast("type[CaseFlow]", self.flow_class)
        for step in flow.steps():
            if str(flow.process.initial) in step.waits_in:
                yield Edge(src=self, dst=step, edge_class="next")


class End(viewflow_nodes.End):
    """Where a case in a final state rests."""


class CaseFlow(Flow):
    """The journey of a procedure: one class of it for each procedure."""

    process: ClassVar[Process]
    process_class = models.Journey
    task_class = models.Task

    @classmethod
    def steps(cls) -> list[Step]:
        """Return the steps, in the order in which they are declared."""
        order = list(vars(cls))
        steps = [n for n in cls._nodes_by_name.values() if isinstance(n, Step)]
        return sorted(steps, key=lambda step: order.index(step.name))

    @classmethod
    def digest(cls) -> str:
        """Return the SHA-256 of what the steps declare, in hexadecimal."""
        declared = [step.declaration() for step in cls.steps()]
        return hashlib.sha256(rfc8785.dumps(declared)).hexdigest()

    @classmethod
    def nodes_reached_by(cls, move: Move, origin: Step) -> Iterator[Node]:
        """Find the nodes that a move leads to, for the diagram."""
        if str(move.target) in map(str, cls.process.final):
            yield from (n for n in cls._nodes_by_name.values() if isinstance(n, End))
        for step in cls.steps():
            if step is not origin and str(move.target) in step.waits_in:
                yield step

    @classmethod
    def paused_in(cls, state: str) -> list[Step]:
        """Return the steps whose tasks wait for the end of a pause in a state."""
        left = {
            str(source)
            for move in cls.process.moves
            if move.pauses and str(move.target) == state
            for source in move.source
        }
        return [step for step in cls.steps() if step.waits_in & left]

    @classmethod
    def wanted(cls, state: str, pending: Pending) -> list[Step]:
        """Return the steps that should be open."""
        return [step for step in cls.steps() if step.is_wanted(state, pending)]


_flows: dict[tuple[str, int], type[CaseFlow]] = {}


def journey_of(flow: type[CaseFlow]) -> type[CaseFlow]:
    """
    Register the journey of a procedure.

    :raises ProcessError: if a state is left without anyone to ask
    """
    contradictions = list(_contradictions(flow))
    if contradictions:
        raise ProcessError(f"{flow.__name__} : " + " ".join(contradictions))
    _flows[flow.process.name, flow.process.version] = flow
    return flow


def flow_of(name: str, version: int) -> type[CaseFlow]:
    """Return the journey of a procedure."""
    return _flows[name, version]


def registered_flows() -> list[type[CaseFlow]]:
    """Return every journey, latest versions last."""
    return [_flows[key] for key in sorted(_flows)]


def _contradictions(flow: type[CaseFlow]) -> Iterator[str]:
    process = flow.process
    for state in process.states.values:
        if state not in process.final and not flow.wanted(state, {}):
            yield f"Personne n’est sollicité à l’état {state}."
    for step in flow.steps():
        yield from _contradictions_of(step, process)


def _contradictions_of(step: Step, process: Process) -> Iterator[str]:
    if not step.offers:
        yield f"{step.name} n’offre aucun geste."
    for move in step.offers:
        if move not in process.moves:
            yield f"{step.name} offre un geste étranger : {move.name}."
        if step.asks not in move.by.roles:
            yield f"{step.name} offre {move.name} à qui ne peut le faire."
    for state in sorted(step.waits_in):
        if not any(state in move.source for move in step.offers):
            yield f"{step.name} n’a pas d’issue à l’état {state}."


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
    flow = flow_of(first.process, first.process_version)
    statements.insert(
        models.Journey(flow_class=flow, case=subject.case, created=at)
        for subject in subjects
    )
    return statements.insert(
        _task(step, unit, subject, at)
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
    flow = flow_of(case.process, case.process_version)
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
    _carry_out(planned, subject, made.at)
    _mark(case, made, flow_of(case.process, case.process_version).process.final)
    return planned


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
    _carry_out(planned, subject, at)
    return planned


def _carry_out(planned: Plan, subject: models.Subject, at: datetime.datetime) -> None:
    for task in planned.kept:
        _keep(task, task.flow_task, subject, at)
    for task in planned.held:
        _hold(task, at)
    for task in planned.dropped:
        StepActivation(task).cancel(at)
    statements.update(planned.dropped, _CLOSING_COLUMNS)
    statements.insert(_task(step, unit, subject, at) for step, unit in planned.asked)


_CLOSING_COLUMNS = ("status", "finished", "held_at", "completed_by", "completed_move")


def _answers(closing: Sequence[models.Task], made: Made) -> list[models.Task]:
    """Choose the tasks that the move answers; the others lose their object."""
    offering = [t for t in closing if made.move in t.flow_task.offers]
    mine = [t for t in offering if (t.role, t.unit_id) == (made.role, made.unit.pk)]
    return mine or offering


def _hold(task: models.Task, at: datetime.datetime) -> None:
    if task.held_at is None:
        task.held_at = at
        task.save(update_fields=["held_at"])


def _keep(
    task: models.Task, step: Step, subject: models.Subject, at: datetime.datetime
) -> None:
    """Leave a task open, or reopen it: the time it was held does not count."""
    due_at = task.due_at
    if task.held_at and due_at:
        due_at += at - task.held_at
    if isinstance(step.due, deadlines.Until):
        due_at = step.due_at(subject, at)
    if (due_at, None) == (task.due_at, task.held_at):
        return
    task.held_at, task.due_at, task.sort_at = None, due_at, due_at or NO_DUE_DATE
    task.save(update_fields=["held_at", "due_at", "sort_at"])


def _to_ask(
    step: Step,
    case: models.Case,
    parties: Mapping[str, tuple[models.Unit, ...]],
    answered: Sequence[models.Task],
) -> Iterator[models.Unit]:
    """Find the units of which a step asks something, but for those that answered."""
    done = _done(step, case) | {t.unit_id for t in answered if t.step == step.name}
    for unit in parties.get(step.asks, ()):
        if step.asks_again(done, unit):
            yield unit


def _task(
    step: Step, unit: models.Unit, subject: models.Subject, at: datetime.datetime
) -> models.Task:
    case = subject.case
    due_at = step.due_at(subject, at)
    return models.Task(
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
        due_at=due_at,
        original_due_at=due_at,
        sort_at=due_at or NO_DUE_DATE,
    )


def _done(step: Step, case: models.Case) -> set[int]:
    """Return the ids of the units that had their say in a consultation."""
    if not isinstance(step, Consultation) or case.version == 1:
        return set()
    return set(
        models.Task.objects.filter(
            Q(status=STATUS.DONE) | Q(finished__gt=F("due_at")),
            case=case,
            step=step.name,
        ).values_list("unit", flat=True)
    )


def _mark(case: models.Case, made: Made, final: frozenset[str]) -> None:
    """Finish a journey whose case is final, and restart it if the case is re-opened."""
    is_over = case.state in final
    if is_over or not final.isdisjoint(made.move.source):
        models.Journey.objects.filter(pk=case.pk).update(
            status=PROCESS.DONE if is_over else PROCESS.NEW,
            finished=made.at if is_over else None,
        )
