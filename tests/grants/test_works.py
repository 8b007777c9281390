"""A grant once it is committed: its works, its extensions, and what ends it."""

import datetime

import pytest

from erbm.cases.commands import MoveRefused
from erbm.grants.models import Commitment, PaymentKind
from erbm.programme.models import Envelope
from flows.grant.states import State
from flows.roles import Role
from tests.grants import factories
from tests.grants.factories import (
    AMOUNT,
    BASIS,
    DAY,
    WHY,
    again,
    fire,
    grant_at,
    person,
)
from workflow.deadlines import Months
from workflow.refusals import Ground

pytestmark = pytest.mark.django_db


def refused(subject, name, role, *, by=None, **said):
    """Return what is answered to a move that is refused."""
    before = again(subject).case.version
    with pytest.raises(MoveRefused) as caught:
        fire(subject, name, by=by or person(subject, role), **said)
    assert again(subject).case.version == before
    return [one.message for one in caught.value.refusals]


def money(grant):
    """Return what the envelope of a grant holds, but for what is granted."""
    found = Envelope.objects.get(pk=grant.envelope_id)
    return tuple(
        getattr(found, f"{name}_cents")
        for name in ("reserved", "awarded", "committed", "paid")
    )


# The commitment


@pytest.mark.parametrize("number", ["210000000", "21000000001", "EJ2100000001"])
def test_a_number_of_chorus_has_ten_digits(reference, number):
    [told] = refused(
        grant_at(State.NOTIFIED), "record_commitment", Role.FUNDER, ej_number=number
    )

    assert "dix chiffres" in told


def test_a_number_serves_once(reference):
    operation = factories.operation()
    first = grant_at(State.COMMITTED, operation)
    second = grant_at(State.NOTIFIED, operation)
    spaced = f"{first.ej_number[:5]} {first.ej_number[5:]}"

    told = refused(second, "record_commitment", Role.FUNDER, ej_number=spaced)

    assert told == [f"EJ déjà utilisé, par la subvention {first.case.reference}."]
    assert Commitment.objects.count() == 1


def test_other_funders_have_numbers_of_their_own(reference):
    operation = factories.operation()
    first = grant_at(State.COMMITTED, operation)
    second = grant_at(State.NOTIFIED, operation, scheme="region")

    fire(
        second,
        "record_commitment",
        by=person(second, Role.FUNDER),
        ej_number=first.ej_number,
    )

    assert again(second).ej_number == first.ej_number


# The works


def test_article_r2334_24_forbids_to_begin_before_the_request(reference):
    grant = grant_at(State.COMMITTED)
    too_early = grant.first_received_on - DAY
    said = {"first_legal_act": "Marché", "started_on": too_early}

    [told] = refused(grant, "declare_start", Role.OWNER, **said)

    assert "R. 2334-24" in told
    said["started_on"] = grant.first_received_on
    assert fire(grant, "declare_start", by=person(grant, Role.OWNER), **said)


def test_article_d323_8_forbids_to_begin_before_the_award(reference):
    grant = grant_at(State.COMMITTED, scheme="housing")

    [told] = refused(
        grant,
        "declare_start",
        Role.OWNER,
        first_legal_act="Ordre de service",
        started_on=grant.signed_on - DAY,
    )

    assert "D. 323-8" in told


def test_article_r2334_28_gives_two_years_to_begin(reference):
    grant = grant_at(State.COMMITTED)
    assert grant.deadline_on == Months(24).after(grant.notified_on)

    [told] = refused(
        grant,
        "declare_start",
        Role.OWNER,
        at=factories.late(grant),
        first_legal_act="Marché",
        started_on=grant.deadline_on + DAY,
    )

    assert "R. 2334-28" in told


def test_article_r2334_29_gives_four_years_from_the_start(reference):
    grant = grant_at(State.IN_PROGRESS)

    assert grant.deadline_on == Months(48).after(grant.started_on)
    task = grant.case.tasks.open().get(step="carry_out")
    assert task.due_at.date() == grant.deadline_on


def test_article_d323_8_counts_from_the_notification_whenever_works_begin(reference):
    grant = grant_at(State.IN_PROGRESS, scheme="housing")

    assert grant.deadline_on == Months(24).after(grant.notified_on)


def test_article_8_of_the_decree_leaves_the_end_to_the_act(reference):
    grant = grant_at(State.IN_PROGRESS, scheme="fnadt")

    assert grant.deadline_on == factories.act()["planned_end_on"]


def extend(grant, until, *roles):
    for role in roles or (Role.OWNER, Role.AUTHORITY):
        fire(grant, "extend", by=person(grant, role), until=until, **WHY)


def test_an_extension_is_asked_by_the_owner_and_given_by_the_authority_once(reference):
    grant = grant_at(State.COMMITTED)
    latest = Months(12).after(grant.deadline_on)

    [told] = refused(grant, "extend", Role.OWNER, until=latest + DAY, **WHY)
    assert "au plus" in told
    extend(grant, latest, Role.OWNER)
    assert again(grant).deadline_on == grant.deadline_on  # nothing is granted yet
    assert grant.case.tasks.open().filter(step="extension").exists()
    extend(grant, latest, Role.AUTHORITY)

    grant = again(grant)
    assert grant.deadline_on == latest
    assert refused(grant, "extend", Role.OWNER, until=latest + DAY, **WHY)


