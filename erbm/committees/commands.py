"""What a person can do with sittings: one function, one transaction."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from erbm import changes
from erbm.committees import (
    agendas,
    deciding,
    openings,
    planning,
    presences,
    queries,
    rulings,
)
from erbm.committees.deciding import Said, StaleItem
from erbm.committees.models import (
    AgendaItem,
    Attendance,
    Body,
    BodyVersion,
    Sitting,
    Withdrawal,
)
from erbm.committees.openings import refuse
from erbm.committees.presences import Presence
from erbm.committees.rulings import RulesChange, SeatSaid
from erbm.programme import powers
from flows.sitting import lifecycle
from flows.sitting.lifecycle import PROCESS
from workflow import engine, refused
from workflow.deadlines import local_day
from workflow.engine import KeyReused, MoveRefused, Receipt, StaleCase
from workflow.models import Event
from workflow.process import Edit
from workflow.refusals import Ground
from workflow.standing import memberships_of

__all__ = [
    "Asked",
    "KeyReused",
    "MoveRefused",
    "Presence",
    "Receipt",
    "RulesChange",
    "Said",
    "SeatSaid",
    "StaleCase",
    "StaleItem",
]

OPEN = "opening"


# The rules


def change_rules(
    *, body_id: int, change: RulesChange, seen: int, by: Any, at: datetime.datetime
) -> BodyVersion:
    """
    Write a new version of the rules and of the seats of a body, in force at once.

    Sittings already convened keep those they were convened under.

    :raises MoveRefused: if the person does not keep the rules, changes nothing, has
        not seen the version in force, or if the body could not sit under them
    """
    with refused.kept("change_rules", by=by, at=at):
        powers.demand(memberships_of(by, local_day(at)), powers.KEEPERS)
        body = Body.objects.select_for_update(of=("self",)).get(pk=body_id)
        former = body.in_force()
        if former.version != seen:
            raise refuse(Ground.STATE, CHANGED_SINCE)
        if faults := list(rulings.contradictions(body, change)):
            raise MoveRefused(faults)
        new = rulings.rewritten(body, former, change, by, at)
        if not (names := new.differing(former)):
            raise refuse(Ground.INPUT, "Aucune règle n’est changée.")
        new.save(force_insert=True)
        columns = ["body", "version", *names]
        before = changes.values_of(former, columns)
        changes.note(new, before, changes.values_of(new, columns), by=by, at=at)
        return new


CHANGED_SINCE = (
    "Quelqu’un d’autre vient de changer ces règles : relisez celles qui sont en "
    "vigueur, puis recommencez s’il y a lieu."
)

# Planning


def plan_year(
    *, body_id: int, year: int, by: Any, at: datetime.datetime
) -> list[Sitting]:
    """
    Plan the sittings that the rule of a body gives in a year, from today on.

    Those that are already planned, even if they were moved since, are left alone.

    :raises MoveRefused: if the person does not keep the calendar of this body
    """
    with refused.kept(OPEN, by=by, at=at):
        body = openings.kept_by(body_id, by, at)
        days = planning.days_of(body.rhythm, year)
        planned = body.sittings.filter(planned_for__in=days)
        known = set(planned.values_list("planned_for", flat=True))
        new = [
            openings.sitting_of(body, day, planned_for=day)
            for day in days
            if day not in known and day >= local_day(at)
        ]
        return openings.opened(body, new, by=by, at=at)


def plan_sitting(
    *,
    body_id: int,
    held_on: datetime.date,
    place: str,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Sitting:
    """
    Plan a sitting beside those of the rule; once only for the same key.

    :raises MoveRefused: if the person does not keep the calendar of this body, or if
        the day has passed
    :raises KeyReused: if the key of the request has served for something else
    """
    with refused.kept(OPEN, by=by, at=at):
        body = openings.kept_by(body_id, by, at)
        if event := Event.objects.filter(actor=by, request_key=key).first():
            if event.kind != OPEN:
                raise KeyReused(str(key))
            return Sitting.objects.with_facts().get(pk=event.case_id)
        if held_on < local_day(at):
            raise refuse(Ground.INPUT, "Ce jour est passé.", "held_on")
        sitting = openings.sitting_of(body, held_on)
        sitting.place = place or body.place
        return openings.opened(body, [sitting], by=by, at=at, key=key)[0]


# What every change of a sitting shares


@dataclass(frozen=True, slots=True)
class Asked:
    """
    A change that a person asks for.

    - `seen`: the version of the sitting she saw; none when what she changes has its
      own version, or when two may add to it at once.
    """

    sitting_id: int
    key: UUID
    seen: int | None = None


def _amend(
    edit: Edit,
    asked: Asked,
    change: Callable[[Sitting], engine.Noted],
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    amendment = engine.Amendment(edit, by, at, asked.seen, asked.key)
    return engine.amend(PROCESS, asked.sitting_id, amendment, change)


def edit_sitting(
    *,
    asked: Asked,
    held_on: datetime.date,
    starts_at: datetime.time,
    place: str,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Change when and where a sitting takes place, until its members are convened.

    :raises StaleCase: if it has changed since the person saw it
    :raises MoveRefused: if the person may not, or if the day has passed
    """

    def change(sitting: Sitting) -> engine.Noted:
        if held_on < local_day(at):
            raise refuse(Ground.INPUT, "Ce jour est passé.", "held_on")
        before = sitting.case.title
        sitting.move_to(held_on)
        sitting.starts_at, sitting.place = starts_at, place
        sitting.case.title = sitting.titled()
        return engine.Noted(
            texts={"title.before": before, "title.after": sitting.case.title}
        )

    with refused.kept("edit_sitting", by=by, at=at, pk=asked.sitting_id):
        return _amend(lifecycle.EDIT_SITTING, asked, change, by, at)


