"""Write an event at the end of its case's chain; nothing else writes one."""

import datetime
import hashlib
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction

from workflow import statements
from workflow.models import Case, Event, EventText
from workflow.trail import canonical

DOMAIN = b"workflow/event/1\n"
FORMAT = 1
SALT = 16
"""How many bytes of chance hide a text: a salt of another length is none of ours."""

CLOCK = "L’horloge"
"""Who acts when nobody does."""


@dataclass(frozen=True, slots=True)
class Entry:
    """
    What is to be recorded.

    - `facts` go into the body as they are: identifiers, dates, amounts, states;
    - `texts` (names, reasons, comments) are kept apart, behind a salted hash;
    - `principal`: the person in whose name the actor acts, if not her own.
    """

    kind: str
    actor: Any
    at: datetime.datetime
    move: str = ""
    role: str = ""
    unit: Any = None
    request_key: uuid.UUID | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    principal: Any = None


def link(previous_hash: bytes, body: str) -> bytes:
    """Return the SHA-256 that chains a body to the event before it."""
    return hashlib.sha256(DOMAIN + previous_hash + body.encode()).digest()


def commitment(salt: bytes, text: str) -> str:
    """Return what the body holds in place of a detached text, in hexadecimal."""
    return hashlib.sha256(salt + text.encode()).hexdigest()


def is_committed(salt: bytes, text: str, said: Any) -> bool:
    """Tell whether this is the text, all of it, that a body holds the hash of."""
    return len(salt) == SALT and commitment(salt, text) == said


@dataclass(frozen=True, slots=True)
class Draft:
    """An event whose place in the chain is computed, and which is not yet written."""

    case: Case
    entry: Entry
    seq: int
    case_version: int
    previous_hash: bytes
    body: str
    hash: bytes
    salt: bytes
    text: str


def draft(case: Case, entry: Entry) -> Draft:
    """
    Compute the next event of a case, and advance the case's head in memory.

    The caller holds the lock of the case's row, or has not yet inserted it.
    """
    salt = secrets.token_bytes(SALT)
    text = canonical.text_of(_texts(entry))
    previous_hash = bytes(case.latest_hash)
    case.latest_seq += 1
    body = canonical.text_of(_body(case, entry, commitment(salt, text)))
    case.latest_hash = link(previous_hash, body)
    return Draft(
        case=case,
        entry=entry,
        seq=case.latest_seq,
        case_version=case.version,
        previous_hash=previous_hash,
        body=body,
        hash=case.latest_hash,
        salt=salt,
        text=text,
    )


def write(drafts: Sequence[Draft]) -> list[Event]:
    """Insert events with two statements, whatever their number.

    The cases are saved by the caller in the same transaction.
    """
    assert transaction.get_connection().in_atomic_block
    events = statements.insert(_row(draft) for draft in drafts)
    statements.insert(
        EventText(event=event, salt=draft.salt, text=draft.text)
        for event, draft in zip(events, drafts, strict=True)
    )
    return events


def append(case: Case, entry: Entry) -> Event:
    """Record one event at the head of a locked case, which the caller then saves."""
    return write([draft(case, entry)])[0]


def _row(draft: Draft) -> Event:
    entry = draft.entry
    return Event(
        case=draft.case,
        seq=draft.seq,
        case_version=draft.case_version,
        previous_hash=draft.previous_hash,
        body=draft.body,
        hash=draft.hash,
        kind=entry.kind,
        move=entry.move,
        actor=entry.actor,
        principal=entry.principal,
        role=entry.role,
        unit=entry.unit,
        at=entry.at,
        request_key=entry.request_key,
    )


def _texts(entry: Entry) -> dict[str, str]:
    unit = {"unit": entry.unit.name} if entry.unit else {}
    actor = str(entry.actor) if entry.actor else CLOCK
    principal = {"principal": str(entry.principal)} if entry.principal else {}
    return {"actor": actor} | principal | unit | dict(entry.texts)


def _body(case: Case, entry: Entry, texts: str) -> dict[str, Any]:
    # Only said of those that act for another: the bodies of before stay as they are.
    principal = {"principal": entry.principal.pk} if entry.principal else {}
    return principal | {
        "v": FORMAT,
        "case": case.reference,
        "seq": case.latest_seq,
        "kind": entry.kind,
        "move": entry.move or None,
        "process": case.process,
        "process_version": case.process_version,
        "at": canonical.moment(entry.at),
        "actor": entry.actor.pk if entry.actor else None,
        "role": entry.role or None,
        "unit": entry.unit.code if entry.unit else None,
        "case_version": case.version,
        "request": str(entry.request_key) if entry.request_key else None,
        "software": settings.SOFTWARE_VERSION,
        "texts": texts,
        "facts": dict(entry.facts),
    }
