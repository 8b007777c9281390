"""Read a case under its lock, with all that a decision on it may depend on."""

import contextlib
import datetime
import decimal
import functools
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from workflow import outbox
from workflow.cases import binding_of, process_of
from workflow.deadlines import LOCAL, local_day
from workflow.journeys import Pending
from workflow.models import (
    Case,
    Conflict,
    Event,
    Membership,
    Signature,
    Subject,
    Task,
)
from workflow.process import Move, Process
from workflow.standing import (
    Standing,
    memberships_of,
    parties_of,
    standing_among,
    standing_on,
)
from workflow.statements import Prepared
from workflow.trail import canonical


@dataclass(frozen=True)
class Situation:
    """
    All that a refusal may depend on.

    - `by`: the person;
    - `on`: the day, by the clock on the wall;
    - `pending`: for each move that awaits signatures, the roles that have signed;
    - `signed_by`: likewise, the people who have signed, or in whose name one has.
    """

    process: Process
    subject: Subject
    by: Any
    on: datetime.date
    standing: Standing
    pending: Pending
    signed_by: Mapping[str, frozenset[int]]

    def moves_made_by(self, person: Any) -> frozenset[str]:
        """Name the moves that a person has made on this case, or another for her."""
        return frozenset(
            move for move, *people in self._moves_made if person.pk in people
        )

    @functools.cached_property
    def _moves_made(self) -> Sequence[tuple[str, int, int | None]]:
        return _moves_made(case=self.subject.pk)

    @functools.cached_property
    def conflicts(self) -> Mapping[int, Conflict]:
        """The conflicts of interest that keep people away from the case, by person."""
        return conflicts_of(self.subject.case)

    @functools.cached_property
    def entered_on(self) -> datetime.date | None:
        """
        The day on which the present state took effect, or the case was opened.

        None for a case copied from elsewhere, whose past is still to be told.
        """
        moves = Event.objects.filter(case=self.subject.pk, kind=outbox.MOVED)
        for body in moves.order_by("-seq").values_list("body", flat=True):
            facts = json.loads(body)["facts"]
            if facts["from"] != facts["to"]:
                return datetime.date.fromisoformat(facts["effective_on"])
        opening = Event.objects.get(case=self.subject.pk, seq=1).body
        if json.loads(opening)["facts"].get("copied"):
            return None
        return local_day(self.subject.case.opened_at)

    def signed_inputs(self, move: Move) -> Mapping[str, Any]:
        """What those who signed a move, and who await others, have said."""
        return signed_inputs(self.subject.case, move)

    @functools.cached_property
    def unfinished_tasks(self) -> list[Task]:
        """The tasks of the case that wait, and those that a pause holds."""
        return _unfinished_tasks(case=self.subject.pk)


_moves_made = Prepared(
    lambda case: Event.objects.filter(case=case).values_list(
        "move", "actor", "principal"
    )
)
_unfinished_tasks = Prepared(lambda case: Task.objects.unfinished().filter(case=case))


def locked(process: Process, case_id: int) -> Subject:
    """
    Read a subject with its case, and hold the case until the transaction ends.

    `process` names the procedure; the case says in which version it follows it.

    :raises Subject.DoesNotExist: if the procedure has no such case
    """
    assert connection.in_atomic_block
    model = binding_of(process.name, process.version).model
    found = _lock(model)(case=case_id, process=process.name)
    if not found:
        raise model.DoesNotExist(f"{process.name} : {case_id}")
    return found[0]


@functools.cache
def _lock(model: type[Subject]) -> Prepared[Subject]:
    return Prepared(
        lambda case, process: (
            model._default_manager.select_for_update(of=("case",))
            .select_related("case")
            .filter(pk=case, case__process=process)
        )
    )


def situation_of(
    process: Process,
    subject: Subject,
    *,
    by: Any,
    at: datetime.datetime,
    held: Collection[Membership] | None = None,
) -> Situation:
    """
    Gather what decides whether a person may act on a case.

    `held` is what she holds, for a page that has just read it: never for a decision.
    """
    on = at.astimezone(LOCAL).date()
    held = memberships_of(by, on) if held is None else held
    standing = standing_on(subject.case, held)
    pending, signed_by = signatures(subject.case)
    return Situation(process, subject, by, on, standing, pending, signed_by)


def locked_all(process: Process, case_ids: Collection[int]) -> dict[int, Subject]:
    """
    Read several subjects with their cases, and hold these, always in the same order.

    Those that the procedure has not are left out.
    """
    assert connection.in_atomic_block
    model = binding_of(process.name, process.version).model
    found = (
        model._default_manager.select_for_update(of=("case",))
        .select_related("case")
        .prefetch_related(*model.READ_TOGETHER)
        .filter(pk__in=case_ids, case__process=process.name)
        .order_by("pk")
    )
    return {subject.pk: subject for subject in found}


