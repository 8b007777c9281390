"""A condition that was accepted: who may do what with it, in each state."""

import pytest

from flows.obligation import lifecycle
from flows.obligation.lifecycle import PROCESS, State
from flows.roles import Role
from tests.obligations.factories import obligation_at, somebody
from tests.operations.factories import DAY, person_of, unit
from workflow import engine
from workflow.refusals import Ground

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

TABLE = {
    ("open", "report", "reported", Role.OWNER),
    ("open", "postpone", "même état", Role.LEAD_SERVICE),
    ("open", "waive", "waived", Role.SUB_PREFECT),
    ("open", "waive", "waived", Role.PROJECT_DIRECTOR),
    ("reported", "waive", "waived", Role.SUB_PREFECT),
    ("reported", "waive", "waived", Role.PROJECT_DIRECTOR),
    ("reported", "confirm", "met", Role.LEAD_SERVICE),
    ("reported", "confirm", "met", Role.CONSULTED),
    ("reported", "send_back", "open", Role.LEAD_SERVICE),
    ("reported", "send_back", "open", Role.CONSULTED),
}


def test_the_table_is_what_the_law_of_the_house_says():
    declared = {
        (str(source), move.name, str(getattr(move.target, "value", move.target)), role)
        for move in PROCESS.moves
        for source in move.source
        for role in move.by.roles
    }

    assert declared == TABLE


def test_what_undoes_or_delays_demands_a_reason():
    reasoned = {move.name for move in PROCESS.moves if move.reason}

    assert reasoned == {"send_back", "postpone", "waive"}


def test_nobody_of_the_owner_judges_what_the_owner_owes():
    for move in PROCESS.moves:
        assert (move.apart_from_unit == (Role.OWNER,)) == (move != lifecycle.REPORT)


@pytest.fixture(params=State)
def obligation(request):
    return obligation_at(request.param)


def test_who_may_do_what_in_each_state_is_what_is_declared(obligation):
    at = obligation.case.changed_at + DAY
    for role in Role:
        parties = obligation.case.parties.filter(role=role)
        by = (
            person_of(parties[0].unit, role, f"new-{role}")
            if parties
            else person_of(unit("mission-audit"), role, f"new-{role}")
        )
        found = engine.prospects(PROCESS, obligation.pk, by=by, at=at)
        opened = {prospect.move.name for prospect in found if prospect.is_open}
        held = role if parties else None
        assert opened == {
            name
            for source, name, _, who in TABLE
            if (source, who) == (obligation.case.state, held)
        }
        for prospect in found:
            assert prospect.is_open or all(one.message for one in prospect.refusals)


def test_a_role_held_elsewhere_opens_nothing(obligation):
    for role in (Role.OWNER, *lifecycle.CHECKERS, *lifecycle.JUDGES):
        elsewhere = person_of(unit("anct"), role)
        found = engine.prospects(
            PROCESS, obligation.pk, by=elsewhere, at=obligation.case.changed_at + DAY
        )
        assert not any(prospect.is_open for prospect in found)
        grounds = {one.ground for p in found for one in p.refusals}
        assert grounds & {Ground.ROLE, Ground.STATE}


def test_whatever_is_open_is_asked_of_somebody_who_can_do_it(obligation):
    tasks = list(obligation.case.tasks.open())

    assert bool(tasks) == (obligation.case.state not in PROCESS.final)
    for task in tasks:
        somebody(obligation, task.role)
        offers = {move.name for move in task.flow_task.offers}
        assert offers <= {m.name for m in PROCESS.moves_from(obligation.case.state)}
