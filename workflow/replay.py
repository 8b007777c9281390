"""A case as it was at some moment: its state, its facts, who was asked, who could act.

The present is read, and what the trail records since that moment is undone.
"""

import datetime
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Q

from workflow import clocks, conflicts, exclusions
from workflow.cases import binding_of
from workflow.deadlines import Until, end_of, local_day
from workflow.journeys import Pending, Step, flow_of
from workflow.models import (
    Case,
    Conflict,
    Event,
    Membership,
    Signature,
    Subject,
    Substitution,
    Task,
    Unit,
)
from workflow.process import Process
from workflow.situations import plain, values_of

TAKEN = frozenset({"claim", "take_over", "delegation"})
GIVEN, GIVEN_BACK = "assign", "release"


class NotYetOpened(LookupError):
    """The case did not exist at that moment."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who could do a task, and in whose name if it was not her own."""

    person: Any
    principal: Any = None

    def __str__(self) -> str:
        if self.principal is None:
            return str(self.person)
        return f"{self.person} pour {self.principal}"


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What a unit was asked to do.

    - `owner`: the id of who had taken charge of it;
    - `due_at`: the due date of that moment; `stopped_on`: since when its own clock
      stood, if it did.
    """

    task: Task
    step: str
    label: str
    unit: Unit
    role: str
    is_held: bool
    owner: int | None
    actors: tuple[Actor, ...]
    due_at: datetime.datetime | None = None
    stopped_on: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class AsOf:
    """
    A case as it was.

    - `events`: all its events up to that moment, `latest` the last of them;
    - `facts`: the columns of its subject, as the trail writes them;
    - `pending`: for each move that awaited signatures, the roles that had signed.
    """

    case: Case
    at: datetime.datetime
    events: tuple[Event, ...]
    process: Process
    state: str
    version: int
    title: str
    amount_cents: int
    facts: Mapping[str, Any]
    asked: tuple[Asked, ...]
    pending: Pending

    @property
    def latest(self) -> Event:
        return self.events[-1]

    @property
    def state_label(self) -> str:
        return self.process.state_label(self.state)

    @property
    def open(self) -> tuple[Asked, ...]:
        """What waited for somebody."""
        return tuple(one for one in self.asked if not one.is_held)


def as_of(case: Case, at: datetime.datetime) -> AsOf:
    """
    Return a case as it was at a moment.

    :raises NotYetOpened: if it did not exist yet
    """
    events = [_Told(e) for e in _events(case)]
    # The chain says what came before what, even if two clocks disagreed for a while.
    count = max((told.event.seq for told in events if told.event.at <= at), default=0)
    past, since = events[:count], events[count:]
    if not past:
        raise NotYetOpened(case.reference)
    latest = past[-1]
    version = latest.body["process_version"]
    process = binding_of(case.process, version).process
    state, pending = str(latest.facts["to"]), _pending(case, latest.event.seq)
    title, amount_cents = _essentials(case, since)
    facts = _facts(_subject(case), since)
    moment = _Moment(case, at, process, state, pending, facts, past, since)
    return AsOf(
        case=case,
        at=at,
        events=tuple(told.event for told in past),
        process=process,
        state=state,
        version=latest.event.case_version,
        title=title,
        amount_cents=amount_cents,
        facts=facts,
        asked=tuple(_asked(moment)),
        pending=pending,
    )


@dataclass(frozen=True, slots=True)
class Then:
    """What a case was, among many looked at together; `facts` as in `AsOf`."""

    state: str
    title: str
    amount_cents: int
    facts: Mapping[str, Any]


def as_they_were(subjects: Sequence[Subject], at: datetime.datetime) -> dict[int, Then]:
    """
    Return what many cases were at a moment, but for those that did not exist yet.

    They are read with their cases; two statements, however many they are.
    """
    keys = [subject.pk for subject in subjects]
    until = _latest_of(keys, at)
    since: dict[int, list[_Told]] = {}
    later = Event.objects.filter(case__in=keys, at__gt=at).select_related("text")
    for event in later.order_by("case", "seq"):
        if event.seq > until.get(event.case_id, 0):
            since.setdefault(event.case_id, []).append(_Told(event))
    return {
        subject.pk: _then(subject, since.get(subject.pk, []))
        for subject in subjects
        if subject.pk in until
    }


def _latest_of(keys: Sequence[int], at: datetime.datetime) -> dict[int, int]:
    """Return the number of the latest event of each case at a moment."""
    known = Event.objects.filter(case__in=keys, at__lte=at).order_by()
    return dict(
        known.values("case").annotate(latest=Max("seq")).values_list("case", "latest")
    )


class _Told:
    """An event with its body and its texts, read once."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.body: dict[str, Any] = json.loads(event.body)
        self.facts: dict[str, Any] = self.body["facts"]
        kept = getattr(event, "text", None)
        self.texts: dict[str, str] = json.loads(kept.text) if kept and kept.text else {}


