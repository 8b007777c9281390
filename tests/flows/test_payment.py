"""The procedure of a payment: its table, and who may do what in each of its states."""

import pytest
from django.db import transaction

from erbm.cases import commands
from flows.grant.states import State as GrantState
from flows.payment import lifecycle
from flows.payment.lifecycle import State
from flows.roles import Role
from tests.grants import factories
from tests.grants.factories import DAY, payment_at, person_of, unit
from workflow import engine
from workflow.refusals import Ground

pytestmark = pytest.mark.django_db

ELSEWHERE = "mission-audit"
TABLE = {
    "request": ({"draft"}, "requested", {"owner"}),
    "drop": ({"draft"}, "dropped", {"owner"}),
    "return_to_owner": ({"requested"}, "draft", {"lead_service"}),
    "certify": ({"requested"}, "certified", {"lead_service"}),
    "refuse": ({"requested", "certified"}, "refused", {"lead_service", "accountant"}),
    "pay": ({"certified"}, "paid", {"accountant"}),
}


def test_the_procedure_is_that_of_the_table():
    assert {
        move.name: (set(move.source), str(move.target), set(move.by.roles))
        for move in lifecycle.PROCESS.moves
    } == TABLE


@pytest.fixture(scope="module")
def payments(reference, django_db_setup, django_db_blocker):
    """Walk one payment to each state, each of a grant of its own."""
    held = transaction.atomic()
    held._from_testcase = True
    with django_db_blocker.unblock(), held:
        operation = factories.operation()
        yield {
            state: payment_at(
                state, factories.grant_at(GrantState.IN_PROGRESS, operation)
            )
            for state in State
        }
        transaction.set_rollback(True)


def prospects(payment, role):
    party = payment.case.parties.filter(role=role).first()
    body = party.unit if party else unit(ELSEWHERE)
    return engine.prospects(
        payment.process,
        payment.pk,
        by=person_of(body, role, f"new-{role}"),
        at=payment.case.changed_at + DAY,
    )


@pytest.mark.parametrize("state", State)
def test_who_may_do_what_in_each_state_is_what_is_declared(payments, state):
    payment = payments[state]

    opened = {
        role: {p.move.name for p in prospects(payment, role) if p.is_open}
        for role in Role
    }

    assert opened == {
        role: {
            move.name
            for move in payment.process.moves_from(state)
            if role in move.by.roles
        }
        for role in Role
    }


@pytest.mark.parametrize("state", State)
def test_whoever_may_not_is_told_why(payments, state):
    for role in Role:
        for prospect in prospects(payments[state], role):
            grounds = {refusal.ground for refusal in prospect.refusals}
            wanted = set()
            if state not in prospect.move.source:
                wanted.add(Ground.STATE)
            if role not in prospect.move.by.roles:
                wanted.add(Ground.ROLE)
            if wanted:
                assert grounds == wanted


def test_whoever_asked_does_not_certify(reference):
    """Not even a person who belongs to the service as well."""
    grant = factories.grant_at(GrantState.IN_PROGRESS)
    payment = payment_at(State.REQUESTED, grant)
    asker = factories.person(payment, Role.OWNER)
    lead = payment.case.parties.get(role=Role.LEAD_SERVICE).unit
    asker.memberships.create(
        unit=lead, role=Role.LEAD_SERVICE, starts_on=grant.received_on
    )

    with pytest.raises(commands.MoveRefused) as caught:
        factories.fire(payment, "certify", by=asker, certified_cents=1_00)

    assert {one.ground for one in caught.value.refusals} == {Ground.FOUR_EYES}


def test_whoever_certified_does_not_pay(reference):
    grant = factories.grant_at(GrantState.IN_PROGRESS)
    payment = payment_at(State.CERTIFIED, grant)
    certifier = factories.person(payment, Role.LEAD_SERVICE)
    payer = payment.case.parties.get(role=Role.ACCOUNTANT).unit
    certifier.memberships.create(
        unit=payer, role=Role.ACCOUNTANT, starts_on=grant.received_on
    )

    with pytest.raises(commands.MoveRefused) as caught:
        factories.fire(
            payment,
            "pay",
            by=certifier,
            paid_on=payment.certified_on,
            payment_reference="DP 1",
        )

    assert {one.ground for one in caught.value.refusals} == {Ground.FOUR_EYES}
