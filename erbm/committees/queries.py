"""What the pages and the commands ask about bodies, agendas and sittings."""

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from erbm.cases.sheets import CaseSheet
from erbm.committees.decisions import EXAMINED, KEYS, OFFERED, Decision
from erbm.committees.models import AgendaItem, Attendance, Body, Seat, Sitting
from erbm.committees.quorum import Quorum, quorum
from erbm.operations.models import Operation
from flows.roles import Role
from flows.sitting.lifecycle import LIVE, SECRETARIES
from workflow.models import Event, Membership, Unit


def candidates(sitting: Sitting) -> "QuerySet[Operation]":
    """Return the operations that wait for this body and that no agenda holds."""
    return waiting_for(sitting.body).exclude(agenda_items__is_live=True)


def waiting_for(body: Body) -> "QuerySet[Operation]":
    """Return the operations in the state and in the territories a body examines."""
    found = Operation.objects.filter(case__state=EXAMINED[body.kind])
    territories = list(body.territories.values_list("pk", flat=True))
    if territories:
        found = found.filter(case__jurisdiction__in=territories)
    return found.select_related("case", "theme", "owner").order_by(
        "theme__rank", "case__reference"
    )


def upcoming(body: Body, on: datetime.date) -> "QuerySet[Sitting]":
    """Return the sittings of a body still to come, the next one first."""
    live = Sitting.objects.filter(body=body, case__state__in=LIVE, held_on__gte=on)
    return live.order_by("held_on", "pk")


def bodies_kept_by(memberships: Collection[Membership]) -> list[Body]:
    """Return the bodies whose sittings these memberships let a person plan."""
    held = {
        (membership.unit_id, membership.role)
        for membership in memberships
        if membership.role in SECRETARIES
    }
    seats = Seat.objects.filter(role__in=SECRETARIES, body__is_active=True)
    kept = {seat.body_id for seat in seats if (seat.unit_id, seat.role) in held}
    return list(Body.objects.filter(pk__in=kept).order_by("pk"))


def parties_of(body: Body) -> dict[str, list[Unit]]:
    """Return the units that play each role in the sittings of a body."""
    found: dict[str, list[Unit]] = {}
    for seat in body.seats.select_related("unit"):
        found.setdefault(seat.role, []).append(seat.unit)
    return found


@dataclass(frozen=True)
class Choice:
    """One decision offered on the screen, and the key that chooses it."""

    decision: Decision

    @property
    def key(self) -> str:
        return KEYS[self.decision]


@dataclass(frozen=True)
class Row:
    """An item of the agenda, with what decides whether it may be decided."""

    item: AgendaItem
    quorum: Quorum
    aside: tuple[Attendance, ...]


class SittingSheet(CaseSheet):
    """A sitting as one person sees it at one moment, read part by part."""

    subject: Sitting

    def __init__(self, sitting: Sitting, **seen: Any) -> None:
        super().__init__(sitting, **seen)
        self.sitting = sitting

    @cached_property
    def attendance(self) -> list[Attendance]:
        return self.sitting.sheet()

    @cached_property
    def seats(self) -> list[Attendance | Seat]:
        """The seats as they were convened, or as they are until then."""
        seats = self.sitting.body.seats.select_related("unit")
        return list(self.attendance) or list(seats)

    @cached_property
    def quorum(self) -> Quorum:
        return quorum(self.sitting.quorum_rule, self.attendance)

    @cached_property
    def agenda(self) -> list[Row]:
        aside, rule = self.sitting.standing_aside(), self.sitting.quorum_rule
        return [
            Row(
                item,
                quorum(rule, self.attendance, aside.get(item.pk, ())),
                tuple(a for a in self.attendance if a.pk in aside.get(item.pk, ())),
            )
            for item in self.sitting.agenda()
        ]

    @property
    def themes(self) -> list[tuple[str, list[Row]]]:
        """The agenda, theme by theme, in the order in which each begins."""
        found: dict[str, list[Row]] = {}
        for row in self.agenda:
            theme = row.item.operation.theme
            found.setdefault(str(theme) if theme else "Sans thème", []).append(row)
        return list(found.items())

    @property
    def settled(self) -> int:
        return sum(row.item.is_settled for row in self.agenda)

    @property
    def choices(self) -> list[Choice]:
        return [Choice(decision) for decision in OFFERED[self.sitting.body.kind]]

    @cached_property
    def candidates(self) -> list[Operation]:
        return list(candidates(self.sitting))

    @property
    def next_sitting(self) -> Sitting | None:
        """The next sitting of the same body, to which items are adjourned."""
        later = upcoming(self.sitting.body, self.sitting.held_on)
        return later.exclude(pk=self.sitting.pk).first()

    @cached_property
    def errata(self) -> list[Any]:
        return list(self.sitting.errata.select_related("by").order_by("number"))


def latest_texts(
    operations: Iterable[int], *moves: str
) -> Mapping[int, Mapping[str, Event]]:
    """Return the latest event of each of some moves, by operation and move."""
    found: dict[int, dict[str, Event]] = {}
    events = Event.objects.filter(case__in=operations, move__in=moves, kind="move")
    for event in events.select_related("text", "actor", "unit").order_by("seq"):
        found.setdefault(event.case_id, {})[event.move] = event
    return found


def chair_of(sitting: Sitting) -> list[Unit]:
    """Return the units that chair a sitting."""
    chairs = sitting.case.parties.exclude(
        role__in=[*SECRETARIES, Role.COMMITTEE_MEMBER]
    )
    return [party.unit for party in chairs.select_related("unit").order_by("pk")]
