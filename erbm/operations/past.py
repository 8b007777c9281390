"""What an operation held at some moment beside its columns, as its events tell it."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from erbm.cases.records import Record
from erbm.funding.models import Scheme
from erbm.operations.models import Direction, DocumentKind
from flows.operation import GIVE_OPINION
from workflow import outbox
from workflow.models import Event, Unit

ERASED = "texte effacé"


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One line of the plan, with what was notified and settled of it."""

    noted: Mapping[str, Any]
    funder: str
    notified_on: datetime.date | None = None
    notification: str = ""
    settled_on: datetime.date | None = None

    @property
    def scheme(self) -> str:
        code = self.noted["scheme"]
        return str(dict(Scheme.choices).get(code, code))

    @property
    def amount_cents(self) -> int:
        return int(self.noted["amount_cents"])

    @property
    def is_own(self) -> bool:
        return bool(self.noted["scheme"] == Scheme.OWN)


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that was joined; `key` is that by which it is still to be read."""

    key: int
    title: str
    kind: str
    sha256: str
    at: datetime.datetime
    by: str


@dataclass(frozen=True, slots=True)
class Advice:
    """An opinion that was given."""

    unit: str
    direction: str
    text: str
    on: datetime.date | None


@dataclass(frozen=True, slots=True)
class Past:
    """What an operation held: its plan, its documents, the opinions received."""

    plan: Sequence[PlanLine]
    documents: Sequence[Paper]
    opinions: Sequence[Advice]

    @property
    def total_cents(self) -> int:
        return sum(line.amount_cents for line in self.plan)


def held(events: Iterable[Event]) -> Past:
    """Read what an operation held after these events, its first ones."""
    records = [Record(event) for event in events]
    return Past(
        plan=_plan(records),
        documents=[_paper(record) for record in records if "sha256" in record.noted],
        opinions=[_advice(record) for record in records if _is_opinion(record)],
    )


def _plan(records: Iterable[Record]) -> list[PlanLine]:
    """Go through what became of the plan: replaced as a whole, then line by line."""
    plan: list[PlanLine] = []
    for record in records:
        noted = record.noted
        if record.event.kind == "opening":
            plan = [PlanLine(line, "") for line in record.facts.get("plan") or ()]
        if "plan" in noted:
            plan = [PlanLine(line, "") for line in noted["plan"][1]]
        if "line" in noted:
            plan = _told(plan, record)
    funders = Unit.objects.filter(code__in={line.noted["funder"] for line in plan})
    names = dict(funders.values_list("code", "short_name"))
    return [replace(line, funder=names.get(line.noted["funder"], "")) for line in plan]


def _told(plan: Sequence[PlanLine], record: Record) -> list[PlanLine]:
    """Write on the first line that it may be about what was notified, or settled."""
    noted, told = record.noted, list(plan)
    is_settled = "settled_on" in noted
    for place, line in enumerate(told):
        known = line.settled_on if is_settled else line.notified_on
        if line.noted != noted["line"] or known is not None:
            continue
        if is_settled:
            day = datetime.date.fromisoformat(noted["settled_on"])
            told[place] = replace(line, settled_on=day)
        else:
            told[place] = replace(
                line,
                notified_on=datetime.date.fromisoformat(noted["notified_on"]),
                notification=record.texts.get("notification", ""),
            )
        break
    return told


def _paper(record: Record) -> Paper:
    noted, texts = record.noted, record.texts
    kinds = dict(DocumentKind.choices)
    return Paper(
        key=int(noted["document"]),
        title=texts.get("document", ERASED),
        kind=str(kinds.get(noted.get("kind", ""), "")),
        sha256=noted["sha256"],
        at=record.event.at,
        by=texts.get("actor", record.erased),
    )


def _is_opinion(record: Record) -> bool:
    event = record.event
    return (event.kind, event.move) == (outbox.MOVED, GIVE_OPINION.name)


def _advice(record: Record) -> Advice:
    direction = str(record.said("direction"))
    return Advice(
        unit=record.texts.get("unit", ERASED),
        direction=str(dict(Direction.choices).get(direction, direction)),
        text=record.said("opinion") or "",
        on=record.effective_on,
    )
