"""Ask units to do things: viewflow nodes whose task is completed by a move.

A step says in which states it waits and of which role. What is open on a case is
therefore a function of its state and of the signatures it awaits, and never of the
path that led there: a case cannot lose its tasks, nor keep one too many.
"""

import datetime
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar, cast

from django.db.models import F, Q
from viewflow.workflow.activation import Activation
from viewflow.workflow.base import Edge, Flow, Node
from viewflow.workflow.flow import nodes as viewflow_nodes
from viewflow.workflow.status import PROCESS, STATUS

from workflow import calendars, deadlines, ladders, models
from workflow.calendars import Closed
from workflow.cases import Made
from workflow.opinions import Opinions, Terms
from workflow.process import Move, Process, ProcessError

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
        self.task.held_at = self.task.next_ring_at = None
        self.task.completed_by = made.by
        self.task.completed_move = made.move.name
        self.task.worked_days = _worked_days(self.task.created, made.at)

    @Activation.status.transition(
        source=[STATUS.NEW, STATUS.ASSIGNED], target=STATUS.CANCELED
    )
    def cancel(self, at: datetime.datetime) -> None:
        self.task.finished = at
        self.task.held_at = self.task.next_ring_at = None


def _worked_days(since: datetime.datetime, until: datetime.datetime) -> int:
    """Count the worked days after that of a moment, up to that of another."""
    start, end = deadlines.local_day(since), deadlines.local_day(until)
    # A machine whose clock is slow must not forbid a decision.
    return max(0, calendars.worked_between(start, end))


