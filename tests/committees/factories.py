"""Sittings of Lens and of the COPIL, with their members, walked by real commands."""

import datetime
import uuid

from erbm.cases import commands as moves
from erbm.committees import commands
from erbm.committees.models import Body, Sitting
from flows.operation import State as OperationState
from flows.roles import Role
from flows.sitting.lifecycle import PROCESS, State
from tests.operations.factories import operation_at, person_of
from workflow.deadlines import LOCAL

LENS, COPIL, FINANCERS = "comite-lens", "copil", "financeurs"
HELD_ON = datetime.date(2026, 4, 16)
WAITS_IN = {
    LENS: OperationState.ON_AGENDA,
    COPIL: OperationState.AWAITING_COPIL,
    FINANCERS: OperationState.FUNDING,
}
DECISION = {LENS: "endorse", COPIL: "validate", FINANCERS: "support"}


def moment(day, hour=10):
    return datetime.datetime.combine(day, datetime.time(hour), tzinfo=LOCAL)


def before(days):
    """Return a moment some days before the sitting."""
    return moment(HELD_ON - datetime.timedelta(days=days))


PLANNED_AT, CONVENED_AT, NOW = before(40), before(16), moment(HELD_ON, 14)


def body(code=LENS):
    return Body.objects.get(code=code)


def seat(role, code=LENS, name=""):
    """Return somebody who holds a role in the first unit that has it in a body."""
    held = body(code).seats.filter(role=role).select_related("unit").first()
    return person_of(held.unit, role, name)


def secretary(code=LENS, name=""):
    return seat(Role.COMMITTEE_SECRETARY, code, name)


def chair(code=LENS):
    role = {LENS: Role.SUB_PREFECT, FINANCERS: Role.FUNDER}[code]
    return seat(role, code)


def again(sitting):
    return Sitting.objects.with_facts().get(pk=sitting.pk)


def planned(code=LENS, *, held_on=HELD_ON, at=PLANNED_AT):
    sitting = commands.plan_sitting(
        body_id=body(code).pk,
        held_on=held_on,
        place="Salle Jean-Moulin",
        key=uuid.uuid4(),
        by=secretary(code),
        at=at,
    )
    return again(sitting)


def asked(sitting, seen=None):
    return commands.Asked(sitting.pk, uuid.uuid4(), seen)


def proposed(code=LENS, *, operations=1, **facts):
    """Plan a sitting whose agenda holds every operation that waits for it."""
    for _ in range(operations):
        operation_at(WAITS_IN[code])
    sitting = planned(code, **facts)
    commands.propose_agenda(
        asked=asked(sitting, sitting.case.version), by=secretary(code), at=PLANNED_AT
    )
    return again(sitting)


def fire(sitting, name, *, by, at, reason="", seen=None, **inputs):
    """Make a move of a sitting; return it anew."""
    case = again(sitting).case
    moves.make_move(
        case_id=sitting.pk,
        process=PROCESS,
        attempt=moves.Attempt(
            move=PROCESS.move(name),
            by=by,
            at=at,
            seen=case.version if seen is None else seen,
            key=uuid.uuid4(),
            reason=reason,
            inputs=inputs,
            confirmed_at=at,
        ),
    )
    return again(sitting)


def convened(code=LENS, **facts):
    sitting = proposed(code, **facts)
    return fire(sitting, "convene", by=secretary(code), at=CONVENED_AT)


def attend(sitting, *, absent=(), proxies=(), at=NOW):
    """Have everybody there but some, by the codes of their units."""
    rows = {(row.unit.code, row.role): row for row in sitting.sheet()}
    bearers = {
        giver: next(row.pk for (code, _), row in rows.items() if code == bearer)
        for giver, bearer in dict(proxies).items()
    }
    code = sitting.body.code
    commands.record_attendance(
        asked=asked(sitting),
        rows=[
            commands.Presence(
                row.pk,
                is_present=unit not in {*absent, *bearers},
                proxy_to=bearers.get(unit) if row.has_vote else None,
            )
            for (unit, _), row in rows.items()
        ],
        by=secretary(code),
        at=at,
    )
    return again(sitting)


def open_(code=LENS, *, present=True, **facts):
    """Open a sitting, with everybody there."""
    sitting = fire(convened(code, **facts), "open", by=secretary(code), at=NOW)
    return attend(sitting) if present else sitting


def decide(sitting, item=None, decision=None, *, by=None, at=NOW, seen=None, **said):
    """Decide one item, the first unless told, in favour unless told."""
    code = sitting.body.code
    item = item or sitting.agenda()[0]
    item.refresh_from_db()
    commands.decide(
        asked=asked(sitting),
        said=commands.Said(
            item_id=item.pk,
            seen=item.version if seen is None else seen,
            decision=decision or DECISION[code],
            **said,
        ),
        by=by or secretary(code),
        at=at,
    )
    return again(sitting)


def postpone(sitting, item=None, *, reason="Le porteur s’est excusé.", at=NOW):
    item = item or sitting.agenda()[0]
    commands.postpone_item(
        asked=asked(sitting),
        item_id=item.pk,
        reason=reason,
        by=secretary(sitting.body.code),
        at=at,
    )
    return again(sitting)


def close(sitting, *, at=NOW):
    """Close a sitting, by both co-chairs if it has them."""
    code = sitting.body.code
    if code != COPIL:
        return fire(sitting, "close", by=chair(code), at=at)
    for role in (Role.COPIL_STATE, Role.COPIL_REGION):
        sitting = fire(sitting, "close_jointly", by=seat(role, COPIL), at=at)
    return sitting


def decided(code=LENS, **facts):
    sitting = open_(code, **facts)
    for item in sitting.agenda():
        sitting = decide(sitting, item)
    return sitting


def closed(code=LENS, **facts):
    return close(decided(code, **facts))


def published(code=LENS, **facts):
    return fire(closed(code, **facts), "publish", by=secretary(code), at=NOW)


WHY = "La préfète est appelée ailleurs."


def postponed(code=LENS, **facts):
    return fire(
        convened(code, **facts),
        "postpone",
        by=secretary(code),
        at=CONVENED_AT,
        reason=WHY,
    )


def cancelled(code=LENS, **facts):
    return fire(
        convened(code, **facts),
        "cancel",
        by=secretary(code),
        at=CONVENED_AT,
        reason=WHY,
    )


def undecided(code=LENS, **facts):
    """Return an open sitting whose only item is left to another one."""
    return postpone(open_(code, **facts))


WALKS = {
    State.PLANNED: proposed,
    State.CONVENED: convened,
    State.OPEN: undecided,
    State.CLOSED: closed,
    State.PUBLISHED: published,
    State.POSTPONED: postponed,
    State.CANCELLED: cancelled,
}


def sitting_at(state, code=LENS):
    """Walk a sitting to a state, ready for all its moves."""
    sitting = WALKS[State(state)](code)
    assert sitting.case.state == state
    return sitting
