"""The procedure of a grant: its table, and who may do what in each of its states."""

import datetime

import pytest
from django.db import transaction

from flows.grant import lifecycle
from flows.grant.states import FINAL, State
from flows.roles import Role
from tests.grants import factories
from tests.grants.factories import DAY, again, grant_at, person_of, unit
from workflow import engine
from workflow.process import BACK, STAY, Rule
from workflow.refusals import Ground

pytestmark = pytest.mark.django_db

ELSEWHERE = "mission-audit"  # a unit that is party to no grant
TABLE = """
requested                              ask_for_documents          incomplete           lead_service
incomplete                             supply_documents           requested            owner
requested                              declare_complete           complete             lead_service
complete                               program                    programmed           funder
programmed                             award                      awarded              authority
complete,programmed                    refuse                     refused              authority
*undecided                             dismiss                    dismissed            lead_service / funder
complete,programmed                    record_implicit_rejection  implicitly_rejected  funder / authority
complete,programmed                    extend_decision            same                 authority
*before_notice                         withdraw                   withdrawn            owner
awarded                                notify                     notified             funder
notified                               record_commitment          committed            funder
committed                              declare_start              in_progress          owner > lead_service
committed                              refuse_start               same                 lead_service
notified,committed,in_progress         extend                     same                 owner > authority
notified,committed,in_progress         refuse_extension           same                 authority
in_progress                            declare_completion         completed            owner
completed                              certify_service            service_certified    lead_service
service_certified                      settle                     settled              accountant
settled,liquidated                     close                      closed               funder
notified,committed                     propose_lapse              hearing              lead_service / funder
in_progress                            propose_foreclosure        hearing              lead_service / funder
*repayable                             propose_repayment          hearing              lead_service / funder
hearing                                present_observations       same                 owner
hearing                                record_lapse               lapsed               authority
hearing                                record_foreclosure         liquidated           authority
hearing                                request_repayment          clawback             authority
hearing                                drop_proposal              back                 authority
clawback                               record_repayment           repaid               accountant
*undecided                             fall                       dismissed            *enders
*awarded                               stop                       stopped              *enders / funder
stopped                                liquidate                  liquidated           authority
"""  # noqa: E501
SHORTHAND = {
    "*undecided": "requested,incomplete,complete,programmed",
    "*before_notice": "requested,incomplete,complete,programmed,awarded",
    "*repayable": "in_progress,completed,service_certified,settled,liquidated,"
    "lapsed,closed",
    "*awarded": "awarded,notified,committed,in_progress,completed,service_certified",
}
ENDERS = (
    "owner / sub_prefect / prefect / committee_secretary / copil_state / copil_region"
)
LINKS = {Rule.ANY: " / ", Rule.ALL: " + ", Rule.IN_ORDER: " > "}


def written():
    for row in TABLE.strip().splitlines():
        source, name, target, *by = row.split()
        states = SHORTHAND.get(source, source).split(",")
        who = " ".join(by).replace("*enders", ENDERS)
        yield name, frozenset(states), target, who


def declared():
    for move in lifecycle.PROCESS.moves:
        target = {STAY: "same", BACK: "back"}.get(move.target, move.target)
        by = LINKS[move.by.rule].join(move.by.roles)
        yield move.name, frozenset(map(str, move.source)), str(target), by


def test_the_procedure_is_that_of_the_table():
    assert sorted(declared()) == sorted(written())


def test_nobody_is_asked_anything_once_it_is_over():
    assert {
        *(State.CLOSED, State.REFUSED, State.DISMISSED, State.IMPLICITLY_REJECTED),
        *(State.LAPSED, State.REPAID, State.WITHDRAWN),
    } == FINAL


MEASURES = ("record_lapse", "record_foreclosure", "request_repayment", "drop_proposal")


def test_the_machine_pronounces_nothing_against_an_owner():
    """Every such decision is a move of a person, with her reason."""
    for name in ("refuse", "dismiss", "record_implicit_rejection", *MEASURES):
        move = lifecycle.PROCESS.move(name)
        assert move.reason, name
        assert Role.OWNER in move.apart_from_unit


# State by state


READY = {
    State.INCOMPLETE: [factories.answer],
    State.PROGRAMMED: [factories.prepare_act],
    State.IN_PROGRESS: [factories.complete],
    State.SERVICE_CERTIFIED: [factories.pay_balance],
}
"""What meets the requirements of the moves of a state, beyond the walk to it."""


@pytest.fixture(scope="module")
def grants(reference, django_db_setup, django_db_blocker):
    """Walk one grant to each state, ready for all its moves."""
    held = transaction.atomic()
    held._from_testcase = True  # the commands then open what they believe to be theirs
    with django_db_blocker.unblock(), held:
        operation = factories.operation()
        yield {state: ready(state, operation) for state in State}
        transaction.set_rollback(True)


def ready(state, operation):
    grant = grant_at(state, operation, scheme=factories.SCHEMES.get(state, "fnadt"))
    for prepare in READY.get(state, []):
        prepare(grant)
        grant = again(grant)
    return grant


def afterwards(grant):
    """Return a moment at which no delay runs any more, but to ask for documents."""
    if grant.case.state == State.REQUESTED:
        return grant.case.changed_at + DAY
    days = (grant.deadline_on, grant.decision_due_on, grant.case.changed_at.date())
    return datetime.datetime.combine(
        max(filter(None, days)) + 90 * DAY, datetime.time(9), tzinfo=datetime.UTC
    )


def somebody(grant, role):
    """Return a newcomer who holds this role and no other."""
    party = grant.case.parties.filter(role=role).order_by("id").first()
    return person_of(party.unit if party else unit(ELSEWHERE), role, f"new-{role}")


def prospects(grant, role):
    return engine.prospects(
        grant.process, grant.pk, by=somebody(grant, role), at=afterwards(grant)
    )


ABOUT_ANOTHER_MEASURE = {"record_foreclosure", "request_repayment"}
ONCE_THE_OPERATION_IS_OVER = {"fall", "stop"}  # see tests/grants/test_endings.py


@pytest.mark.parametrize("state", State)
def test_who_may_do_what_in_each_state_is_what_is_declared(grants, state):
    grant = grants[state]

    opened = {
        role: {p.move.name for p in prospects(grant, role) if p.is_open}
        for role in Role
    }

    assert opened == {
        role: {
            move.name
            for move in grant.process.moves_from(state)
            if role in move.by.may_sign_next(frozenset())
            and not move.strikes  # nobody has signed anything
            and move.name not in ABOUT_ANOTHER_MEASURE | ONCE_THE_OPERATION_IS_OVER
        }
        for role in Role
    }


@pytest.mark.parametrize("state", State)
def test_whoever_may_not_is_told_why(grants, state):
    grant = grants[state]

    for role in Role:
        for prospect in prospects(grant, role):
            grounds = {refusal.ground for refusal in prospect.refusals}
            wanted = set()
            if state not in prospect.move.source:
                wanted.add(Ground.STATE)
            if role not in prospect.move.by.roles:
                wanted.add(Ground.ROLE)
            if wanted:
                assert grounds == wanted
            assert all(refusal.message for refusal in prospect.refusals)


@pytest.mark.parametrize("state", State)
def test_what_is_asked_is_open(grants, state):
    """Every open task offers at least one move that its unit can make now."""
    grant = grants[state]

    for task in grant.case.tasks.open():
        by = person_of(task.unit, task.role, f"new-{task.role}")
        found = engine.prospects(grant.process, grant.pk, by=by, at=afterwards(grant))
        opened = {p.move for p in found if p.is_open}
        assert opened & set(task.flow_task.offers), task.step