def situations_of(
    subjects: Collection[Subject], *, by: Any, at: datetime.datetime
) -> dict[int, Situation]:
    """Gather the same for several cases, in as many queries as for one."""
    on = at.astimezone(LOCAL).date()
    cases = [subject.case for subject in subjects]
    memberships, parties = memberships_of(by, on), parties_of(cases)
    tasks: dict[int, list[Task]] = {case.pk: [] for case in cases}
    for task in Task.objects.unfinished().filter(case__in=tasks):
        tasks[task.case_id].append(task)
    made: dict[int, list[tuple[Any, ...]]] = {case.pk: [] for case in cases}
    moves = Event.objects.filter(case__in=made)
    for case_id, *move in moves.values_list("case", "move", "actor", "principal"):
        made[case_id].append(tuple(move))
    found = {}
    for subject in subjects:
        case = subject.case
        standing = standing_among(parties[case.pk], case, memberships)
        situation = Situation(
            process_of(case), subject, by, on, standing, *signatures(case)
        )
        # What would be read when first asked for, case by case.
        vars(situation).update(
            unfinished_tasks=tasks[case.pk], _moves_made=made[case.pk]
        )
        found[case.pk] = situation
    return found


def conflicts_of(case: Case) -> dict[int, Conflict]:
    """Return the conflicts of interest that stand on a case, by person."""
    if not case.has_conflicts:
        return {}
    standing = Conflict.objects.standing().filter(case=case)
    return {one.user_id: one for one in standing.select_related("declared_by")}


def collected_signatures(case: Case) -> "models.QuerySet[Signature]":
    """Return the signatures that neither took effect nor were struck out."""
    return Signature.objects.filter(case=case, struck_by=None, took_effect_by=None)


def signed_inputs(case: Case, move: Move) -> Mapping[str, Any]:
    """
    Return what the first of those who signed a move, and who await others, has said.

    As the trail keeps it, free texts left out.
    """
    collected = collected_signatures(case).filter(move=move.name)
    first = collected.select_related("event").order_by("pk").first()
    said: Mapping[str, Any] = (
        json.loads(first.event.body)["facts"]["inputs"] if first else {}
    )
    return said


def signatures(case: Case) -> tuple[Pending, dict[str, frozenset[int]]]:
    """Return who has signed what awaits other signatures: the roles, the people."""
    roles: dict[str, frozenset[str]] = {}
    people: dict[str, frozenset[int]] = {}
    if case.awaits_signatures:
        for signature in collected_signatures(case):
            name = signature.move
            roles[name] = roles.get(name, frozenset()) | {signature.role}
            signed = {signature.user_id, signature.principal_id or signature.user_id}
            people[name] = people.get(name, frozenset()) | signed
    return roles, people


Values = Mapping[str, Any]


def values_of(subject: Subject) -> Values:
    """Return the stored values of a subject, by column."""
    return {
        field.attname: getattr(subject, field.attname)
        for field in subject._meta.concrete_fields
        if not field.primary_key
    }


def changed(before: Values, subject: Subject) -> dict[str, tuple[Any, Any]]:
    """Return, for each column that changed, its value before and after."""
    return {
        name: (before[name], value)
        for name, value in values_of(subject).items()
        if before[name] != value
    }


def split(
    subject: Subject, changes: Mapping[str, tuple[Any, Any]]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Sort changes for the trail: plain facts, and texts that may be erased."""
    free = set(_free_text(subject._meta.concrete_fields))
    changes = {n: pair for n, pair in changes.items() if n not in subject.DERIVED}
    facts = {
        name: [plain(old), plain(new)]
        for name, (old, new) in changes.items()
        if name not in free
    }
    texts = {
        f"{name}.{when}": str(value or "")
        for name, pair in changes.items()
        if name in free
        for when, value in zip(("before", "after"), pair, strict=True)
    }
    return facts, texts


def _free_text(fields: "Iterable[models.Field[Any, Any]]") -> Iterable[str]:
    for field in fields:
        if isinstance(field, models.CharField | models.TextField) and not field.choices:
            yield field.attname


def plain_text(value: Any) -> Any:
    """Write a value as it is read back from the trail: days are texts there."""
    return json.loads(canonical.text_of(plain(value)))


def shown(value: Any) -> str:
    """Write a value of the trail for people."""
    with contextlib.suppress(TypeError, ValueError):
        return f"{datetime.date.fromisoformat(value):%d/%m/%Y}"
    return f"« {value} »"


def plain(value: Any) -> Any:
    """Write a value as the trail keeps it: numbers and hours as text, no float."""
    match value:
        case bool():
            return value
        case int() | decimal.Decimal():
            return str(value)
        case datetime.time():
            return value.isoformat("minutes")
        case _:
            return value