# The agenda


def propose_agenda(*, asked: Asked, by: Any, at: datetime.datetime) -> Receipt:
    """
    Put on the agenda every operation that waits for the body, theme by theme.

    :raises StaleCase: if the sitting has changed since the person saw it
    :raises MoveRefused: if the person may not, or if the agenda is frozen
    """

    def change(sitting: Sitting) -> engine.Noted:
        agendas.in_due_time(sitting, at)
        found = list(queries.candidates(sitting))
        agendas.append(sitting, found)
        return agendas.noted_agenda(sitting, added=found)

    with refused.kept("set_agenda", by=by, at=at, pk=asked.sitting_id):
        return _amend(lifecycle.SET_AGENDA, asked, change, by, at)


def arrange_agenda(
    *, asked: Asked, order: Sequence[int], by: Any, at: datetime.datetime
) -> Receipt:
    """
    Put the items in this order, by their keys, and take off those it leaves out.

    :raises StaleCase: if the sitting has changed since the person saw it
    :raises MoveRefused: if the person may not, or if the members are convened
    """

    def change(sitting: Sitting) -> engine.Noted:
        items = {item.pk: item for item in sitting.agenda()}
        if len(set(order)) != len(order) or not set(order) <= set(items):
            raise refuse(Ground.INPUT, "Cet ordre du jour n’est plus celui-là.")
        kept = [items[pk] for pk in order]
        for position, item in enumerate(kept, 1):
            item.position = position
        sitting.items.exclude(pk__in=order).delete()
        AgendaItem.objects.bulk_update(kept, ["position"])
        return agendas.noted_agenda(sitting)

    with refused.kept("set_agenda", by=by, at=at, pk=asked.sitting_id):
        return _amend(lifecycle.SET_AGENDA, asked, change, by, at)


def group_by_theme(*, asked: Asked, by: Any, at: datetime.datetime) -> Receipt:
    """
    Bring the items of each theme together, in the order in which they stand.

    :raises StaleCase: if the sitting has changed since the person saw it
    :raises MoveRefused: if the person may not, or if the members are convened
    """

    def change(sitting: Sitting) -> engine.Noted:
        items = sitting.agenda()
        ranks: dict[int | None, int] = {}
        for item in items:
            ranks.setdefault(item.operation.theme_id, len(ranks))
        items.sort(key=lambda item: ranks[item.operation.theme_id])
        for position, item in enumerate(items, 1):
            item.position = position
        AgendaItem.objects.bulk_update(items, ["position"])
        return agendas.noted_agenda(sitting)

    with refused.kept("set_agenda", by=by, at=at, pk=asked.sitting_id):
        return _amend(lifecycle.SET_AGENDA, asked, change, by, at)


