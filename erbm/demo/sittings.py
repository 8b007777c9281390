"""Have the bodies of the demonstration sit: in the past, today, and in the year."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from erbm.accounts.models import User
from erbm.cases import commands as cases
from erbm.committees import commands, queries
from erbm.committees.decisions import EXAMINED, BodyKind, Decision
from erbm.committees.models import AgendaItem, Body, Sitting
from erbm.demo.people import Cast
from erbm.demo.quiet import keep_quiet
from erbm.demo.stories import working_day
from erbm.obligations.models import Obligation
from erbm.operations.models import Operation
from flows.roles import Role
from flows.sitting.lifecycle import PROCESS, SECRETARIES
from workflow.deadlines import LOCAL
from workflow.models import Event

OPENS_AT = datetime.time(8, 30)
AGO = datetime.timedelta(days=7)
PLANNED = datetime.timedelta(days=35)
MET_WITHIN = datetime.timedelta(days=90)
DECIDED = {
    BodyKind.COMMITTEE: Decision.ENDORSE,
    BodyKind.COPIL: Decision.VALIDATE,
    BodyKind.FINANCERS: Decision.SUPPORT,
}
LATE = "Dossier complété après l’arrêt de l’ordre du jour (exemple inventé)."
TODAY = "comite-lens"
"""The committee that sits on the day when the demonstration is loaded."""


def hold_sittings(*, at: datetime.datetime) -> int:
    """
    Hold a sitting of each body a week ago, open one today, plan those to come.

    Return how many events that leaves; what is told already is left alone.
    """
    before, today, cast = Event.objects.count(), _today(at), Cast()
    for body in Body.objects.in_service().order_by("pk"):
        if body.sittings.exists():
            continue
        stage = Stage(body, cast)
        _week_ago(stage, working_day(today - AGO))
        if body.code == TODAY:
            _open_today(stage, today)
        for year in (today.year, today.year + 1):
            stage.plan_year(year, today)
        keep_quiet(Event.objects.filter(case__sitting__body=body), at=at)
    return Event.objects.count() - before


def _today(at: datetime.datetime) -> datetime.date:
    """Return the day of work that has begun, or the last one that has."""
    local = at.astimezone(LOCAL)
    day = local.date()
    if working_day(day) == day and local.hour > OPENS_AT.hour:
        return day
    return working_day(day - datetime.timedelta(days=1))


def _moment(day: datetime.date, minutes: int = 0) -> datetime.datetime:
    morning = datetime.datetime.combine(working_day(day), OPENS_AT, tzinfo=LOCAL)
    moment = morning + datetime.timedelta(minutes=minutes)
    return moment.astimezone(datetime.UTC)


@dataclass(frozen=True)
class Stage:
    """A body and those who act for it."""

    body: Body
    cast: Cast

    def holder(self, *roles: str) -> User:
        """Return who holds the first of these roles that somebody holds there."""
        seats = list(self.body.seats.select_related("unit"))
        for role in roles:
            for seat in seats:
                if seat.role == role:
                    return self.cast.holder(seat.unit, role, self.body.jurisdiction_id)
        raise LookupError(f"{self.body} : {roles}")

    @property
    def secretary(self) -> User:
        # At the COPIL the project director is the secretary general.
        order = SECRETARIES
        if self.body.kind != BodyKind.COMMITTEE:
            order = SECRETARIES[::-1]
        return self.holder(*order)

    def plan_year(self, year: int, today: datetime.date) -> None:
        commands.plan_year(
            body_id=self.body.pk, year=year, by=self.secretary, at=_moment(today, 5)
        )

    def planned(self, day: datetime.date) -> Sitting:
        return commands.plan_sitting(
            body_id=self.body.pk,
            held_on=day,
            place=self.body.place,
            key=uuid.uuid4(),
            by=self.secretary,
            at=_moment(day - PLANNED),
        )

    def put(self, sitting: Sitting, operations: Sequence[Operation]) -> None:
        """Put operations on the agenda, each once it waits for the body."""
        planned = _moment(sitting.held_on - PLANNED)
        ready = sorted(operations, key=lambda one: one.case.changed_at)
        for minutes, operation in enumerate(ready, 1):
            since = max(planned, operation.case.changed_at)
            commands.add_item(
                asked=_asked(sitting),
                operation_id=operation.pk,
                reason=LATE,
                by=self.secretary,
                at=since + datetime.timedelta(minutes=minutes),
            )

    def moved(self, sitting: Sitting, name: str, by: User, at: Any) -> None:
        version = Sitting.objects.values_list("case__version", flat=True)
        cases.make_move(
            case_id=sitting.pk,
            process=PROCESS,
            attempt=cases.Attempt(
                move=PROCESS.move(name),
                by=by,
                at=at,
                seen=version.get(pk=sitting.pk),
                key=uuid.uuid4(),
                confirmed_at=at,
            ),
        )

    def opened(self, sitting: Sitting) -> None:
        """Convene the members, open the sitting, and have them all there."""
        day = sitting.held_on
        self.moved(sitting, "convene", self.secretary, _convened(self.body, day))
        self.moved(sitting, "open", self.secretary, _moment(day, 10))
        commands.record_attendance(
            asked=_asked(sitting),
            rows=[
                commands.Presence(row.pk, is_present=True) for row in sitting.sheet()
            ],
            by=self.secretary,
            at=_moment(day, 12),
        )

    def decided(self, sitting: Sitting, item: AgendaItem, minutes: int) -> None:
        commands.decide(
            asked=_asked(sitting),
            said=commands.Said(
                item_id=item.pk,
                seen=item.version,
                decision=DECIDED[BodyKind(self.body.kind)],
                conditions=_condition(sitting.held_on),
            ),
            by=self.secretary,
            at=_moment(sitting.held_on, minutes),
        )

    def closed(self, sitting: Sitting) -> None:
        """Close the sitting as its body does, and publish its minutes."""
        day = sitting.held_on
        if self.body.is_chaired_jointly:
            for minutes, role in ((22, Role.COPIL_STATE), (24, Role.COPIL_REGION)):
                by = self.holder(role)
                self.moved(sitting, "close_jointly", by, _moment(day, minutes))
        else:
            chair = self.holder(Role.SUB_PREFECT, Role.FUNDER)
            self.moved(sitting, "close", chair, _moment(day, 22))
        self.moved(sitting, "publish", self.secretary, _moment(day, 26))


def _asked(sitting: Sitting) -> commands.Asked:
    return commands.Asked(sitting.pk, uuid.uuid4())


def _week_ago(stage: Stage, day: datetime.date) -> None:
    """Have a body decide of one operation, unless it would be the last of its kind."""
    operations = _to_spare(stage.body, day)
    if not operations:
        return
    sitting = stage.planned(day)
    stage.put(sitting, operations)
    stage.opened(sitting)
    for item in sitting.agenda():
        stage.decided(sitting, item, 15)
    stage.closed(sitting)
    told = [each.pk for each in operations]
    owed = Obligation.objects.filter(operation__in=told).values_list("pk", flat=True)
    keep_quiet(Event.objects.filter(case__in=[*told, *owed]), at=_moment(day, 30))


def _to_spare(body: Body, day: datetime.date) -> list[Operation]:
    """Return one operation that waits for a body, if others of its kind do as well."""
    state = EXAMINED[body.kind]
    kinds = Operation.objects.filter(case__state=state).values("kind")
    counted = dict(kinds.annotate(n=Count("pk")).values_list("kind", "n"))
    ready = _ready(body, day).filter(case__awaits_signatures=False)
    found = ready.order_by("case__reference")
    return [one for one in found if counted[one.kind] > 1][:1]


def _ready(body: Body, day: datetime.date) -> "QuerySet[Operation]":
    """Keep those that waited already when the members were convened."""
    waiting = queries.waiting_for(body)
    return waiting.filter(case__changed_at__lt=_convened(body, day))


def _convened(body: Body, day: datetime.date) -> datetime.datetime:
    """Return when the members are convened: a day before the last moment."""
    return _moment(body.convene_by(day) - datetime.timedelta(days=1))


def _open_today(stage: Stage, day: datetime.date) -> None:
    """Open a sitting on all that waits for its body, and decide of its first item."""
    waiting = list(_ready(stage.body, day))
    if not waiting:
        return
    sitting = stage.planned(day)
    stage.put(sitting, waiting)
    stage.opened(sitting)
    first, *_ = sitting.agenda()
    stage.decided(sitting, first, 20)


def _condition(held_on: datetime.date) -> str:
    until = held_on + MET_WITHIN
    return f"{until:%d/%m/%Y} : transmettre le phasage des travaux (exemple inventé)."
