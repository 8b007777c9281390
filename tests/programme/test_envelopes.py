"""Envelopes: where each cent is, and that there is never one too many.

A hundred reservations race in `make test`; `RESERVATIONS=1000` for more.
"""

import functools
import os

import pytest
from django.db import IntegrityError, transaction

from erbm.programme import envelopes
from erbm.programme.envelopes import EnvelopeExhausted
from erbm.programme.models import Envelope, Level
from tests.workflow.databases import race
from workflow.answers import MoveRefused
from workflow.models import Jurisdiction

pytestmark = pytest.mark.django_db

RESERVATIONS = int(os.environ.get("RESERVATIONS", "100"))
AT_ONCE = 100
COLUMNS = ("granted", "delegated", "reserved", "awarded", "committed", "paid")


def envelope(**amounts):
    """Make an envelope of the region that holds 1 000 € and what is said of them."""
    cents = {"granted": 1_000_00} | amounts
    columns = {f"{name}_cents": value for name, value in cents.items()}
    return Envelope.objects.create(scheme="dsil", year=2026, **columns)


def below(parent, **said):
    return Envelope.objects.create(
        scheme=parent.scheme,
        year=parent.year,
        level=Level.DEPARTEMENT,
        departement="62",
        parent=parent,
        **said,
    )


def state(one):
    one = Envelope.objects.get(pk=one.pk)
    return {
        name: value
        for name in COLUMNS
        if (value := getattr(one, f"{name}_cents")) and name != "granted"
    }


def test_money_goes_from_free_to_paid_one_step_at_a_time():
    one = envelope()

    envelopes.reserve(one.pk, 600_00)
    assert state(one) == {"reserved": 600_00}
    envelopes.release(one.pk, 100_00)
    envelopes.award(one.pk, 400_00)
    assert state(one) == {"reserved": 100_00, "awarded": 400_00}
    envelopes.commit(one.pk, 300_00)
    envelopes.pay(one.pk, 200_00)

    assert state(one) == {
        "reserved": 100_00,
        "awarded": 400_00,
        "committed": 300_00,
        "paid": 200_00,
    }
    assert Envelope.objects.get(pk=one.pk).free_cents == 500_00


def test_the_last_cent_may_be_reserved_and_no_more():
    one = envelope()
    envelopes.reserve(one.pk, 1_000_00)

    with pytest.raises(EnvelopeExhausted) as refused:
        envelopes.reserve(one.pk, 1)

    assert state(one) == {"reserved": 1_000_00}
    assert refused.value.sentence.replace("\xa0", " ") == (
        "L’enveloppe DSIL 2026, région n’a que 0,00 € libres : il en faut 0,01 €."
    )


def test_an_amount_beyond_32_bits_of_cents_is_reserved_as_any_other():
    one = envelope(granted=90_000_000_00)

    envelopes.reserve(one.pk, 60_000_000_00)

    assert state(one) == {"reserved": 60_000_000_00}


def test_an_empty_envelope_refuses_as_the_engine_does():
    with pytest.raises(MoveRefused) as refused:
        envelopes.reserve(envelope(granted=0).pk, 1)

    assert [one.message for one in refused.value.refusals] == [str(refused.value)]


HELD = {"reserved": 300_00, "awarded": 200_00, "committed": 150_00, "paid": 100_00}


@pytest.mark.parametrize(
    ("step", "most", "words"),
    [
        (envelopes.reserve, 500_00, "500,00 € libres"),
        (envelopes.release, 300_00, "300,00 € réservés"),
        (envelopes.award, 300_00, "300,00 € réservés"),
        (envelopes.commit, 50_00, "50,00 € attribués et non engagés"),
        (envelopes.pay, 50_00, "50,00 € engagés et non payés"),
    ],
)
def test_each_step_goes_as_far_as_what_is_there_and_a_cent_further_is_refused(
    step, most, words
):
    one = envelope(**HELD)

    with pytest.raises(EnvelopeExhausted) as refused:
        step(one.pk, most + 1)

    assert words in refused.value.sentence.replace("\xa0", " ")
    assert state(one) == HELD
    step(one.pk, most)
    assert state(one) != HELD


@pytest.mark.parametrize(
    "step",
    [
        envelopes.reserve,
        envelopes.release,
        envelopes.award,
        envelopes.commit,
        envelopes.pay,
        envelopes.give_back,
    ],
)
def test_an_amount_below_zero_is_a_fault_of_the_caller(step):
    one = envelope(**HELD)

    with pytest.raises(ValueError, match="negative"):
        step(one.pk, -1)

    assert state(one) == HELD


def test_what_was_awarded_in_vain_is_free_again():
    one = envelope(**HELD)

    envelopes.give_back(one.pk, 50_00)
    assert state(one) == HELD | {"awarded": 150_00}
    envelopes.give_back(one.pk, 50_00, committed_cents=50_00)
    assert state(one) == HELD | {"awarded": 100_00, "committed": 100_00}
    envelopes.give_back(one.pk, 100_00, committed_cents=100_00, paid_cents=100_00)

    assert state(one) == {"reserved": 300_00}


