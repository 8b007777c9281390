"""What people are asked and may not answer: conflicts of interest, and four eyes.

All of it is read at once, for a list that shows nobody what is not for her.
"""

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet, Value

from workflow.journeys import Step, registered_flows
from workflow.models import Conflict, Membership, Party, Task

CONFLICT, MADE, PLAYS = range(3)

Ids = Mapping[int, Collection[int]]
"""Of cases or of tasks, by person."""


@dataclass(frozen=True, slots=True)
class Excluded:
    """
    What each of several people may not answer.

    - `cases`: those from which a conflict of interest keeps her away;
    - `tasks`: those whose every move wants other eyes than hers.
    """

    cases: Ids = field(default_factory=dict)
    tasks: Ids = field(default_factory=dict)

    def bounds(self, person: Any) -> Q:
        """Leave out the tasks that a person may not answer."""
        bounds = Q()
        if cases := self.cases.get(person.pk):
            bounds &= ~Q(case__in=sorted(cases))
        if tasks := self.tasks.get(person.pk):
            bounds &= ~Q(pk__in=sorted(tasks))
        return bounds


def excluded(by: Any, memberships: Iterable[Membership]) -> Excluded:
    """Read, in one query, what a person and those she stands in for may not answer."""
    held = list(memberships)
    units: dict[int, set[int]] = {by.pk: set()}
    for one in held:
        whose = one.principal.pk if one.principal else by.pk
        units.setdefault(whose, set()).add(one.unit_id)
    cases: dict[int, set[int]] = {}
    asked: dict[int, _Asked] = {}
    for kind, who, key, *place, said in _rows(held, units):
        if kind == CONFLICT:
            cases.setdefault(who, set()).add(key)
            continue
        task = asked.setdefault(key, _Asked(*place))
        (task.made if kind == MADE else task.played).setdefault(who, set()).add(said)
    tasks: dict[int, set[int]] = {person: set() for person in units}
    for key, task in asked.items():
        for person in _barred(_step(task), units, task.made, task.played):
            tasks[person].add(key)
    return Excluded(cases, tasks)


def barred(
    task: Task,
    people: Iterable[Any],
    *,
    made: Iterable[tuple[str, int | None, int | None]],
    on: datetime.date,
) -> set[int]:
    """
    Find which of these people may make none of the moves that answer a task.

    `made` are the moves of its case: their names, their actors and in whose name.
    """
    step = task.flow_task
    if not step.wants_others:
        return set()
    units: dict[int, set[int]] = {person.pk: set() for person in people}
    held = Membership.objects.current(on).filter(user__in=units)
    for person, unit in held.values_list("user", "unit"):
        units[person].add(unit)
    by_person: dict[int, set[str]] = {}
    for name, *pair in made:
        for one in filter(None, pair):
            by_person.setdefault(one, set()).add(name)
    played: dict[int, set[str]] = {}
    parties = Party.objects.filter(case=task.case_id)
    for unit, role in parties.values_list("unit", "role"):
        played.setdefault(unit, set()).add(role)
    return set(_barred(step, units, by_person, played))


def _barred(
    step: Step | None,
    units: Mapping[int, Collection[int]],
    made: Mapping[int, Collection[str]],
    played: Mapping[int, Collection[str]],
) -> Iterator[int]:
    """Find who may answer no task of a step, among people known by their units."""
    for person, mine in units.items() if step else ():
        roles = set[str]().union(*(played.get(unit, ()) for unit in mine))
        if step and step.is_barred_by(made.get(person, ()), roles):
            yield person


@dataclass(slots=True)
class _Asked:
    """A task that wants other eyes: who made what moves, which units play what."""

    process: str
    version: int
    step: str
    made: dict[int, set[str]] = field(default_factory=dict)
    played: dict[int, set[str]] = field(default_factory=dict)


def _step(asked: _Asked) -> Step | None:
    """Return the step of a task; none if no code declares it any more."""
    for flow in registered_flows():
        if (flow.process.name, flow.process.version) == (asked.process, asked.version):
            return next((one for one in flow.steps() if one.name == asked.step), None)
    return None


def _rows(
    held: Sequence[Membership], units: Mapping[int, Collection[int]]
) -> QuerySet[Any, Any]:
    """Read what keeps these people away: what kind, who, from what, by which name."""
    people = sorted(units)
    conflicts = Conflict.objects.standing().filter(user__in=people)
    nowhere = Value(""), Value(0), Value(""), Value("")
    found = conflicts.values_list(Value(CONFLICT), "user", "case", *nowhere)
    steps = [step for flow in registered_flows() for step in flow.steps()]
    roles = {one.role for one in held}
    wary = [step for step in steps if step.wants_others and step.asks in roles]
    return found.union(*_barring(wary, held, people, units), all=True)


def _barring(
    wary: Sequence[Step],
    held: Sequence[Membership],
    people: Sequence[int],
    units: Mapping[int, Collection[int]],
) -> Iterator[QuerySet[Any, Any]]:
    if not wary:
        return
    moves = {name for step in wary for move in step.offers for name in move.apart_from}
    roles = {r for step in wary for move in step.offers for r in move.apart_from_unit}
    tasks = Task.objects.open().filter(
        unit__in={one.unit_id for one in held},
        role__in={step.asks for step in wary},
        step__in={step.name for step in wary},
    )
    place = "pk", "kind", "case__process_version", "step"
    events, parties = "case__events", "case__parties"
    for who in ("actor", "principal"):
        made = {f"{events}__{who}__in": people, f"{events}__move__in": sorted(moves)}
        rows = tasks.filter(**made)
        yield rows.values_list(
            Value(MADE), f"{events}__{who}", *place, f"{events}__move"
        )
    theirs = sorted(set[int]().union(*units.values()))
    plays = {f"{parties}__unit__in": theirs, f"{parties}__role__in": sorted(roles)}
    rows = tasks.filter(**plays)
    yield rows.values_list(Value(PLAYS), f"{parties}__unit", *place, f"{parties}__role")
