"""Each figure of an envelope opens the list whose total it is."""

import pytest
from django.urls import reverse

from erbm.grants.models import Figure, Grant
from erbm.programme import reservations
from erbm.programme.models import Envelope
from flows.grant.states import State
from flows.roles import Role
from tests.grants import factories
from tests.grants.factories import AMOUNT, WHY, again, fire, grant_at, person, unit
from tests.operations.factories import auditor
from tests.programme.people import owner, treasurer

pytestmark = pytest.mark.django_db


def withdrawn_once_awarded(operation):
    grant = grant_at(State.AWARDED, operation)
    fire(grant, "withdraw", by=person(grant, Role.OWNER), **WHY)


def heard_about_a_repayment(operation):
    """Return a grant whose envelope has been given back what will not be paid."""
    grant = grant_at(State.SETTLED, operation)
    factories.propose("propose_repayment")(grant)
    return again(grant)


@pytest.fixture
def envelope(reference):
    operation = factories.operation()
    for state in (
        State.COMPLETE,
        State.PROGRAMMED,
        State.AWARDED,
        State.COMMITTED,
        State.HEARING,
        State.LAPSED,
        State.CLAWBACK,
        State.REPAID,
    ):
        grant_at(state, operation)
    started = grant_at(State.IN_PROGRESS, operation)
    factories.pay_advance(started)
    withdrawn_once_awarded(operation)
    heard_about_a_repayment(operation)
    return Envelope.objects.get(scheme="dsil")


def listed(client, by, envelope, figure, **more):
    client.force_login(by)
    said = {"envelope": envelope.pk, "money": figure, **more}
    return client.get(reverse("grants:list"), said)


@pytest.mark.slow  # a dozen grants are walked
def test_each_figure_opens_the_list_whose_total_it_is(client, envelope):
    reservations.hold(envelope, {factories.operation().pk: 5_000_00})
    envelope.refresh_from_db()
    client.force_login(treasurer())
    address = reverse("programme:envelope", args=[envelope.pk])
    page = client.get(address).text

    for figure in Figure:
        link = f"{reverse('grants:list')}?envelope={envelope.pk}&amp;money={figure}"
        assert f'href="{link}"' in page.replace("&money", "&amp;money")
        account = listed(client, auditor(), envelope, figure).context["account"]
        assert account.held_cents + account.waiting_cents == account.cents > 0
        assert account.hidden_cents == 0


def test_what_a_grant_holds_follows_its_state(reference):
    grant = grant_at(State.PROGRAMMED)
    held = {one: [] for one in Figure}

    for step in [None, *factories.SETTLED[2:]]:
        if step:
            step(again(grant))
        for figure in Figure:
            cents = Grant.objects.holding(figure).values_list("held_cents", flat=True)
            held[figure].append(sum(cents))
            envelope = Envelope.objects.get(pk=grant.envelope_id)
            assert sum(cents) == getattr(envelope, f"{figure}_cents")

    assert set(held[Figure.RESERVED]) == {0, AMOUNT}
    assert held[Figure.PAID][-1] == held[Figure.AWARDED][-1] == AMOUNT * 9 // 10


def test_what_one_may_not_know_of_is_counted_apart(client, reference):
    grant = grant_at(State.PROGRAMMED)
    elsewhere = factories.person_of(unit("region"), Role.FUNDER)

    response = listed(client, elsewhere, grant.envelope, Figure.RESERVED)

    assert grant.case.reference not in response.text
    assert response.context["account"].hidden_cents == AMOUNT


def test_the_total_is_not_said_of_a_list_reduced_further(client, reference):
    grant = grant_at(State.PROGRAMMED)

    response = listed(client, auditor(), grant.envelope, "reserved", state="awarded")

    assert response.context["account"] is None
    assert grant.case.reference not in response.text


def test_those_who_ask_for_money_do_not_see_what_an_envelope_holds(client, reference):
    grant = grant_at(State.PROGRAMMED)

    response = listed(client, owner(), grant.envelope, Figure.RESERVED)

    assert response.context["account"] is None
    assert str(grant.envelope) not in response.text
