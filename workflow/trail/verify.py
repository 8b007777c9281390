"""Check the trails: every hash, every link, every column that repeats a body."""

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from workflow.models import Case, Event
from workflow.trail import canonical, chain, erasure

MIGRATED = "migrated"  # the one kind of event that changes the version of a case
_DECODER = json.JSONDecoder()  # a canonical text has no space around: none is sought
BATCH = 500  # cases read at a time: memory does not grow with their number


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check of one case's trail found: no problem if it holds."""

    reference: str
    events: int
    problems: Sequence[str]


class _Line(NamedTuple):
    """An event with its texts, beside its case, as they are stored."""

    reference: str
    process: str
    process_version: int
    state: str
    version: int
    latest_seq: int
    latest_hash: bytes
    seq: int | None
    previous_hash: bytes
    body: str
    hash: bytes
    kind: str
    move: str
    at: datetime.datetime
    actor: int
    principal: int | None
    role: str
    unit: str | None
    case_version: int
    request: UUID | None
    salt: bytes | None
    text: str | None

    @property
    def where(self) -> str:
        return f"workflow_event {self.reference}/{self.seq}"


_COLUMNS = (
    *("reference", "process", "process_version", "state", "version"),
    *("latest_seq", "latest_hash", "events__seq", "events__previous_hash"),
    *("events__body", "events__hash", "events__kind", "events__move", "events__at"),
    *("events__actor", "events__principal", "events__role", "events__unit__code"),
    *(
        "events__case_version",
        "events__request_key",
        "events__text__salt",
        "events__text__text",
    ),
)


def problems_of(case: Case) -> list[str]:
    """Return what is wrong with a trail, one sentence a fault: none if it holds."""
    verdicts = check(Case.objects.filter(pk=case.pk))
    return [problem for verdict in verdicts for problem in verdict.problems]


def check(cases: QuerySet[Case]) -> Iterator[Verdict]:
    """Check the trails of these cases, however many, in the order of their keys."""
    ordered, last = cases.order_by("pk"), 0
    while keys := list(
        ordered.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]
    ):
        last = keys[-1]
        # Heads and events in one statement: a move made meanwhile is in both or in
        # neither.
        found = ordered.filter(pk__in=keys).order_by("pk", "events__seq")
        lines = map(_Line._make, found.values_list(*_COLUMNS))
        for reference, trail in groupby(lines, attrgetter("reference")):
            yield _verdict(reference, [line for line in trail if line.seq is not None])


def astray() -> Iterator[str]:
    """Find the events of a case that does not exist: no check of a case reads them."""
    known = Exists(Case.objects.filter(pk=OuterRef("case_id")))
    astray = Event.objects.filter(~known).order_by("pk")
    for seq in astray.values_list("seq", flat=True):
        yield f"workflow_event ?/{seq}, colonne case : ce dossier n’existe pas."


def ambiguous(cases: QuerySet[Case]) -> Iterator[str]:
    """
    Find the bodies and the texts that two programs might not read alike.

    It is a reading of its own, which takes as long as the check of the hashes.
    """
    events = Event.objects.filter(case__in=cases).order_by("case", "seq")
    rows = events.values_list("case__reference", "seq", "body", "text__text")
    for reference, seq, body, text in rows.iterator():
        where = f"workflow_event {reference}/{seq}"
        if not canonical.is_canonical(body):
            yield f"{where}, colonne body : ce n’est pas un texte de la RFC 8785."
        if text and not canonical.is_canonical(text):
            yield (
                f"{where}, table workflow_eventtext, colonne text : ce n’est pas un "
                "texte de la RFC 8785."
            )


def _verdict(reference: str, lines: Sequence[_Line]) -> Verdict:
    if not lines:
        return Verdict(
            reference, 0, [f"workflow_case {reference} : le journal manque."]
        )
    problems: list[str] = []
    head, expected, body, version = b"", 1, {}, None
    for line in lines:
        body = _body(line)
        if not _holds(line, body, head, expected, version):
            problems += _broken(line, head, expected)
            problems += _untrue(line, body)
            problems += _strayed(line, body, version)
        head, expected = bytes(line.hash), (line.seq or 0) + 1
        version = body.get("process_version")
    problems += _effaced(lines)
    problems += _heads(lines[-1], body)
    return Verdict(reference, len(lines), problems)


