"""The register as an auditor reads it: who signed in, was refused, looked, exported."""

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from erbm.audit.queries import labels
from erbm.audit.queries.trail import Seal, sealed
from erbm.cases.records import ERASED
from workflow.deadlines import start_of
from workflow.models import Entry, Leaf, Membership
from workflow.paging import Order
from workflow.standing import granted

LATEST_FIRST = Order(("at", "id"), descending=True)
A_DAY = datetime.timedelta(days=1)
ALTERED = "Inscription illisible : ce qui en est écrit a été altéré"
NOBODY = "personne d’identifié"


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as it is read, and its seal if it has one."""

    entry: Entry
    seal: Seal | None
    what: str
    who: str
    said: tuple[tuple[str, str], ...]
    hash: str


def found(
    held: Sequence[Membership], said: Mapping[str, Any], *, everything: bool
) -> QuerySet[Entry]:
    """Return the entries that answer a search.

    Those of no case are only for who audits everything: nothing says of which
    jurisdiction they are.
    """
    entries = Entry.objects.filter(_asked(said))
    return entries if everything else entries.filter(granted(held, case="case"))


def _asked(said: Mapping[str, Any]) -> Q:
    wanted = Q()
    columns = {"person": "actor", "reference": "case__reference", "entry": "kind"}
    for name, column in columns.items():
        if value := said.get(name):
            wanted &= Q(**{column: value})
    if since := said.get("since"):
        wanted &= Q(at__gte=start_of(since))
    if until := said.get("until"):
        wanted &= Q(at__lt=start_of(until + A_DAY))
    return wanted


def lines_of(entries: Sequence[Entry]) -> list[Line]:
    """Read entries in words, those that were altered included."""
    leaves = Leaf.objects.filter(entry__in=[entry.pk for entry in entries])
    seals = sealed(leaves, "entry")
    return [_line(entry, seals.get(entry.pk)) for entry in entries]


def _line(entry: Entry, seal: Seal | None) -> Line:
    kept = getattr(entry, "text", None)
    try:
        body: Any = json.loads(entry.body)
        facts = body["facts"]
        texts: Any = json.loads(kept.text) if kept and kept.text else {}
        actor = texts.pop("actor", ERASED if entry.actor_id else NOBODY)
        said = (
            *labels.said(facts),
            *labels.changed(facts, texts),
            *labels.told(texts),
        )
        what = entry.label[:1].upper() + entry.label[1:]
    except (ValueError, LookupError, TypeError, AttributeError):
        what, actor, said = ALTERED, str(entry.actor or NOBODY), ()
    return Line(entry, seal, what, actor, said, bytes(entry.hash).hex())
