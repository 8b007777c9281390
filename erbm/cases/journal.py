"""Say in words what the trail of a case records."""

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from erbm import words
from erbm.cases import rooms
from erbm.cases.dialects import Difference
from erbm.cases.kinds import KINDS_ABOUT, PLAIN_KINDS, TASK_KINDS
from erbm.cases.records import (
    ERASED,
    Fields,
    Record,
    derived_of,
    fields_of,
    tell_erasures,
)
from flows.stages import Stage
from workflow import journeys, outbox
from workflow.ladders import Whom
from workflow.models import Case, Delegation, Event, Priority
from workflow.process import Input, InputKind, Move, Process, UnknownMove
from workflow.trail import erasure
from workflow.trail.verify import MIGRATED

NOTHING = "–"
PREPARED = {"delegation": ("Consigne", "instructions"), "return": ("Réponse", "answer")}
"""What is written of a preparation: in words, and by its name in the row."""
PIPELINE: list[str] = [
    stage for stage in Stage if stage not in {Stage.END, Stage.ASIDE}
]


@dataclass(frozen=True, slots=True)
class Line:
    """One event as it is read.

    - `from_state`, `to_state`: labels, empty when the state did not change;
    - `effective_on`: the day of its legal effect, when it is not that of the entry;
    - `said`: what was typed, question by question;
    - `noted`: what else was changed or joined, name by name;
    - `differences`: all that changed, what was typed included.
    """

    seq: int
    at: datetime.datetime
    actor: str
    principal: str
    role: str
    unit: str
    what: str
    from_state: str
    to_state: str
    effective_on: datetime.date | None
    reason: str
    said: tuple[tuple[str, str], ...]
    noted: tuple[tuple[str, str], ...]
    differences: tuple[Difference, ...]
    hash: str

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        return self.said + self.noted

    @property
    def by(self) -> str:
        """Who did it, and for whom."""
        return f"{self.who} ({self.unit})" if self.unit else self.who

    @property
    def who(self) -> str:
        """The actor, and the person in whose name she acted."""
        return f"{self.actor} pour {self.principal}" if self.principal else self.actor


def read(
    events: Iterable[Event],
    *,
    also: Iterable[Event] = (),
    told: Iterable[Delegation] = (),
) -> list[Line]:
    """
    Read events, whose texts come with them, each in the version it was made in.

    - `also`: the erasures of the same cases that are not among them;
    - `told`: the preparations whose texts may be read.
    """
    records = [Record(event) for event in events]
    tell_erasures(records, also)
    names, readers = _names(records), dict[tuple[str, int], _Reader]()
    prepared = {one.pk: one for one in told}
    lines = []
    for record in records:
        process = record.process
        rules = process.name, process.version
        if rules not in readers:
            readers[rules] = _Reader(process, names, prepared)
        lines.append(readers[rules].line(record))
    return lines


def arrival(events: Sequence[Event]) -> Line | None:
    """Return the event that brought a case to its state, unless it opened it."""
    for event in reversed(events):
        facts = Record(event).facts
        if facts.get("from") not in {None, facts["to"]}:
            return read([event])[0]
    return None


def latest(events: Sequence[Event], *, move: Move) -> Line | None:
    """Return the latest event of a move, if it was ever made."""
    made = [event for event in events if event.move == move.name]
    return read(made[-1:])[0] if made else None