def add_item(
    *,
    asked: Asked,
    operation_id: int,
    reason: str,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Put one operation on the agenda; late, for a reason, once it is frozen.

    :raises MoveRefused: if the person may not, if no reason is given where one must
        be, or if the operation does not wait for this body
    """
    state = Sitting.objects.values_list("case__state", flat=True)
    planned = state.filter(pk=asked.sitting_id).first() == lifecycle.State.PLANNED
    edit = lifecycle.SET_AGENDA if planned else lifecycle.ADD_LATE

    def change(sitting: Sitting) -> engine.Noted:
        is_late = not planned or local_day(at) > sitting.freeze_on
        if is_late and not reason.strip():
            message = "Motif : à renseigner, l’ordre du jour est arrêté."
            raise refuse(Ground.INPUT, message, "reason")
        operation = queries.candidates(sitting).filter(pk=operation_id).first()
        if operation is None:
            message = "Cette opération n’attend pas cette instance, ou est inscrite."
            raise refuse(Ground.REQUIREMENT, message, "operation")
        why = reason.strip() if is_late else ""
        agendas.append(sitting, [operation], is_late=is_late, late_because=why)
        noted = agendas.noted_agenda(sitting, added=[operation])
        texts = {"reason": why} if why else {}
        return engine.Noted(facts={**noted.facts, "late": is_late}, texts=texts)

    with refused.kept(edit.name, by=by, at=at, pk=asked.sitting_id):
        return _amend(edit, asked, change, by, at)


def postpone_item(
    *,
    asked: Asked,
    item_id: int,
    reason: str,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Leave one operation to a later sitting, once the members are convened.

    :raises MoveRefused: if the person may not, or gives no reason
    """

    def change(sitting: Sitting) -> engine.Noted:
        item = agendas.item_of(sitting, item_id)
        if not reason.strip():
            raise refuse(Ground.INPUT, "Motif : à renseigner.", "reason")
        agendas.undecide(item)
        item.postponed_because, item.is_live = reason.strip(), False
        item.version += 1
        item.save()
        reference = item.operation.case.reference
        return engine.Noted(facts={"item": reference}, texts={"reason": reason.strip()})

    with refused.kept("postpone_item", by=by, at=at, pk=asked.sitting_id):
        return _amend(lifecycle.POSTPONE_ITEM, asked, change, by, at)


# Who is there


def record_attendance(
    *, asked: Asked, rows: Sequence[Presence], by: Any, at: datetime.datetime
) -> Receipt:
    """
    Say of some seats who came for them, or which other one carries their vote.

    :raises StaleCase: if the sitting has changed since the person saw it
    :raises MoveRefused: if the person may not, or if a proxy cannot be carried
    """

    def change(sitting: Sitting) -> engine.Noted:
        sheet = {row.pk: row for row in sitting.sheet()}
        for said in rows:
            row = sheet.get(said.attendance_id)
            if row is None:
                raise refuse(Ground.INPUT, "Ce siège n’est pas de cette séance.")
            row.is_present, row.name = said.is_present, said.name.strip()
            row.proxy_to_id = None if said.is_present else said.proxy_to
        presences.check_proxies(sitting, sheet)
        Attendance.objects.bulk_update(
            sheet.values(), ["is_present", "name", "proxy_to"]
        )
        return presences.noted_attendance(sitting, list(sheet.values()))

    with refused.kept("record_attendance", by=by, at=at, pk=asked.sitting_id):
        return _amend(lifecycle.RECORD_ATTENDANCE, asked, change, by, at)


def stand_aside(
    *,
    asked: Asked,
    item_id: int,
    attendance_id: int,
    reason: str,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Have a seat take no part in one item; to say it again is to say it once.

    :raises MoveRefused: if the person may not, or gives no reason
    """

    def change(sitting: Sitting) -> engine.Noted:
        item = agendas.item_of(sitting, item_id)
        row = sitting.attendances.filter(pk=attendance_id).first()
        if row is None:
            raise refuse(Ground.INPUT, "Ce siège n’est pas de cette séance.")
        if not reason.strip():
            raise refuse(Ground.INPUT, "Motif : à renseigner.", "reason")
        Withdrawal.objects.get_or_create(
            item=item, attendance=row, defaults={"reason": reason.strip()}
        )
        presences.touch(item)
        return presences.noted_withdrawal(item, row, reason.strip())

    with refused.kept("stand_aside", by=by, at=at, pk=asked.sitting_id):
        return _amend(lifecycle.STAND_ASIDE, asked, change, by, at)


def come_back(
    *,
    asked: Asked,
    item_id: int,
    attendance_id: int,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Have a seat take part again in an item of which it was said to stand aside.

    :raises MoveRefused: if the person may not
    """

    def change(sitting: Sitting) -> engine.Noted:
        item = agendas.item_of(sitting, item_id)
        row = sitting.attendances.filter(pk=attendance_id).first()
        item.withdrawals.filter(attendance=attendance_id).delete()
        presences.touch(item)
        return presences.noted_withdrawal(item, row, "")

    with refused.kept("stand_aside", by=by, at=at, pk=asked.sitting_id):
        return _amend(lifecycle.STAND_ASIDE, asked, change, by, at)


# The decisions


def decide(*, asked: Asked, said: Said, by: Any, at: datetime.datetime) -> Receipt:
    """
    Record what the body decides of one item, or change it until the close.

    :raises StaleItem: if somebody has changed the item since the person saw it
    :raises MoveRefused: if the person may not, if the quorum is not met, or if what
        the decision asks for is missing
    """

    def change(sitting: Sitting) -> engine.Noted:
        item = agendas.item_of(sitting, said.item_id)
        if item.version != said.seen:
            raise StaleItem(item)
        apart = sitting.standing_aside().get(item.pk, set())
        count = sitting.count(apart)
        if found := [
            *deciding.lacks_quorum(item, count),
            *deciding.incomplete(sitting, said, local_day(at)),
        ]:
            raise MoveRefused(found)
        votes = deciding.votes_of(sitting, said, count.voters)
        deciding.write(item, said, votes, by, at)
        return deciding.noted_decision(item)

    with refused.kept("decide", by=by, at=at, pk=asked.sitting_id):
        return _amend(lifecycle.DECIDE, asked, change, by, at)
