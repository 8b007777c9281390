"""Ask units to do things: viewflow nodes whose task is completed by a move.

A step says in which states it waits and of which role. What is open on a case is
therefore a function of its state and of the signatures it awaits, and never of the
path that led there: a case cannot lose its tasks, nor keep one too many.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from viewflow.workflow.activation import Activation
from viewflow.workflow.base import Edge, Flow, Node
from viewflow.workflow.flow import nodes as viewflow_nodes
from viewflow.workflow.status import PROCESS, STATUS

from workflow import deadlines, models
from workflow.cases import Attempt
from workflow.process import Move, Process, ProcessError

NO_DUE_DATE = datetime.datetime(9999, 12, 31, tzinfo=datetime.UTC)

Pending = Mapping[str, frozenset[str]]
"""For each move that awaits signatures, the roles that have signed."""


class StepActivation(Activation):  # type: ignore[misc]
    """The life of one task, within viewflow's own automaton."""

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
    def complete(self, made: Attempt) -> None:
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


class Step(Node):  # type: ignore[misc]
    """
    Ask the unit that plays a role to make one of some moves.

    - `waits_in`: the state, or states, in which it is asked;
    - `offers`: the moves that complete the task;
    - `due`: the delay it is given, from the moment it is asked;
    - `countersigns`: a move of which the role must sign in its turn, so that it
      is asked only when the others have signed.
    """

    activation_class = StepActivation
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
        due: deadlines.Delay | None = None,
        countersigns: Move | None = None,
    ) -> None:
        super().__init__()
        self.waits_in = frozenset(map(str, waits_in))
        self.asks = str(asks)
        self.task_title = title
        self.offers = tuple(offers)
        self.due = due
        self.countersigns = countersigns

    def is_wanted(self, state: str, pending: Pending) -> bool:
        """Tell whether the task should be open in a state, given the signatures."""
        if state not in self.waits_in:
            return False
        if self.countersigns is not None:
            signed = pending.get(self.countersigns.name, frozenset())
            turn = self.countersigns.by.may_sign_next(signed)
            return bool(signed) and self.asks in turn
        return not any(self.asks in pending.get(move.name, ()) for move in self.offers)

    def is_completed_by(self, made: Attempt, role: str) -> bool:
        """Tell whether a move made in a role is an answer to this task."""
        return role == self.asks and made.move in self.offers

    def _outgoing(self) -> Iterator[Edge]:
        flow = cast("type[CaseFlow]", self.flow_class)
        for move in self.offers:
            for node in flow.nodes_reached_by(move, self):
                yield Edge(src=self, dst=node, edge_class="next", label=move.label)


class Start(viewflow_nodes.StartHandle):  # type: ignore[misc]
    """Where a case is opened."""

    def __init__(self) -> None:
        super().__init__(lambda activation: activation)

    def _outgoing(self) -> Iterator[Edge]:
        flow = cast("type[CaseFlow]", self.flow_class)
        for step in flow.steps():
            if str(flow.lifecycle.initial) in step.waits_in:
                yield Edge(src=self, dst=step, edge_class="next")


class End(viewflow_nodes.End):  # type: ignore[misc]
    """Where a case in a final state rests."""


class CaseFlow(Flow):  # type: ignore[misc]
    """The journey of a procedure: one class of it for each procedure."""

    lifecycle: ClassVar[Process]
    process_class = models.Journey
    task_class = models.Task

    @classmethod
    def steps(cls) -> list[Step]:
        """Return the steps, in the order in which they are declared."""
        order = list(vars(cls))
        steps = [n for n in cls._nodes_by_name.values() if isinstance(n, Step)]
        return sorted(steps, key=lambda step: order.index(step.name))

    @classmethod
    def nodes_reached_by(cls, move: Move, origin: Step) -> Iterator[Node]:
        """Find the nodes that a move leads to, for the diagram."""
        if str(move.target) in map(str, cls.lifecycle.final):
            yield from (n for n in cls._nodes_by_name.values() if isinstance(n, End))
        for step in cls.steps():
            if step is not origin and str(move.target) in step.waits_in:
                yield step

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
    _flows[flow.lifecycle.name, flow.lifecycle.version] = flow
    return flow


def flow_of(name: str, version: int) -> type[CaseFlow]:
    """Return the journey of a procedure."""
    return _flows[name, version]


def registered_flows() -> list[type[CaseFlow]]:
    """Return every journey, latest versions last."""
    return [_flows[key] for key in sorted(_flows)]