class Step(Node):
    """
    Ask the unit that plays a role to make one of some moves.

    - `waits_in`: the state, or states, in which it is asked;
    - `offers`: the moves that complete the task;
    - `due`: the delay it is given from the moment it is asked, or the attribute
      of the subject that holds the day;
    - `since`: whether that delay runs from the entry of the move that asks, or from
      its effect;
    - `ladder`: who is told that it is due, or late, and when;
    - `clock`: the roles that may stop that delay and let it go on, the role asked
      unless told; nobody stops a day that the subject holds;
    - `countersigns`: a move of which the role must sign in its turn, so that it
      is asked only when the others have signed.
    """

    activation_class = StepActivation
    must_be_asked = True
    answers_alone = False
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
        since: deadlines.Since = deadlines.Since.ENTRY,
        ladder: ladders.Ladder = (),
        clock: Collection[str] | None = None,
        countersigns: Move | None = None,
    ) -> None:
        super().__init__()
        self.waits_in = frozenset(map(str, waits_in))
        self.asks = str(asks)
        self.task_title = title
        self.offers = tuple(offers)
        self.due = due
        self.since = since
        self.ladder = tuple(ladder)
        self.clock = frozenset(map(str, [asks] if clock is None else clock))
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

    def due_at(
        self, subject: models.Subject, start: datetime.datetime, closed: Closed = ()
    ) -> datetime.datetime | None:
        """Return the due date of a task whose delay starts at a moment."""
        if self.due is None:
            return None
        if not isinstance(self.due, deadlines.Until):
            return deadlines.due(self.due, start, closed)
        day = getattr(subject, self.due.attribute)
        return deadlines.end_of(day) if day else None

    def starts_on(self, at: datetime.datetime, effect: datetime.date) -> datetime.date:
        """Return the day from which its delay runs, and on which its clock stops."""
        if self.since is deadlines.Since.EFFECT:
            return effect
        return deadlines.local_day(at)

    def asks_again(self, done: Collection[int], unit: models.Unit) -> bool:
        """Tell whether to ask a unit, given the ids of those that had their say."""
        return True

    @property
    def wants_others(self) -> bool:
        """Tell whether each of its moves is barred to some who did others."""
        return all(move.apart_from or move.apart_from_unit for move in self.offers)

    def is_barred_by(self, made: Collection[str], played: Collection[str]) -> bool:
        """
        Tell whether somebody can make none of the moves offered.

        She made some of those of the case, and her units play some roles in it.
        """
        others = {role for role in map(str, played) if role != self.asks}
        return all(
            not set(made).isdisjoint(move.apart_from)
            or not others.isdisjoint(map(str, move.apart_from_unit))
            for move in self.offers
        )

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

    - `terms`: the method of the subject that returns, by the id of a unit, what
      differs for it: its delay, the meaning of its silence.
    """

    must_be_asked = False
    answers_alone = True

    def __init__(self, *waits_in: str, terms: str = "", **facts: Any) -> None:
        super().__init__(*waits_in, **facts)
        self.terms = terms
        heard = (move.answers for move in self.offers)
        self.opinions = next(filter(None, heard), None)

    def terms_of(self, subject: models.Subject) -> Mapping[int, Terms]:
        """Return what differs for some units, by their ids."""
        if not self.terms:
            return {}
        found: Mapping[int, Terms] = getattr(subject, self.terms)()
        return found

    def asks_again(self, done: Collection[int], unit: models.Unit) -> bool:
        return unit.pk not in done

    def is_answered(self, made: Made, unit_id: int) -> bool:
        return made.move in self.offers and unit_id == made.unit.pk


class Recurring(Step):
    """
    Ask a unit for the same again each time it has answered.

    Its delay is best a day that the subject holds, which the answer puts off.
    """

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


def consulting(case: models.Case, opinions: Opinions) -> list[Consultation]:
    """Return the steps at which the procedure of a case asks for these opinions."""
    return [
        step
        for step in flow_of(case.process, case.process_version).steps()
        if isinstance(step, Consultation)
        and step.opinions is not None
        and step.opinions.name == opinions.name
    ]


def consulted_roles(process: str, opinions: Opinions) -> frozenset[str]:
    """Return the roles that are asked for these opinions, in whatever version."""
    return frozenset(
        step.asks
        for flow in registered_flows()
        if flow.process.name == process
        for step in flow.steps()
        if isinstance(step, Consultation)
        and step.opinions is not None
        and step.opinions.name == opinions.name
    )


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
        waiting = [s for s in flow.steps() if state in s.waits_in]
        if state == process.initial and any(
            isinstance(s, Consultation) for s in waiting
        ):
            yield "Rien n’est consulté à l’ouverture d’un dossier."
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
    yield from _contradictions_of_clock(step, list(map(str, process.roles.values)))


def _contradictions_of_clock(step: Step, roles: Sequence[str]) -> Iterator[str]:
    if step.ladder and step.due is None:
        yield f"{step.name} a une échelle et pas d’échéance."
    for found in ladders.contradictions(step.ladder, roles):
        yield f"{step.name} : {found}"
    for role in sorted(step.clock.difference(roles)):
        yield f"{step.name} confie son délai à un rôle inconnu : {role}."


def heard(step: Step, case: models.Case) -> set[int]:
    """Return the ids of the units that had their say in a consultation."""
    if not isinstance(step, Consultation) or case.version == 1:
        return set()
    return set(
        models.Task.objects.filter(
            Q(status=STATUS.DONE)
            | Q(finished__gt=F("due_at"), stopped_on=None)
            | Q(consulted__said__gt=""),
            case=case,
            step=step.name,
        )
        .exclude(consulted__withdrawn_at__isnull=False)
        .values_list("unit", flat=True)
    )


def mark(case: models.Case, made: Made) -> None:
    """Finish a journey whose case is final, and restart it if the case is re-opened."""
    final = frozenset(flow_of(case.process, case.process_version).process.final)
    is_over = case.state in final
    if is_over or not final.isdisjoint(made.move.source):
        models.Journey.objects.filter(pk=case.pk).update(
            status=PROCESS.DONE if is_over else PROCESS.NEW,
            finished=made.at if is_over else None,
        )