def _then(subject: Subject, since: Sequence[_Told]) -> Then:
    title, amount_cents = _essentials(subject.case, since)
    state = str(subject.case.state)
    if since:
        # An event that moves nothing only says where the case stands.
        told = since[0].facts
        state = str(told.get("from") or told["to"])
    return Then(state, title, amount_cents, _facts(subject, since))


@dataclass(frozen=True, slots=True)
class _Moment:
    """What is known of a moment; `past` and `since` are the events on either side."""

    case: Case
    at: datetime.datetime
    process: Process
    state: str
    pending: Pending
    facts: Mapping[str, Any]
    past: Sequence[_Told]
    since: Sequence[_Told]


def _events(case: Case) -> Sequence[Event]:
    return list(
        Event.objects.filter(case=case)
        .select_related("text", "actor", "principal", "unit")
        .order_by("seq")
    )


def _subject(case: Case) -> Subject:
    model = binding_of(case.process, case.process_version).model
    subject: Subject = model._default_manager.get(pk=case.pk)
    return subject


# What was known


def _facts(subject: Subject, since: Sequence[_Told]) -> dict[str, Any]:
    """Undo, the latest first, what changed in a subject."""
    facts = {name: _written(value) for name, value in values_of(subject).items()}
    for told in reversed(since):
        for column, (before, _after) in (told.facts.get("changes") or {}).items():
            facts[column] = before
        for name, text in told.texts.items():
            column, _, when = name.rpartition(".")
            if when == "before" and column in facts:
                facts[column] = text
    return facts


def _written(value: Any) -> Any:
    """Write a value as the bodies of the events hold it."""
    is_time = isinstance(value, datetime.date | datetime.datetime)
    return value.isoformat() if is_time else plain(value)


def _essentials(case: Case, since: Sequence[_Told]) -> tuple[str, int]:
    """Undo what changed in the title and in the amount of a case."""
    title, amount_cents = case.title, case.amount_cents
    for told in reversed(since):
        title = told.texts.get("title.before", title)
        noted = told.facts.get("noted") or {}
        before, _after = noted.get("cost_cents", [amount_cents, None])
        amount_cents = int(before)
    return title, amount_cents


def _pending(case: Case, seq: int) -> Pending:
    pending: dict[str, frozenset[str]] = {}
    signed = Signature.objects.filter(
        Q(struck_by=None) | Q(struck_by__seq__gt=seq),
        Q(took_effect_by=None) | Q(took_effect_by__seq__gt=seq),
        case=case,
        event__seq__lte=seq,
    )
    for move, role in signed.values_list("move", "role"):
        pending[move] = pending.get(move, frozenset()) | {role}
    return pending


# Who was asked


def _asked(then: _Moment) -> Iterator[Asked]:
    flow = flow_of(then.process.name, then.process.version)
    steps = {step.name: step for step in flow.steps()}
    wanted = {step.name for step in flow.wanted(then.state, then.pending)}
    kept_away = _kept_away(then)
    unfinished = Q(finished=None) | Q(finished__gt=then.at)
    tasks = Task.objects.filter(unfinished, case=then.case, created__lte=then.at)
    for task in tasks.select_related("unit").order_by("created", "pk"):
        name = _name_then(task, then.since)
        step, is_held = steps.get(name), name not in wanted
        life = _Life(task, name, then)
        yield Asked(
            task=task,
            step=name,
            label=step.task_title if step else task.label,
            unit=task.unit,
            role=task.role,
            is_held=is_held,
            owner=life.owner(),
            actors=() if is_held else tuple(_actors(task, then, kept_away)),
            due_at=life.due_at(step),
            stopped_on=life.stopped_on(),
        )


