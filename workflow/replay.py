"""A case as it was at some moment: its state, its facts, who was asked, who could act.

The present is read, and what the trail records since that moment is undone.
"""

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from workflow.cases import binding_of
from workflow.deadlines import local_day
from workflow.journeys import Pending, flow_of
from workflow.models import (
    Case,
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

TAKEN = frozenset({"claim", "take_over"})
GIVEN_BACK = "release"


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
    """What a unit was asked to do; `owner` is the id of who had taken charge of it."""

    task: Task
    step: str
    label: str
    unit: Unit
    role: str
    is_held: bool
    owner: int | None
    actors: tuple[Actor, ...]


@dataclass(frozen=True, slots=True)
class AsOf:
    """
    A case as it was.

    - `latest`: the last event of that moment;
    - `facts`: the columns of its subject, as the trail writes them;
    - `pending`: for each move that awaited signatures, the roles that had signed.
    """

    case: Case
    at: datetime.datetime
    latest: Event
    process: Process
    state: str
    version: int
    title: str
    amount_cents: int
    facts: Mapping[str, Any]
    asked: tuple[Asked, ...]
    pending: Pending

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
    past = [told for told in events if told.event.at <= at]
    if not past:
        raise NotYetOpened(case.reference)
    since, latest = events[len(past) :], past[-1]
    version = latest.body["process_version"]
    process = binding_of(case.process, version).process
    state, pending = str(latest.facts["to"]), _pending(case, latest.event.seq)
    title, amount_cents = _essentials(case, since)
    return AsOf(
        case=case,
        at=at,
        latest=latest.event,
        process=process,
        state=state,
        version=latest.event.case_version,
        title=title,
        amount_cents=amount_cents,
        facts=_facts(_subject(case), since),
        asked=tuple(_asked(case, at, _Moment(process, state, pending), past, since)),
        pending=pending,
    )


class _Told:
    """An event with its body and its texts, read once."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.body: dict[str, Any] = json.loads(event.body)
        self.facts: dict[str, Any] = self.body["facts"]
        kept = getattr(event, "text", None)
        self.texts: dict[str, str] = json.loads(kept.text) if kept and kept.text else {}


@dataclass(frozen=True, slots=True)
class _Moment:
    process: Process
    state: str
    pending: Pending


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


def _asked(
    case: Case,
    at: datetime.datetime,
    moment: _Moment,
    past: Sequence[_Told],
    since: Sequence[_Told],
) -> Iterator[Asked]:
    flow = flow_of(moment.process.name, moment.process.version)
    steps = {step.name: step for step in flow.steps()}
    wanted = {step.name for step in flow.wanted(moment.state, moment.pending)}
    unfinished = Q(finished=None) | Q(finished__gt=at)
    tasks = Task.objects.filter(unfinished, case=case, created__lte=at)
    for task in tasks.select_related("unit").order_by("created", "pk"):
        name = _name_then(task, since)
        is_held = name not in wanted
        yield Asked(
            task=task,
            step=name,
            label=steps[name].task_title if name in steps else task.label,
            unit=task.unit,
            role=task.role,
            is_held=is_held,
            owner=_owner_then(task, name, past),
            actors=() if is_held else tuple(_actors(task, at)),
        )


def _name_then(task: Task, since: Sequence[_Told]) -> str:
    """Return the step of a task before it took the name of another version’s."""
    name = str(task.step)
    for told in reversed(since):
        for number, before, _after in told.facts.get("renamed") or ():
            if number == task.pk:
                name = before
    return name


def _owner_then(task: Task, step: str, past: Sequence[_Told]) -> int | None:
    owner: int | None = None
    for told in past:
        event, named = told.event, told.facts.get("task")
        if event.unit_id != task.unit_id or event.at < task.created:
            continue
        if named not in {step, task.step}:
            continue
        if event.kind in TAKEN:
            owner = told.facts.get("owner", event.actor_id)
        elif event.kind == GIVEN_BACK:
            owner = None
    return owner


def _actors(task: Task, at: datetime.datetime) -> Iterator[Actor]:
    """Find who held the role asked, and who stood in for them, on that day."""
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