def test_an_extension_that_is_refused_changes_nothing(reference):
    grant = grant_at(State.IN_PROGRESS)
    extend(grant, grant.deadline_on + DAY, Role.OWNER)

    fire(grant, "refuse_extension", by=person(grant, Role.AUTHORITY), **WHY)

    assert again(grant).deadline_on == grant.deadline_on
    assert not again(grant).case.awaits_signatures


def test_the_delay_to_finish_may_be_extended_in_its_turn(reference):
    grant = grant_at(State.COMMITTED)
    extend(grant, grant.deadline_on + DAY)
    factories.start(again(grant))
    grant = again(grant)

    assert not grant.is_extended
    extend(grant, Months(24).after(grant.deadline_on))
    assert again(grant).is_extended


def test_completion_is_declared_with_its_papers_and_in_time(reference):
    grant = grant_at(State.IN_PROGRESS)
    said = {"completed_on": factories.today(grant), "spent_cents": BASIS}

    assert refused(grant, "declare_completion", Role.OWNER, **said) == [
        "Pièce manquante : état récapitulatif des dépenses.",
        "Pièce manquante : attestation d’achèvement.",
    ]
    factories.complete(grant)
    said["completed_on"] = grant.deadline_on + DAY
    [told] = refused(grant, "declare_completion", Role.OWNER, **said)
    assert "a pris fin" in told


# Against the owner


def test_a_lapse_is_not_proposed_while_the_delay_runs(reference):
    grant = grant_at(State.COMMITTED)
    last = factories.late(grant) - DAY

    [told] = refused(
        grant,
        "propose_lapse",
        Role.LEAD_SERVICE,
        at=last,
        answer_by=last.date() + DAY,
        **WHY,
    )

    assert "court jusqu’au" in told


def test_article_l122_1_has_the_owner_heard_before_a_lapse(reference):
    grant = grant_at(State.COMMITTED)
    factories.propose("propose_lapse")(grant)
    grant = again(grant)
    by = person(grant, Role.AUTHORITY)
    last = datetime.datetime.combine(
        grant.hearing_until, datetime.time(9), tzinfo=datetime.UTC
    )

    [told] = refused(grant, "record_lapse", Role.AUTHORITY, at=last, **WHY)
    assert "L. 122-1" in told
    assert grant.case.tasks.open().filter(step="observe").exists()
    fire(grant, "record_lapse", by=by, at=last + DAY, **WHY)

    assert again(grant).case.state == State.LAPSED


def test_the_owner_needs_time_to_answer(reference):
    grant = grant_at(State.COMMITTED)
    at = factories.late(grant)

    [told] = refused(
        grant, "propose_lapse", Role.LEAD_SERVICE, at=at, answer_by=at.date(), **WHY
    )

    assert "à venir" in told


def test_what_was_proposed_is_what_is_decided(reference):
    grant = grant_at(State.HEARING)

    for name, said in (
        ("record_foreclosure", {}),
        ("request_repayment", {"repayment_cents": 1}),
    ):
        told = refused(grant, name, Role.AUTHORITY, **WHY, **said)
        assert "ne porte pas" in told[0]


def test_a_measure_that_is_dropped_brings_the_grant_back(reference):
    grant = grant_at(State.HEARING)

    fire(grant, "drop_proposal", by=person(grant, Role.AUTHORITY), **WHY)

    grant = again(grant)
    assert grant.case.state == State.COMMITTED
    assert grant.hearing_until is None
    assert grant.case.tasks.open().filter(step="begin").exists()


def test_article_r2334_29_liquidates_what_is_not_finished_in_time(reference):
    grant = grant_at(State.LIQUIDATED)

    assert grant.due_cents == grant.paid_cents == 0
    assert money(grant) == (0, 0, 0, 0)
    with pytest.raises(MoveRefused, match="Rien ne se paie"):
        factories.prepared(grant)


def test_no_more_is_claimed_than_was_paid(reference):
    operation = factories.operation()
    grant = factories.requested(operation)
    for step in factories.CLAIMING:
        step(grant)
        grant = again(grant)
    paid = AMOUNT * 3 // 10

    [told] = refused(
        grant, "request_repayment", Role.AUTHORITY, repayment_cents=paid + 1, **WHY
    )

    assert "payés" in told
    fire(
        grant,
        "request_repayment",
        by=person(grant, Role.AUTHORITY),
        repayment_cents=paid,
        **WHY,
    )
    assert money(grant) == (0, paid, paid, paid)


def test_what_is_repaid_goes_back_to_the_envelope(reference):
    assert money(grant_at(State.REPAID)) == (0, 0, 0, 0)


def test_whoever_asked_to_be_paid_does_not_certify_the_service(reference):
    """Both are rights of other units: only a person who changed posts could."""
    operation = factories.operation()
    grant = grant_at(State.IN_PROGRESS, operation)
    asker = person(grant, Role.OWNER)
    factories.paid(grant, PaymentKind.ADVANCE, 1_000_00)
    factories.complete(grant)
    fire(
        grant,
        "declare_completion",
        by=factories.person_of(grant.owner, Role.OWNER, "other"),
        completed_on=factories.today(again(grant)),
        spent_cents=BASIS,
    )
    asker.memberships.update(
        unit=grant.case.parties.get(role=Role.LEAD_SERVICE).unit,
        role=Role.LEAD_SERVICE,
    )

    with pytest.raises(MoveRefused) as caught:
        fire(grant, "certify_service", by=asker, real_cost_cents=BASIS, conforms=True)

    assert {one.ground for one in caught.value.refusals} == {Ground.FOUR_EYES}
