"""The events that an auditor may look at, reduced to what she searches for."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from erbm.audit.queries import acts
from erbm.cases import journal
from workflow.deadlines import start_of
from workflow.models import Checkpoint, Event, Leaf, Membership
from workflow.paging import Order
from workflow.standing import granted
from workflow.trail import erasure

LATEST_FIRST = Order(("at", "id"), descending=True)
A_DAY = datetime.timedelta(days=1)
UNREADABLE = "Événement illisible : ce qui en est écrit a été altéré"


@dataclass(frozen=True, slots=True)
class Seal:
    """Where an event is in the log: its leaf, the first checkpoint that signs it."""

    index: int
    size: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """One event as it is read, and its seal if it has one."""

    event: Event
    line: journal.Line
    seal: Seal | None


def found(
    held: Sequence[Membership], said: Mapping[str, Any]
) -> tuple[QuerySet[Event], list[QuerySet[Event]]]:
    """Return the events that answer a search, and the parts they are read by.

    Somebody is searched for as an author, then as the one in whose name it was done.
    """
    events = Event.objects.filter(granted(held, case="case"), _asked(said))
    person = said.get("person")
    if person is None:
        return events, []
    by, on_behalf = Q(actor=person), Q(principal=person)
    return events.filter(by | on_behalf), [events.filter(by), events.filter(on_behalf)]


def _asked(said: Mapping[str, Any]) -> Q:
    wanted = Q()
    columns = {"unit": "unit__code", "reference": "case__reference"}
    columns |= {"kind": "case__process"}
    for name, column in columns.items():
        if value := said.get(name):
            wanted &= Q(**{column: value})
    if since := said.get("since"):
        wanted &= Q(at__gte=start_of(since))
    if until := said.get("until"):
        wanted &= Q(at__lt=start_of(until + A_DAY))
    return wanted & _act(said.get("act", ""))


def _act(chosen: str) -> Q:
    """Keep one move or one kind, in the words of the index that finds it."""
    what, _, name = chosen.partition(acts.BETWEEN)
    if what == acts.MOVE:
        return Q(move=name) & ~Q(move="")
    if what == acts.KIND:
        return Q(kind=name) & ~Q(kind="move")
    return Q()


def rows_of(events: Sequence[Event]) -> list[Row]:
    """Read events, whose texts come with them, and find their seals."""
    seals = seals_of(events)
    lines = lines_of(events)
    return [
        Row(event, line, seals.get(event.pk))
        for event, line in zip(events, lines, strict=True)
    ]


def lines_of(events: Sequence[Event]) -> list[journal.Line]:
    """Read events in words, and show those that were altered all the same."""
    also = _erasures(events)
    try:
        return journal.read(events, also=also)
    except Exception:  # one of them was altered, nobody knows how
        return [_line(event, also) for event in events]


def _line(event: Event, also: Iterable[Event]) -> journal.Line:
    for known in (also, ()):
        try:
            return journal.read([event], also=known)[0]
        except Exception:  # noqa: S112  # whatever was written over it
            continue
    return journal.Line(
        seq=event.seq,
        at=event.at,
        actor=str(event.actor or ""),
        principal=str(event.principal or ""),
        role=event.role,
        unit=str(event.unit or ""),
        what=UNREADABLE,
        from_state="",
        to_state="",
        effective_on=None,
        reason="",
        said=(),
        noted=(),
        differences=(),
        hash=bytes(event.hash).hex(),
    )


def _erasures(events: Sequence[Event]) -> list[Event]:
    """Find what says why some of these events have no texts any more."""
    gone = {
        event.case_id
        for event in events
        if not (getattr(event, "text", None) and event.text.text)
    }
    if not gone:
        return []
    listed = {event.pk for event in events}
    said = Event.objects.filter(case__in=gone, kind=erasure.KIND)
    return list(said.exclude(pk__in=listed).order_by("pk"))


def seals_of(events: Iterable[Event]) -> dict[int, Seal]:
    """Find where events are in the log, with one query."""
    leaves = Leaf.objects.filter(event__in=[event.pk for event in events])
    return sealed(leaves, "event")


def sealed(leaves: QuerySet[Leaf], column: str) -> dict[int, Seal]:
    """Return the seal of each row that these leaves seal, by its key."""
    above = Checkpoint.objects.filter(size__gt=OuterRef("index")).order_by("size")
    signed = leaves.annotate(signed=Subquery(above.values("size")[:1]))
    rows = signed.values_list(column, "index", "signed")
    return {key: Seal(index, size) for key, index, size in rows}
