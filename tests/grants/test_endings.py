"""A suspended operation holds its grants; one that ends takes them along."""

import pytest
from django.utils import timezone

from erbm.cases.commands import MoveRefused
from erbm.grants import notifications
from erbm.grants.models import Grant, PaymentKind
from erbm.programme import reservations
from erbm.programme.models import Envelope
from flows.grant.states import State
from flows.operation import State as OperationState
from flows.payment.lifecycle import State as PaymentState
from flows.roles import Role
from tests.grants import factories
from tests.grants.factories import AMOUNT, WHY, again, fire, grant_at, person
from tests.operations import factories as operations
from workflow import engine, outbox
from workflow.models import Event, Message, Task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
LISTENER = "erbm.grants.notifications.end_the_grants"


def money(grant):
    """Return what the envelope of a grant holds, but for what is granted."""
    found = Envelope.objects.get(pk=grant.envelope_id)
    names = ("reserved", "awarded", "committed", "paid")
    return tuple(getattr(found, f"{name}_cents") for name in names)


def refused(subject, name, role, **said):
    with pytest.raises(MoveRefused) as caught:
        fire(subject, name, by=person(subject, role), **said)
    return [one.message for one in caught.value.refusals]


# Suspended


SUSPENDED = "est suspendue : rien ne se décide ni ne se paie"


@pytest.mark.parametrize(
    ("state", "name", "role", "said"),
    [
        (State.PROGRAMMED, "refuse", Role.AUTHORITY, WHY),
        (State.NOTIFIED, "record_commitment", Role.FUNDER, {"ej_number": "2100000001"}),
        (State.SERVICE_CERTIFIED, "settle", Role.ACCOUNTANT, {}),
    ],
)
def test_nothing_is_decided_of_the_grant_of_a_suspended_operation(
    state, name, role, said
):
    grant = grant_at(state)
    if state == State.SERVICE_CERTIFIED:
        factories.pay_balance(grant)

    with factories.saying(grant.operation, OperationState.SUSPENDED):
        [told] = refused(grant, name, role, **said)
    assert SUSPENDED in told
    fire(again(grant), name, by=person(grant, role), **said)


@pytest.mark.parametrize(
    ("state", "name", "role"),
    [
        (State.COMPLETE, "program", Role.FUNDER),
        (State.PROGRAMMED, "award", Role.AUTHORITY),
        (State.AWARDED, "notify", Role.FUNDER),
        (State.COMMITTED, "declare_start", Role.OWNER),
        (State.IN_PROGRESS, "extend", Role.OWNER),
        (State.COMPLETED, "certify_service", Role.LEAD_SERVICE),
    ],
)
def test_its_page_says_why_before_anybody_tries(state, name, role):
    grant = grant_at(state)

    with factories.saying(grant.operation, OperationState.SUSPENDED):
        found = engine.prospects(
            grant.process, grant.pk, by=person(grant, role), at=grant.case.changed_at
        )

    [prospect] = [one for one in found if one.move.name == name]
    assert any("uspendue" in one.message for one in prospect.refusals)


def test_nothing_is_paid_while_it_is_suspended():
    grant = grant_at(State.IN_PROGRESS)
    payment = factories.payment_at(PaymentState.CERTIFIED, grant)
    said = {"paid_on": factories.today(payment), "payment_reference": "DP 1"}

    with factories.saying(grant.operation, OperationState.SUSPENDED):
        [told] = refused(payment, "pay", Role.ACCOUNTANT, **said)

    assert SUSPENDED in told


# Over


def abandon(operation):
    """Have an operation abandoned in two hands, and its grants told of it twice."""
    for role in (Role.OWNER, Role.SUB_PREFECT):
        operations.move("abandon", role, **WHY)(operations.again(operation))
    event = Event.objects.filter(case=operation.pk, move="abandon").latest("seq")
    for _ in range(2):
        notifications.end_the_grants(event, key="k", at=event.at)
    return event


