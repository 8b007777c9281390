"""Open cases, one or thousands, with the same statements."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F

from workflow import journeys, outbox, progress
from workflow.deadlines import LOCAL
from workflow.models import (
    Case,
    Competence,
    Counter,
    Jurisdiction,
    Party,
    Subject,
    Unit,
)
from workflow.process import Process
from workflow.trail import chain

Parties = Mapping[str, tuple[Unit, ...]]
"""The units that play each role in a case."""


class NobodyCompetent(LookupError):
    """A role of the procedure has no unit in this jurisdiction."""


@dataclass(frozen=True, slots=True)
class NewCase:
    """
    A case to be opened.

    - `subject`: its facts, not yet saved;
    - `parties`: the units that the competences do not give, the owner for one;
    - `facts`: what the trail notes of its origin;
    - `is_copy`: it began elsewhere, and its past may be told with its own dates;
    - `key`: the same for a request sent twice, when a person opens it.
    """

    subject: Subject
    title: str
    jurisdiction: Jurisdiction
    amount_cents: int = 0
    parties: Mapping[str, Sequence[Unit]] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    is_copy: bool = False
    key: uuid.UUID | None = None


def open_cases(
    process: Process,
    new: Sequence[NewCase],
    *,
    role: str,
    by: Any,
    at: datetime.datetime,
    principal: Any = None,
) -> list[Case]:
    """
    Open cases with their trail, their parties and their first tasks.

    `principal` is the person in whose name they are opened, if not her own. The
    number of statements depends on the number of tables, not of cases.

    :raises NobodyCompetent: if a role that a step asks has no unit
    """
    if not new:
        return []
    parties = _parties(process, new)
    cases = _cases(process, new, by, at)
    entries = [
        _opening(process, item, units, role, by, at, principal)
        for item, units in zip(new, parties, strict=True)
    ]
    drafts = [chain.draft(*one) for one in zip(cases, entries, strict=True)]
    Case.objects.bulk_create(cases)
    for case, item in zip(cases, new, strict=True):
        item.subject.case = case
        item.subject.numbered()
    type(new[0].subject)._default_manager.bulk_create(item.subject for item in new)
    events = chain.write(drafts)
    asked = {case.pk: units for case, units in zip(cases, parties, strict=True)}
    _write_parties(asked)
    progress.begin([item.subject for item in new], asked, at)
    if outbox.enqueue(process.name, *events):
        outbox.bell.ring()
    return cases


def _write_parties(parties: Mapping[int, Parties]) -> None:
    Party.objects.bulk_create(
        Party(case_id=case_id, role=role, unit=unit)
        for case_id, roles in parties.items()
        for role, units in roles.items()
        for unit in units
    )


def take_numbers(name: str, count: int) -> range:
    """Take the next `count` numbers of a sequence, which has no gaps."""
    sequence = Counter.objects.filter(name=name)
    # Whoever comes next waits until this transaction ends.
    if not sequence.update(value=F("value") + count):
        Counter.objects.bulk_create([Counter(name=name)], ignore_conflicts=True)
        sequence.update(value=F("value") + count)
    [latest] = sequence.values_list("value", flat=True)
    return range(latest - count + 1, latest + 1)


def _cases(
    process: Process, new: Sequence[NewCase], by: Any, at: datetime.datetime
) -> list[Case]:
    year = at.astimezone(LOCAL).year
    numbers = take_numbers(f"{process.name}-{year}", len(new))
    return [
        Case(
            process=process.name,
            process_version=process.version,
            reference=f"{process.prefix}-{year}-{number:05d}",
            title=item.title,
            state=str(process.initial),
            stage=process.stage_of(process.initial),
            version=1,
            jurisdiction=item.jurisdiction,
            amount_cents=item.amount_cents,
            opened_at=at,
            opened_by=by,
            changed_at=at,
        )
        for number, item in zip(numbers, new, strict=True)
    ]


def _opening(
    process: Process,
    item: NewCase,
    parties: Parties,
    role: str,
    by: Any,
    at: datetime.datetime,
    principal: Any,
) -> chain.Entry:
    return chain.Entry(
        kind="opening",
        actor=by,
        at=at,
        principal=principal,
        role=role,
        unit=next(iter(parties.get(role, ())), None),
        request_key=item.key,
        facts={
            "from": None,
            "to": str(process.initial),
            "process_digest": process.digest,
            "jurisdiction": item.jurisdiction.code,
            "amount_cents": str(item.amount_cents),
            "parties": {
                role: [unit.code for unit in units] for role, units in parties.items()
            },
            **({"copied": True} if item.is_copy else {}),
            **item.facts,
        },
        texts={"title": item.title},
    )


def _parties(process: Process, new: Sequence[NewCase]) -> list[Parties]:
    """
    Return who plays each role in each case.

    :raises NobodyCompetent: if a role that a step asks has no unit
    """
    competent = _competent(process)
    asked = {step.asks for step in _steps(process) if step.must_be_asked}
    found: list[Parties] = []
    for item in new:
        units = competent.get(None, {}) | competent.get(item.jurisdiction.pk, {})
        units |= {role: tuple(given) for role, given in item.parties.items()}
        if missing := sorted(role for role in asked if not units.get(role)):
            labels = ", ".join(map(process.role_label, missing))
            raise NobodyCompetent(f"{item.jurisdiction} : {labels}")
        found.append(units)
    return found


def _competent(process: Process) -> dict[int | None, dict[str, tuple[Unit, ...]]]:
    competent: dict[int | None, dict[str, tuple[Unit, ...]]] = {}
    held = Competence.objects.filter(process=process.name, unit__is_active=True)
    for row in held.select_related("unit"):
        competent.setdefault(row.jurisdiction_id, {})[row.role] = (row.unit,)
    return competent


def _steps(process: Process) -> list[journeys.Step]:
    return journeys.flow_of(process.name, process.version).steps()