def _holds(
    line: _Line,
    body: Mapping[str, Any],
    head: bytes,
    expected: int,
    version: int | None,
) -> bool:
    """Tell at once that nothing is wrong with an event, as is nearly always true."""
    return (
        line.seq == expected
        and line.previous_hash == head
        and line.hash == chain.link(head, line.body)
        and line.salt is not None
        and line.text is not None
        and chain.is_committed(line.salt, line.text, body.get("texts"))
        and body.get("process_version") == version
        and ("principal" in body) is (line.principal is not None)
        and _repeated(line).items() <= body.items()
    )


def _broken(line: _Line, head: bytes, expected: int) -> Iterator[str]:
    """Find where an event is not linked to the one before it."""
    if line.seq != expected:
        yield f"{line.where} : l’événement {expected} manque."
    if bytes(line.previous_hash) != head:
        yield f"{line.where}, colonne previous_hash : la chaîne est rompue."
    if bytes(line.hash) != chain.link(bytes(line.previous_hash), line.body):
        yield f"{line.where}, colonne hash : le corps a été modifié."


def _untrue(line: _Line, body: Mapping[str, Any]) -> Iterator[str]:
    """Find the columns of an event that do not repeat its body."""
    if not body:
        yield f"{line.where}, colonne body : le corps est illisible."
        return
    stored = _repeated(line)
    if not stored.items() <= body.items() or "principal" in body:
        for column, value in (stored | {"principal": line.principal}).items():
            if body.get(column) != value:
                yield f"{line.where}, colonne {column} : elle contredit le corps."
    yield from _untold(line, body)


def _untold(line: _Line, body: Mapping[str, Any]) -> Iterator[str]:
    """Find texts that are not those of an event; those erased are examined apart."""
    where = f"{line.where}, table workflow_eventtext"
    if line.salt is None or line.text is None:
        yield f"{where} : les textes manquent."
    elif (line.text or line.salt) and not chain.is_committed(
        bytes(line.salt), line.text, body.get("texts")
    ):
        yield f"{where}, colonne text : les textes ont été modifiés."


def _strayed(
    line: _Line, body: Mapping[str, Any], version: int | None
) -> Iterator[str]:
    """Find an event of another version than the one before it, without a migration."""
    if version is None or not body or body.get("process_version") == version:
        return
    if line.kind != MIGRATED or body["facts"].get("version_before") != version:
        yield f"{line.where}, colonne body : la procédure change de version sans acte."


def _effaced(lines: Sequence[_Line]) -> Iterator[str]:
    """Find the texts that were erased without any event that says so."""
    gone = [line for line in lines if line.text == ""]
    if not gone:
        return
    said: set[int] = set()
    for act in (line for line in lines if line.kind == erasure.KIND):
        erased = _body(act).get("facts", {}).get("erased", ())
        # Nobody announces what she will erase of the events to come.
        said |= {seq for seq in erased if seq < (act.seq or 0)}
    for line in gone:
        if line.seq not in said:
            yield (
                f"{line.where}, table workflow_eventtext, colonne text : les textes "
                "ont été effacés sans qu’aucun événement le dise."
            )


def _heads(latest: _Line, body: Mapping[str, Any]) -> Iterator[str]:
    """Find the columns of a case that contradict its latest event."""
    where = f"workflow_case {latest.reference}, colonne"
    if (latest.latest_seq, bytes(latest.latest_hash)) != (
        latest.seq,
        bytes(latest.hash),
    ):
        yield f"{where}s latest_seq et latest_hash : la fin du journal manque."
    if body and body.get("facts", {}).get("to") != latest.state:
        yield f"{where} state : le dernier événement dit un autre état."
    if latest.case_version != latest.version:
        yield f"{where} version : le dernier événement en dit une autre."
    if body and body.get("process_version") != latest.process_version:
        yield f"{where} process_version : le dernier événement en dit une autre."


def _body(line: _Line) -> dict[str, Any]:
    try:
        body, end = _DECODER.raw_decode(line.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) and end == len(line.body) else {}


def _repeated(line: _Line) -> dict[str, Any]:
    return {
        "case": line.reference,
        "process": line.process,
        "seq": line.seq,
        "kind": line.kind,
        "move": line.move or None,
        "at": canonical.moment(line.at),
        "actor": line.actor,
        "role": line.role or None,
        "unit": line.unit,
        "case_version": line.case_version,
        "request": str(line.request) if line.request else None,
        **({} if line.principal is None else {"principal": line.principal}),
    }
