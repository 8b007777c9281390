"""Check the register: every hash, every column that repeats a body, every text."""

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import QuerySet

from workflow.models import Entry, EntryKind
from workflow.trail import canonical, chain, register


class _Line(NamedTuple):
    """An entry with its texts, as they are stored."""

    pk: int
    kind: str
    at: datetime.datetime
    actor: int | None
    case: str | None
    body: str
    hash: bytes
    salt: bytes | None
    text: str | None

    @property
    def where(self) -> str:
        return f"workflow_entry {self.pk}"


_COLUMNS = (
    *("pk", "kind", "at", "actor", "case__reference", "body", "hash"),
    *("text__salt", "text__text"),
)


class Check:
    """One reading of entries: it yields what is wrong, and counts what it reads."""

    def __init__(self, entries: QuerySet[Entry]) -> None:
        self.entries = entries
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        gone: list[_Line] = []
        lines = self.entries.order_by("pk").values_list(*_COLUMNS)
        for line in map(_Line._make, lines.iterator()):
            self.count += 1
            yield from _problems(line)
            if line.text == "":
                gone.append(line)
        yield from _effaced(gone)


def _problems(line: _Line) -> Iterator[str]:
    if bytes(line.hash) != register.fingerprint(line.body):
        yield f"{line.where}, colonne hash : le corps a été modifié."
    body = read(line.body)
    if not body:
        yield f"{line.where}, colonne body : le corps est illisible."
        return
    for column, value in _repeated(line).items():
        if column not in body or body[column] != value:
            yield f"{line.where}, colonne {column} : elle contredit le corps."
    if not canonical.is_canonical(line.body):
        yield f"{line.where}, colonne body : ce n’est pas un texte de la RFC 8785."
    yield from _untold(line, body)


def _untold(line: _Line, body: Mapping[str, Any]) -> Iterator[str]:
    texts = f"workflow_entrytext {line.pk}"
    if line.salt is None or line.text is None:
        yield f"{texts} : les textes manquent."
    elif not (line.text or line.salt):
        return  # erased: examined apart
    elif not chain.is_committed(bytes(line.salt), line.text, body.get("texts")):
        yield f"{texts}, colonne text : les textes ont été modifiés."
    elif not canonical.is_canonical(line.text):
        yield f"{texts}, colonne text : ce n’est pas un texte de la RFC 8785."


def _effaced(gone: Sequence[_Line]) -> Iterator[str]:
    """Find the texts that were erased without any entry that says so."""
    # Read last: what is erased and what says it are committed together.
    said = {hashed for body in erasures() for hashed in body["facts"]["entries"]}
    for line in gone:
        if bytes(line.hash).hex() not in said:
            yield (
                f"workflow_entrytext {line.pk}, colonne text : les textes ont été "
                "effacés sans qu’aucune inscription le dise."
            )


def erasures() -> Iterator[dict[str, Any]]:
    """Read the entries that say which texts of the register were erased."""
    told = Entry.objects.filter(kind=EntryKind.ERASED).order_by("pk")
    for text in told.values_list("body", flat=True):
        body = read(text)
        if isinstance(body.get("facts", {}).get("entries"), list):
            yield body


def read(text: str) -> dict[str, Any]:
    """Read the body of an entry: nothing if it is not one."""
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _repeated(line: _Line) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "at": canonical.moment(line.at),
        "actor": line.actor,
        "case": line.case,
    }