def test_an_abandoned_operation_sets_free_what_is_not_awarded_and_once():
    operation = factories.operation()
    requested = grant_at(State.REQUESTED, operation)
    programmed = grant_at(State.PROGRAMMED, operation)
    reservations.hold(factories.envelope("fnadt"), {operation.pk: 3_000_00})

    event = abandon(operation)

    for grant in map(again, (requested, programmed)):
        assert grant.case.state == State.DISMISSED
        assert grant.line is None
        told = grant.case.events.latest("seq")
        assert (told.move, told.actor) == ("fall", event.actor)
        assert not Task.objects.open().filter(case=grant.pk).exists()
    assert money(programmed) == (0, 0, 0, 0)
    assert not reservations.all_held_for(operation.pk)
    assert factories.envelope("fnadt").reserved_cents == 0


@pytest.mark.parametrize("state", [State.AWARDED, State.NOTIFIED, State.COMMITTED])
def test_what_is_awarded_waits_for_the_authority_to_settle_it(state):
    operation = factories.operation()
    grant = grant_at(state, operation)

    abandon(operation)

    assert again(grant).case.state == State.STOPPED
    [task] = Task.objects.open().filter(case=grant.pk)
    assert (task.role, task.step) == (Role.AUTHORITY, "settle_stopped")
    assert money(grant)[1] == AMOUNT
    authority = person(grant, Role.AUTHORITY)
    fire(again(grant), "liquidate", by=authority, **WHY)
    assert again(grant).case.state == State.LIQUIDATED
    assert money(grant) == (0, 0, 0, 0)
    assert again(grant).line.settled_on is None or again(grant).line.notified_on
    fire(again(grant), "close", by=person(grant, Role.FUNDER), ej_closed=True)


def test_what_was_spent_before_the_end_is_paid_then_the_rest_given_back():
    operation = factories.operation()
    grant = grant_at(State.IN_PROGRESS, operation)
    factories.pay_advance(grant)
    abandon(operation)
    stopped = again(grant)
    spent = AMOUNT * 4 * 4 // 10

    paid = factories.paid(stopped, PaymentKind.INSTALMENT, AMOUNT // 10, spent=spent)
    fire(again(grant), "liquidate", by=person(grant, Role.AUTHORITY), **WHY)

    assert paid.case.state == PaymentState.PAID
    left = AMOUNT * 3 // 10 + AMOUNT // 10
    assert money(grant) == (0, left, left, left)


def test_what_never_began_is_owed_nothing():
    operation = factories.operation()
    grant = grant_at(State.COMMITTED, operation)
    abandon(operation)
    payment = factories.justified(
        factories.prepared(again(grant), PaymentKind.INSTALMENT, 1_00, spent=4_00)
    )

    told = refused(payment, "request", Role.OWNER)

    assert "Rien n’a commencé : aucune dépense n’est due." in told


def test_an_operation_that_is_withdrawn_takes_its_grants_along_by_the_outbox():
    operation = factories.operation()
    grant = grant_at(State.COMPLETE, operation)
    Message.objects.update(done_at=timezone.now())
    operations.move("withdraw", Role.OWNER, **WHY)(operations.again(operation))

    outbox.deliver(limit=20, at=timezone.now())

    assert Message.objects.get(listener=LISTENER).done_at
    assert again(grant).case.state == State.DISMISSED


def test_nobody_ends_the_grant_of_an_operation_that_goes_on():
    grant = grant_at(State.PROGRAMMED)

    [told] = refused(grant, "fall", Role.OWNER, **WHY)

    assert "continue" in told


def test_one_that_is_refused_stops_no_other(monkeypatch):
    """A grant opened before whoever ends operations was party to it, for instance."""
    operation = factories.operation()
    first, second = (grant_at(State.COMPLETE, operation) for _ in range(2))
    first.case.parties.filter(role=Role.SUB_PREFECT).delete()

    with pytest.raises(MoveRefused):
        abandon(operation)

    assert again(first).case.state == State.COMPLETE
    assert again(second).case.state == State.DISMISSED


def test_no_grant_opens_once_the_operation_is_over():
    operation = factories.operation()
    event = Event.objects.filter(case=operation.pk, move="validate").latest("seq")

    with factories.saying(operation, OperationState.WITHDRAWN):
        notifications.open_the_grants(event, key="k", at=event.at)

    assert not Grant.objects.filter(operation=operation.pk).exists()