@pytest.mark.parametrize(
    ("cents", "said"),
    [
        (200_01, {"committed_cents": 150_00, "paid_cents": 100_00}),
        (50_01, {}),  # the rest is committed
        (100_00, {"committed_cents": 50_01}),  # the rest is paid
        (200_00, {"committed_cents": 150_01, "paid_cents": 100_00}),
    ],
)
def test_what_stays_committed_or_paid_is_not_given_back(cents, said):
    one = envelope(**HELD)

    with pytest.raises(EnvelopeExhausted):
        envelopes.give_back(one.pk, cents, **said)

    assert state(one) == HELD


def test_a_delegation_leaves_one_envelope_for_the_other():
    one = envelope()
    other = below(one)

    envelopes.delegate(one.pk, other.pk, 600_00)
    envelopes.reserve(other.pk, 600_00)

    assert state(one) == {"delegated": 600_00}
    with pytest.raises(EnvelopeExhausted):
        envelopes.reserve(one.pk, 400_01)
    with pytest.raises(EnvelopeExhausted):
        envelopes.recall(one.pk, other.pk, 1)
    envelopes.release(other.pk, 250_00)
    envelopes.recall(one.pk, other.pk, 250_00)
    assert state(one) == {"delegated": 350_00}
    assert Envelope.objects.get(pk=other.pk).granted_cents == 350_00


def test_more_than_is_free_is_not_delegated():
    one = envelope(reserved=900_00)
    other = below(one)

    with pytest.raises(EnvelopeExhausted):
        envelopes.delegate(one.pk, other.pk, 100_01)

    assert state(one) == {"reserved": 900_00}
    assert Envelope.objects.get(pk=other.pk).granted_cents == 0


def test_money_is_delegated_to_those_below_alone():
    one, stranger = envelope(), Envelope.objects.create(scheme="detr", year=2026)

    with pytest.raises(ValueError, match="below"), transaction.atomic():
        envelopes.delegate(one.pk, stranger.pk, 1)

    assert state(one) == {}


def test_credits_are_cut_as_far_as_they_are_free():
    one = envelope(reserved=900_00)

    envelopes.grant(one.pk, 50_00)
    with pytest.raises(EnvelopeExhausted):
        envelopes.grant(one.pk, -150_01)
    envelopes.grant(one.pk, -150_00)

    assert Envelope.objects.get(pk=one.pk).free_cents == 0


@pytest.mark.parametrize(
    "amounts",
    [
        {"reserved": 1_000_01},
        {"delegated": 500_00, "reserved": 300_00, "awarded": 200_01},
        {"awarded": 100_00, "committed": 100_01},
        {"awarded": 100_00, "committed": 100_00, "paid": 100_01},
        {"reserved": -1},
        {"delegated": -1},
        {"paid": -1},
    ],
)
def test_the_database_keeps_no_overdrawn_envelope_whatever_the_code_does(amounts):
    with pytest.raises(IntegrityError), transaction.atomic():
        envelope(**amounts)


@pytest.mark.parametrize(
    "place",
    [
        {"level": "region", "departement": "62"},
        {"level": "departement"},
        {"level": "arrondissement", "departement": "62"},
    ],
)
def test_a_territory_fits_its_level(place):
    with pytest.raises(IntegrityError), transaction.atomic():
        Envelope.objects.create(scheme="dsil", year=2026, **place)


def test_an_envelope_is_alone_on_its_territory():
    one = envelope()
    lens = Jurisdiction.objects.create(code="lens", name="Lens")
    place = {"level": "arrondissement", "departement": "62", "jurisdiction": lens}
    Envelope.objects.create(scheme="dsil", year=2026, parent=one, **place)
    below(one)

    for again in (envelope, functools.partial(below, one)):
        with pytest.raises(IntegrityError), transaction.atomic():
            again()
    with pytest.raises(IntegrityError), transaction.atomic():
        Envelope.objects.create(scheme="dsil", year=2026, parent=one, **place)


@pytest.mark.postgres
@pytest.mark.slow  # a hundred connections
@pytest.mark.django_db(transaction=True)
def test_reservations_that_race_never_overdraw_an_envelope():
    enough = RESERVATIONS // 3
    one = envelope(granted=enough * 7_00 + 6_99)

    def take():
        with transaction.atomic():
            envelopes.reserve(one.pk, 7_00)

    outcomes = [
        outcome
        for start in range(0, RESERVATIONS, AT_ONCE)
        for outcome in race([take] * min(AT_ONCE, RESERVATIONS - start))
    ]

    assert outcomes.count(None) == enough
    refused = [one for one in outcomes if one is not None]
    assert [one for one in refused if not isinstance(one, EnvelopeExhausted)] == []
    assert len(refused) == RESERVATIONS - enough
    assert state(one) == {"reserved": enough * 7_00}


@pytest.mark.postgres
@pytest.mark.slow  # a hundred connections
@pytest.mark.django_db(transaction=True)
def test_awards_that_race_award_each_cent_once():
    enough = RESERVATIONS // 3
    one = envelope(granted=enough * 7_00, reserved=enough * 7_00)

    def take():
        with transaction.atomic():
            envelopes.award(one.pk, 7_00)

    outcomes = [
        outcome
        for start in range(0, RESERVATIONS, AT_ONCE)
        for outcome in race([take] * min(AT_ONCE, RESERVATIONS - start))
    ]

    assert outcomes.count(None) == enough
    refused = [one for one in outcomes if one is not None]
    assert [one for one in refused if not isinstance(one, EnvelopeExhausted)] == []
    assert state(one) == {"awarded": enough * 7_00}