def _contradictions(flow: type[CaseFlow]) -> Iterator[str]:
    process = flow.lifecycle
    for state in process.states:
        if state not in process.final and not flow.wanted(state.value, {}):
            yield f"Personne n’est sollicité à l’état {state.value}."
    for step in flow.steps():
        if not step.offers:
            yield f"{step.name} n’offre aucun geste."
        for move in step.offers:
            if move not in process.moves:
                yield f"{step.name} offre un geste étranger : {move.name}."
            if step.asks not in move.by.roles:
                yield f"{step.name} offre {move.name} à qui ne peut le faire."
        for state in step.waits_in:
            if not any(state in move.source for move in step.offers):
                yield f"{step.name} n’a pas d’issue à l’état {state}."


@dataclass(frozen=True, slots=True)
class Progress:
    """What a move changed among the tasks of a case."""

    opened: tuple[models.Task, ...]
    closed: tuple[models.Task, ...]


def begin(
    cases: Sequence[models.Case],
    parties: Mapping[int, Mapping[str, tuple[models.Unit, ...]]],
    at: datetime.datetime,
) -> list[models.Task]:
    """Start the journeys of new cases of one procedure, and ask their first tasks."""
    flow = flow_of(cases[0].process, cases[0].process_version)
    journeys = models.Journey.objects.bulk_create(
        models.Journey(flow_class=flow, case=case, created=at) for case in cases
    )
    return models.Task.objects.bulk_create(
        task
        for journey in journeys
        for step in flow.wanted(journey.case.state, {})
        for task in _asked(step, journey, journey.case, parties[journey.case_id], at)
    )


def advance(
    case: models.Case,
    made: Attempt,
    role: str,
    parties: Mapping[str, tuple[models.Unit, ...]],
    pending: Pending,
) -> Progress:
    """Close, hold, resume and open tasks so that they fit the state of a case."""
    flow = flow_of(case.process, case.process_version)
    wanted = flow.wanted(case.state, pending)
    tasks = list(
        models.Task.objects.unfinished().filter(case=case).select_related("process")
    )
    closed = [t for t in tasks if _closed(t, t.flow_task, wanted, made, role)]
    kept = {task.step for task in tasks if task.finished is None and not task.held_at}
    missing = [step for step in wanted if step.name not in kept]
    journey = tasks[0].process if tasks else models.Journey.objects.get(case=case)
    opened = models.Task.objects.bulk_create(
        task
        for step in missing
        for task in _asked(step, journey, case, parties, made.at)
    )
    _mark(journey, case, flow.lifecycle, made.at)
    return Progress(tuple(opened), tuple(closed))


def _closed(
    task: models.Task, step: Step, wanted: Iterable[Step], made: Attempt, role: str
) -> bool:
    """Bring one unfinished task in line, and tell whether it was closed."""
    if step in wanted:
        if task.held_at:
            _resume(task, made.at)
        return False
    if made.move.pauses and not task.held_at:
        task.held_at = made.at
        task.save(update_fields=["held_at"])
        return False
    if task.held_at and made.move.pauses:
        return False
    activation = StepActivation(task)
    if step.is_completed_by(made, role):
        activation.complete(made)
    else:
        activation.cancel(made.at)
    task.save(
        update_fields=[
            "status",
            "finished",
            "held_at",
            "completed_by",
            "completed_move",
        ]
    )
    return True


def _resume(task: models.Task, at: datetime.datetime) -> None:
    """Reopen a held task; the time it was held does not count."""
    if task.due_at:
        task.due_at += at - task.held_at
        task.sort_at = task.due_at
    task.held_at = None
    task.save(update_fields=["held_at", "due_at", "sort_at"])


def _asked(
    step: Step,
    journey: models.Journey,
    case: models.Case,
    parties: Mapping[str, tuple[models.Unit, ...]],
    at: datetime.datetime,
) -> Iterator[models.Task]:
    due_at = deadlines.due(step.due, at) if step.due else None
    for unit in parties.get(step.asks, ()):
        yield models.Task(
            process=journey,
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


def _mark(
    journey: models.Journey,
    case: models.Case,
    process: Process,
    at: datetime.datetime,
) -> None:
    """Finish a journey whose case is final, and restart it if the case is re-opened."""
    is_over = case.state in process.final
    if is_over == (journey.finished is not None):
        return
    journey.status = PROCESS.DONE if is_over else PROCESS.NEW
    journey.finished = at if is_over else None
    journey.save(update_fields=["status", "finished"])
