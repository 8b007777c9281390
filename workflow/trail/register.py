"""Write in the register what happens outside the chain of a case."""

import datetime
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction

from workflow import statements
from workflow.models import Case, Entry, EntryKind, EntryText
from workflow.trail import canonical, chain

DOMAIN = b"workflow/entry/1\n"
FORMAT = 1


def fingerprint(body: str) -> bytes:
    """Return the SHA-256 under which an entry enters the log."""
    return hashlib.sha256(DOMAIN + body.encode()).digest()


def enter(
    kind: EntryKind,
    *,
    by: Any,
    at: datetime.datetime,
    case: Case | None = None,
    facts: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
) -> Entry:
    """
    Write an entry of the register, with the caller's transaction if there is one.

    - `by`: the person, or None when nobody known acts;
    - `facts` go into the body as they are: references, dates, codes, and no name;
    - `texts` (names, what was typed) are kept apart, behind a salted hash.

    :raises NotCanonical: if a fact is a float, or of a kind that has no canonical form
    """
    salt = secrets.token_bytes(16)
    actor = {"actor": str(by)} if by else {}
    text = canonical.text_of(actor | dict(texts or {}))
    body = canonical.text_of(
        {
            "v": FORMAT,
            "kind": kind.value,
            "at": at,
            "actor": by.pk if by else None,
            "case": case.reference if case else None,
            "software": settings.SOFTWARE_VERSION,
            "texts": chain.commitment(salt, text),
            "facts": dict(facts or {}),
        }
    )
    entry = Entry(
        kind=kind.value, at=at, actor=by, case=case, body=body, hash=fingerprint(body)
    )
    with transaction.atomic(savepoint=False):
        statements.insert([entry])
        statements.insert([EntryText(entry=entry, salt=salt, text=text)])
    return entry
