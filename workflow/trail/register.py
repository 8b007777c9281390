"""Write in the register what happens outside the chain of a case."""

import datetime
import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from workflow import statements
from workflow.models import Case, Entry, EntryKind, EntryText
from workflow.trail import canonical, chain

DOMAIN = b"workflow/entry/1\n"
FORMAT = 1
LULL = datetime.timedelta(minutes=10)
"""How long the same thing, tried again and again, is not entered anew."""
ALIKE, IN_ALL = 20, 100
"""How many entries of one kind one person causes meanwhile: alike, and in all."""


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
    salt = secrets.token_bytes(chain.SALT)
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


def enter_sparingly(
    kind: EntryKind,
    *,
    by: Any,
    at: datetime.datetime,
    case: Case | None = None,
    facts: Mapping[str, Any],
    texts: Mapping[str, str] | None = None,
    alike: int = ALIKE,
    apart: str = "",
) -> Entry | None:
    """
    Write what anybody can cause as often as she likes, and no more than makes sense.

    Beyond `alike` entries that say the same within the lull, or too many in all,
    nothing is written; the last of several says so: `limit` is among its facts. What
    is said of one value of the fact `apart`, if it has one, is counted by itself: a
    flood about others does not hide it.

    :raises NotCanonical: if a fact has no canonical form
    """
    since = Entry.objects.filter(kind=kind, actor=by, at__gt=at - LULL, at__lte=at)
    if (value := facts.get(apart)) is not None:
        said = f'"{apart}":{json.dumps(value)}'
        ends = Q(body__contains=f"{said},") | Q(body__contains=f"{said}}}")
        since = since.filter(ends)
    bodies = since.order_by("-at").values_list("body", flat=True)[:IN_ALL]
    told = [json.loads(body) for body in bodies]
    what = json.loads(canonical.text_of({"facts": facts}))["facts"]
    reference = case.reference if case else None
    same = sum(
        one["case"] == reference and what.items() <= one["facts"].items()
        for one in told
    )
    if same >= alike or len(told) >= IN_ALL:
        return None
    is_last = len(told) == IN_ALL - 1 or same == alike - 1 > 0
    limit = {"limit": int(LULL.total_seconds())} if is_last else {}
    return enter(kind, by=by, at=at, case=case, facts={**facts, **limit}, texts=texts)