def describe(process: Process, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name the columns that have a value, as the trail writes them, for people."""
    fields, derived = fields_of(process), derived_of(process)
    reader, described = _Reader(process, _named(fields, facts.items()), {}), []
    for column, value in facts.items():
        if column in derived or value in (None, "", False, "0"):
            continue
        name, money = reader.column_name(column)
        described.append((name, reader.value(column, value, money)))
    return described


def stages_entered(case: Case, events: Sequence[Event]) -> dict[str, datetime.date]:
    """Return the day on which each stage was latest entered, up to the present one."""
    entered: dict[str, datetime.date] = {}
    stage = ""
    for record in map(Record, events):
        reached = record.process.stage_of(record.facts["to"])
        if reached == Stage.ASIDE:  # a pause: the stage goes on where it was
            continue
        if reached != stage:
            entered[reached] = record.effective_on or record.day
        stage = reached
    if case.stage in PIPELINE:
        ahead = PIPELINE[PIPELINE.index(case.stage) + 1 :]
        entered = {s: day for s, day in entered.items() if s not in ahead}
    return entered


Names = Mapping[tuple[str, str], str]
"""What foreign keys point to, in words, by column and key."""


def _names(records: Iterable[Record]) -> Names:
    """Name what the records point to, with one query for each such column."""
    names: dict[tuple[str, str], str] = {}
    by_model: dict[int, tuple[Fields, list[tuple[str, Any]]]] = {}
    for record in records:
        fields = fields_of(record.process)
        _, pairs = by_model.setdefault(id(fields), (fields, []))
        pairs += [(c, key) for c, change in record.changes.items() for key in change]
    for fields, pairs in by_model.values():
        names |= _named(fields, pairs)
    return names


def _named(fields: Fields, pairs: Iterable[tuple[str, Any]]) -> Names:
    keys: dict[str, set[Any]] = {}
    for column, key in pairs:
        field = fields.get(column)
        if field is not None and field.is_relation and key:
            keys.setdefault(column, set()).add(key)
    return {
        (column, str(key)): str(one)
        for column, wanted in keys.items()
        for key, one in _pointed_to(fields[column]).in_bulk(wanted).items()
    }


def _pointed_to(field: Any) -> "models.Manager[Any]":
    manager: models.Manager[Any] = field.related_model._default_manager
    return manager


class _Reader:
    """The words of one procedure."""

    def __init__(
        self, process: Process, names: Names, told: Mapping[int, Delegation]
    ) -> None:
        flow = journeys.flow_of(process.name, process.version)
        self._tasks = {step.name: step.task_title for step in flow.steps()}
        asked = (wanted for move in process.moves for wanted in move.inputs)
        self._answers = {wanted.name: dict(wanted.choices) for wanted in asked}
        self._process = process
        self._fields = fields_of(process)
        self._names = names
        self._told = told
        self._dialect = rooms.dialect_of(process.name)

    def line(self, record: Record) -> Line:
        event, facts = record.event, record.facts
        before, after = facts.get("from"), facts["to"]
        moved = "from" in facts and before != after
        effective_on = record.effective_on
        return Line(
            seq=event.seq,
            at=event.at,
            actor=record.texts.get("actor", record.erased),
            principal=self._principal(record),
            role=self._role(event.role),
            unit=record.texts.get("unit", ""),
            what=self._what(record),
            from_state=record.process_before.state_label(before)
            if moved and before
            else "",
            to_state=self._process.state_label(after) if moved else "",
            effective_on=effective_on if effective_on != record.day else None,
            reason=record.texts.get("reason", ""),
            said=(*self._said(record), *_shared(record, self._told)),
            noted=tuple(self._changed(record)),
            differences=(
                *self._differences(record, set()),
                *self._in_noted(record),
            ),
            hash=bytes(event.hash).hex(),
        )

    def _principal(self, record: Record) -> str:
        if record.event.principal_id is None:
            return ""
        return record.texts.get("principal", ERASED)

    def _role(self, role: str) -> str:
        return self._process.role_label(role) if role else ""

    def _what(self, record: Record) -> str:
        kind = record.event.kind
        if kind in PLAIN_KINDS:
            return PLAIN_KINDS[kind]
        if kind in TASK_KINDS:
            step = str(record.facts.get("task", ""))
            return f"{TASK_KINDS[kind]} « {self._tasks.get(step, step)} »"
        if kind in KINDS_ABOUT:
            label, name = KINDS_ABOUT[kind]
            about = record.texts.get(name, ERASED) if name else ""
            return f"{label} : {about}" if about else label
        words_of = {
            MIGRATED: self._migration,
            "priority": self._priority,
            erasure.KIND: self._erasure,
            outbox.ESCALATED: self._rung,
        }
        return words_of.get(kind, self._act)(record)

    def _act(self, record: Record) -> str:
        label = self._label(record.event.move)
        for named in ("document", "consulted"):
            if named in record.texts:
                return f"{label} : {record.texts[named]}"
        return f"{label} (signature)" if record.event.kind == "signature" else label

    def _migration(self, record: Record) -> str:
        way = "Retour" if record.facts["undoes"] else "Passage"
        return f"{way} à la version {record.facts['version_after']} des règles"

    def _erasure(self, record: Record) -> str:
        lines = ", ".join(map(str, record.facts["erased"]))
        return f"Textes effacés (lignes {lines}) au titre de {record.facts['basis']}"

    def _priority(self, record: Record) -> str:
        _, given = record.facts["priority"]
        said = f"Priorité « {Priority(given).label} »"
        if step := record.facts.get("task"):
            return f"{said} donnée à la tâche « {self._tasks.get(step, step)} »"
        return f"{said} donnée au dossier"

    def _rung(self, record: Record) -> str:
        """Say whom a rung told, and of which task."""
        step = str(record.facts["task"])
        return f"{self.told(record.facts['tells'])} : « {self._tasks.get(step, step)} »"

    def told(self, tells: str) -> str:
        """Say what a rung did, by whom it tells."""
        if tells == Whom.ASKED.name:
            return "Relance de l’unité sollicitée"
        if tells == Whom.HEAD.name:
            return "Signalement au responsable de l’unité"
        return f"Signalement à : {self._role(tells)}"

    def _label(self, name: str) -> str:
        try:
            return self._process.move(name).label
        except UnknownMove:
            pass
        try:
            return self._process.edit(name).label
        except UnknownMove:
            return name

    def _said(self, record: Record) -> Iterator[tuple[str, str]]:
        for wanted in self._asked(record):
            value = record.said(wanted.name)
            if value not in (None, "", False):
                yield wanted.label, _said_as(wanted, value)

    def _asked(self, record: Record) -> tuple[Input, ...]:
        """Return what the move of an event asked for."""
        try:
            return self._process.move(record.event.move).inputs
        except UnknownMove:
            return ()

    def _changed(self, record: Record) -> Iterator[tuple[str, str]]:
        """Tell the changes that do not merely repeat what was said."""
        said = {wanted.name for wanted in self._asked(record)}
        for change in self._differences(record, said):
            yield change.name, str(change)
        yield from self._noted(record)
        for name, facts in record.facts.get("fallen", {}).items():
            yield "Signatures rayées", f"{self._label(name)} : {', '.join(facts)}"
        yield from _put_off(record, self._tasks)
        if confirmed_at := record.facts.get("confirmed_at"):
            moment = datetime.datetime.fromisoformat(confirmed_at)
            yield "Identité confirmée", words.moment(moment)

    def _differences(
        self, record: Record, apart: Collection[str]
    ) -> Iterator[Difference]:
        """Tell the columns that changed, but for some."""
        for column, (before, after) in record.changes.items():
            if column not in apart:
                name, money = self.column_name(column)
                yield Difference(
                    name,
                    self.value(column, before, money),
                    self.value(column, after, money),
                )

    def value(self, column: str, value: Any, money: bool) -> str:
        if value in (None, ""):
            return NOTHING
        if money:
            return words.money(int(value))
        if name := self._names.get((column, str(value))):
            return name
        field = self._fields.get(column)
        if isinstance(field, models.DateTimeField):  # which is a DateField too
            return words.moment(datetime.datetime.fromisoformat(value))
        if isinstance(field, models.DateField):
            return words.day(datetime.date.fromisoformat(value))
        if isinstance(value, bool):
            return "oui" if value else "non"
        labels: dict[Any, Any] = dict(field.flatchoices) if field is not None else {}
        labels |= self._answers.get(column, {})
        return str(labels.get(value, value))

    def column_name(self, column: str) -> tuple[str, bool]:
        """Name a column for people, and tell whether it holds an amount."""
        field = self._fields.get(column)
        name = str(field.verbose_name) if field is not None else column
        name = name[:1].upper() + name[1:]
        return name.removesuffix(" en centimes"), column.endswith("_cents")

    def _noted(self, record: Record) -> Iterator[tuple[str, str]]:
        """Say what was noted beside the columns: amounts, lines, documents."""
        noted, texts = record.facts.get("noted") or {}, record.texts
        if record.event.kind == "opening":
            yield from self._opened(record)
        for change in self._in_noted(record):
            yield change.name, str(change)
        yield from self._dialect.noted(noted, texts)
        if "sha256" in noted:
            yield "Nature", self._dialect.document_kind(noted.get("kind", ""))
            yield "Fichier", texts.get("filename", NOTHING)
            yield "Empreinte SHA-256", noted["sha256"]

    def _in_noted(self, record: Record) -> Iterator[Difference]:
        """Tell what changed beside the columns: title, cost, plan."""
        noted, texts = record.facts.get("noted") or {}, record.texts
        if "title.after" in texts and texts["title.before"] != texts["title.after"]:
            yield Difference("Intitulé", texts["title.before"], texts["title.after"])
        before, after = noted.get("cost_cents", [None, None])
        if before != after:
            amounts = (words.money(int(cents)) for cents in (before, after))
            yield Difference(self._dialect.amount, *amounts)
        yield from self._dialect.differences(noted, texts)

    def _opened(self, record: Record) -> Iterator[tuple[str, str]]:
        yield "Intitulé", record.texts.get("title", NOTHING)
        if cents := int(record.facts["amount_cents"]):
            yield self._dialect.amount, words.money(cents)
        if source_id := record.facts.get("source_id"):
            yield "Identifiant d’origine", source_id


def _shared(
    record: Record, told: Mapping[int, Delegation]
) -> Iterator[tuple[str, str]]:
    """Say between whom a task is shared, and what may be read of what they wrote."""
    if record.event.kind not in TASK_KINDS:
        return
    for name, label in {"assignee": "À", "delegate": "À préparer par"}.items():
        if text := record.texts.get(name):
            yield label, text
    label, column = PREPARED.get(record.event.kind, ("", ""))
    asked = told.get(record.facts["delegation"]) if column else None
    if text := getattr(asked, column, ""):
        yield label, text
    if due_on := record.facts.get("due_on"):
        yield "Attendue le", words.day(datetime.date.fromisoformat(due_on))


def _said_as(wanted: Input, value: Any) -> str:
    match wanted.kind:
        case InputKind.DAY:
            return words.day(datetime.date.fromisoformat(value))
        case InputKind.CENTS:
            return words.money(int(value))
        case InputKind.COUNT:
            return words.count(int(value))
        case InputKind.CHOICE:
            return dict(wanted.choices).get(value, str(value))
        case InputKind.YES:
            return "oui"
        case _:
            return str(value)


def _put_off(record: Record, tasks: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Say by when tasks were to be done, and are now."""
    if "due" in record.facts:
        yield "Échéance", _days(record.facts["due"])
    elif record.event.kind == outbox.ESCALATED:
        due_at = datetime.datetime.fromisoformat(record.facts["due_at"])
        yield "Échéance", words.day(due_at)
    for step, _, *days in record.facts.get("put_off") or ():
        yield f"Échéance de « {tasks.get(step, step)} »", _days(days)


def _days(written: Iterable[str]) -> str:
    days = map(datetime.datetime.fromisoformat, written)
    return " → ".join(words.day(day) for day in days)