def _name_then(task: Task, since: Sequence[_Told]) -> str:
    """Return the step of a task before it took the name of another version’s."""
    name = str(task.step)
    for told in reversed(since):
        for number, before, _after in told.facts.get("renamed") or ():
            if number == task.pk:
                name = before
    return name


class _Life:
    """What the trail tells of a task up to a moment."""

    def __init__(self, task: Task, step: str, then: _Moment) -> None:
        self._task, self._then = task, then
        self._names = {step, task.step}
        self._told = [told for told in then.past if told.event.at >= task.created]

    def owner(self) -> int | None:
        owner: int | None = None
        for told in self._told:
            kind, about = told.event.kind, told.facts.get("about")
            unit = told.event.unit.code if told.event.unit else None
            if kind == conflicts.DECLARED and about == owner:
                owner = None
            elif not self._is_about(told, unit):
                continue
            elif kind in TAKEN:
                owner = told.event.actor_id
            elif kind == GIVEN:
                owner = told.facts["assignee"]
            elif kind == GIVEN_BACK:
                owner = None
        return owner

    def due_at(self, step: Step | None) -> datetime.datetime | None:
        if step and isinstance(step.due, Until):
            day = self._then.facts.get(step.due.attribute)
            return end_of(datetime.date.fromisoformat(day)) if day else None
        due: datetime.datetime | None = self._task.original_due_at
        for told in self._told:
            if told.event.kind == clocks.RESUMED and self._is_about(told):
                due = _moment(told.facts["due"][1])
            for _, number, _, later in told.facts.get("put_off") or ():
                if number == str(self._task.pk):
                    due = _moment(later)
        return due

    def stopped_on(self) -> datetime.date | None:
        day: str | None = None
        for told in self._told:
            if told.event.kind == clocks.STOPPED and self._is_about(told):
                day = told.facts["effective_on"]
            elif told.event.kind == clocks.RESUMED and self._is_about(told):
                day = None
        return datetime.date.fromisoformat(day) if day else None

    def _is_about(self, told: _Told, unit: str | None = None) -> bool:
        """Tell whether an event is about the task, by its step and its unit."""
        of = told.facts.get("of", unit)
        return told.facts.get("task") in self._names and of == self._task.unit.code


def _moment(written: str | None) -> datetime.datetime | None:
    return datetime.datetime.fromisoformat(written) if written else None


def _kept_away(then: _Moment) -> set[int]:
    """Find whom a conflict of interest kept away from the case."""
    seq = then.past[-1].event.seq
    known = Conflict.objects.filter(
        Q(lifted_by=None) | Q(lifted_by__seq__gt=seq),
        case=then.case,
        declared_by__seq__lte=seq,
    )
    return set(known.values_list("user", flat=True))


def _actors(task: Task, then: _Moment, kept_away: Collection[int]) -> Iterator[Actor]:
    """Find who held the role asked, or stood in, and could answer, on that day."""
    found = list(_holders(task, then.at))
    people = {actor.person for actor in found}
    people |= {actor.principal for actor in found if actor.principal}
    events = (told.event for told in then.past)
    made = [(event.move, event.actor_id, event.principal_id) for event in events]
    barred = exclusions.barred(task, people, made=made, on=local_day(then.at))
    for actor in found:
        engaged = {actor.person.pk, actor.principal.pk if actor.principal else None}
        if engaged.isdisjoint(barred.union(kept_away)):
            yield actor


def _holders(task: Task, at: datetime.datetime) -> Iterator[Actor]:
    on = local_day(at)
    held = Membership.objects.current(on).filter(unit=task.unit_id, role=task.role)
    members = [
        membership.user
        for membership in held.select_related("user").order_by("pk")
        if membership.covers(task.jurisdiction_id)
    ]
    people = list(dict.fromkeys(members))
    yield from map(Actor, people)
    away = Substitution.objects.filter(
        Q(revoked_at=None) | Q(revoked_at__gt=at),
        first_day__lte=on,
        last_day__gte=on,
        principal__in=people,
    )
    for one in away.select_related("substitute", "principal").order_by("pk"):
        reaches = one.reaches(task.kind) and one.unit_id in {None, task.unit_id}
        if reaches and one.substitute not in people:
            yield Actor(one.substitute, one.principal)
