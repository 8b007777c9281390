"""A sitting: who may do what in each state, and what the law asks of it, in words."""

import pytest
from django.db import transaction
from viewflow.workflow.fields import get_flow_ref, get_task_ref

from flows.roles import Role
from flows.sitting import lifecycle
from flows.sitting.journey import SittingFlow
from flows.sitting.lifecycle import PROCESS, State
from tests.committees.factories import (
    CONVENED_AT,
    COPIL,
    FINANCERS,
    LENS,
    NOW,
    again,
    sitting_at,
)
from tests.operations.factories import person_of, unit
from workflow import engine
from workflow.process import STAY, Rule
from workflow.refusals import Ground
from workflow.trail import verify

pytestmark = [pytest.mark.django_db]

ELSEWHERE = "mission-audit"
BODIES = (LENS, COPIL, FINANCERS)
# The two ways to close: each body has one of them.
OTHER_WAY = {LENS: "close_jointly", FINANCERS: "close_jointly", COPIL: "close"}
AT = {State.PLANNED: CONVENED_AT, State.CONVENED: NOW}
TABLE = """
planned                  convene        convened   committee_secretary / project_director
convened                 open           open       committee_secretary / project_director / sub_prefect / funder / copil_state / copil_region
open                     close          closed     sub_prefect / funder
open                     close_jointly  closed     copil_state + copil_region
closed                   publish        published  committee_secretary / project_director / sub_prefect / funder
published                erratum        same       committee_secretary / project_director / sub_prefect / funder
planned,convened,open    postpone       postponed  committee_secretary / project_director / sub_prefect / funder
postponed                reschedule     planned    committee_secretary / project_director
planned,convened,postponed  cancel      cancelled  committee_secretary / project_director / sub_prefect / funder
"""  # noqa: E501
LINKS = {Rule.ANY: " / ", Rule.ALL: " + ", Rule.IN_ORDER: " > "}


@pytest.fixture(scope="module")
def sittings(reference, django_db_setup, django_db_blocker):
    """Walk one sitting of each body to each state, each undone once it is read."""
    held = transaction.atomic()
    held._from_testcase = True  # the commands then open what they believe to be theirs
    with django_db_blocker.unblock(), held:
        found = {}
        for state in State:
            for code in BODIES:
                found[code, state] = sitting_at(state, code)
        yield found
        transaction.set_rollback(True)


def somebody(sitting, role):
    """Return a newcomer who holds this role and no other."""
    party = sitting.case.parties.filter(role=role).order_by("id").first()
    return person_of(party.unit if party else unit(ELSEWHERE), role, f"new-{role}")


def prospects(sitting, role):
    return engine.prospects(
        PROCESS,
        sitting.pk,
        by=somebody(sitting, role),
        at=AT.get(sitting.case.state, NOW),
    )


def test_the_procedure_is_this_table():
    written = {}
    for line in TABLE.strip().splitlines():
        sources, move, target, by = line.split(maxsplit=3)
        written[move] = (set(sources.split(",")), target, by)

    assert written == {
        move.name: (
            set(map(str, move.source)),
            "same" if move.target is STAY else str(move.target),
            LINKS[move.by.rule].join(map(str, move.by.roles)),
        )
        for move in PROCESS.moves
    }


def test_the_names_of_the_journey_and_its_steps_are_those_stored():
    stored = "flows/sitting.journey.SittingFlow"
    steps = "prepare begin sub_prefect funder copil_state copil_region publish"
    steps = f"{steps} reschedule".split()

    assert get_flow_ref(SittingFlow) == stored
    assert [get_task_ref(step) for step in SittingFlow.steps()] == [
        f"{stored}.{step}" for step in steps
    ]


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("code", BODIES)
def test_who_may_do_what_in_each_state_is_what_is_declared(sittings, code, state):
    sitting = sittings[code, state]
    parties = set(sitting.case.parties.values_list("role", flat=True))

    opened = {
        role: {p.move.name for p in prospects(sitting, role) if p.is_open}
        for role in Role
    }

    assert opened == {
        role: {
            move.name
            for move in PROCESS.moves_from(state)
            if role in parties
            and role in move.by.may_sign_next(frozenset())
            and move.name != OTHER_WAY[code]
        }
        for role in Role
    }


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("code", BODIES)
def test_whoever_may_not_is_told_why(sittings, code, state):
    sitting = sittings[code, state]
    parties = set(sitting.case.parties.values_list("role", flat=True))

    for role in Role:
        for prospect in prospects(sitting, role):
            grounds = {refusal.ground for refusal in prospect.refusals}
            wanted = set()
            if state not in prospect.move.source:
                wanted.add(Ground.STATE)
            if role not in prospect.move.by.roles or role not in parties:
                wanted.add(Ground.ROLE)
            if wanted:
                assert grounds == wanted
            assert all(refusal.message for refusal in prospect.refusals)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("code", BODIES)
def test_what_is_asked_can_be_done_and_nothing_is_left_unasked(sittings, code, state):
    sitting = sittings[code, state]
    tasks = list(sitting.case.tasks.open())

    assert bool(tasks) == (state not in lifecycle.FINAL)
    for task in tasks:
        by = person_of(task.unit, task.role, f"new-{task.role}")
        found = engine.prospects(
            PROCESS, sitting.pk, by=by, at=AT.get(sitting.case.state, NOW)
        )
        opened = {p.move for p in found if p.is_open}
        assert opened & set(task.flow_task.offers), task.step


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("code", BODIES)
def test_every_trail_holds(sittings, code, state):
    assert verify.problems_of(again(sittings[code, state]).case) == []
