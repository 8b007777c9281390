"""A condition is declared met by who owes it, and found met by somebody else."""

import datetime

import pytest
from django.db import IntegrityError, transaction

from erbm.cases.commands import MoveRefused
from erbm.obligations import queries
from erbm.obligations.models import Obligation
from erbm.obligations.openings import Accepted
from flows.roles import Role
from tests.obligations.factories import (
    DUE,
    accepted,
    act,
    anew,
    heard,
    obligation_at,
    prove,
    somebody,
)
from tests.operations.factories import DAY, person_of, unit
from workflow import escalations, outbox
from workflow.models import Event
from workflow.trail import verify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def asked(obligation):
    tasks = anew(obligation).case.tasks.open()
    return set(tasks.values_list("step", "role"))


def test_the_owner_declares_it_and_the_lead_service_finds_it_met():
    one = obligation_at()

    one = act(one, "report", Role.OWNER, account="Plan transmis.")
    assert asked(one) == {("verify", "lead_service")}
    one = act(one, "confirm", Role.LEAD_SERVICE)

    assert one.case.state == "met"
    assert one.met_on
    assert asked(one) == set()
    assert verify.problems_of(one.case) == []


def test_whoever_declared_it_does_not_find_it_met():
    one = obligation_at()
    person = person_of(unit("ddtm-62"), Role.LEAD_SERVICE, "double")
    person.memberships.create(
        unit=one.debtor, role=Role.OWNER, starts_on=datetime.date(2020, 1, 1)
    )
    act(one, "report", Role.OWNER, by=person, account="Fait.")

    with pytest.raises(MoveRefused):
        act(one, "confirm", Role.LEAD_SERVICE, by=person)


def test_what_is_not_enough_is_asked_again_for_the_same_day():
    one = act(
        obligation_at("reported"), "send_back", Role.LEAD_SERVICE, reason="Illisible."
    )

    assert one.reported_on is None
    assert asked(one) == {("keep", "owner")}
    assert one.case.tasks.open().get().due_at.date() == DUE


def test_a_day_is_put_off_and_the_first_one_kept():
    one = obligation_at()
    later = DUE + 30 * DAY

    one = act(one, "postpone", Role.LEAD_SERVICE, until=later, reason="Marché relancé.")

    assert (one.first_due_on, one.due_on) == (DUE, later)
    assert one.is_postponed
    assert one.case.tasks.open().get().due_at.date() == later


@pytest.mark.parametrize("until", [DUE, DUE - DAY])
def test_a_day_is_never_brought_forward(until):
    with pytest.raises(MoveRefused, match="L’échéance est déjà"):
        act(obligation_at(), "postpone", Role.LEAD_SERVICE, until=until, reason="Tôt.")


def test_the_database_brings_no_day_forward_either():
    one = obligation_at()

    with pytest.raises(IntegrityError), transaction.atomic():
        Obligation.objects.filter(pk=one.pk).update(due_on=DUE - DAY)


@pytest.mark.parametrize("role", [Role.SUB_PREFECT, Role.PROJECT_DIRECTOR])
def test_those_who_decide_release_from_it(role):
    one = act(obligation_at(), "waive", role, reason="Le réseau est déplacé.")

    assert one.case.state == "waived"
    assert one.waived_on


def test_the_lead_service_does_not_release_from_it():
    with pytest.raises(MoveRefused):
        act(obligation_at(), "waive", Role.LEAD_SERVICE, reason="Inutile.")


def test_it_is_overdue_the_day_after_its_last_and_only_while_it_is_open():
    one = obligation_at()

    assert not one.is_overdue(DUE)
    assert one.is_overdue(DUE + DAY)
    assert list(Obligation.objects.overdue(DUE)) == []
    assert list(Obligation.objects.overdue(DUE + DAY)) == [one]
    one = act(one, "report", Role.OWNER, account="Fait.")
    assert not one.is_overdue(DUE + DAY)
    assert list(Obligation.objects.overdue(DUE + DAY)) == []


def test_who_owes_it_is_reminded_before_its_day_and_the_lead_service_told_after():
    one = obligation_at()
    somebody(one, Role.OWNER)
    ladder = one.case.tasks.open().get().flow_task.ladder
    assert [rung.offset.count for rung in ladder] == [-30, -7, 1, 15, 45]

    soon = datetime.datetime.combine(
        DUE - 29 * DAY, datetime.time(12), tzinfo=datetime.UTC
    )
    assert escalations.sweep(at=soon) == 1

    [rung] = Event.objects.filter(case=one.case, kind=outbox.ESCALATED)
    assert "ASKED" in rung.body


def test_a_proof_is_joined_and_its_print_is_in_the_trail():
    one = obligation_at()

    receipt = prove(one)

    [proof] = one.proofs.all()
    event = Event.objects.get(case=one.case, seq=receipt.seq)
    assert proof.sha256 in event.body
    assert proof.title not in event.body


def test_no_proof_is_joined_to_what_is_over_nor_by_strangers():
    with pytest.raises(MoveRefused):
        prove(obligation_at("met"))
    one = obligation_at()
    with pytest.raises(MoveRefused):
        prove(one, by=person_of(unit("sia-habitat"), Role.OWNER))
    assert not one.proofs.exists()


def test_the_service_that_asked_for_it_may_find_it_met():
    operation = heard()
    first, _ = queries.demanded(operation)
    [one] = accepted(operation, Accepted(first.wording, first.due_on, first.pk))
    act(one, "report", Role.OWNER, account="Fait.")

    one = act(one, "confirm", Role.CONSULTED, finding="Vu sur place.")

    assert one.case.state == "met"


def test_strangers_know_nothing_of_it():
    one = obligation_at()
    stranger = person_of(unit("sia-habitat"), Role.OWNER)
    held = list(stranger.memberships.select_related("unit"))

    assert not Obligation.objects.visible_with(held).filter(pk=one.pk).exists()
