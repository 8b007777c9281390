"""Conditions are accepted by those who decide, once each, and for a day to come."""

import datetime
import uuid

import pytest
from django.db import transaction

from erbm.obligations import commands, openings, queries
from erbm.obligations.models import Obligation, Origin
from erbm.operations.models import Condition
from flows.edits import ACCEPT_CONDITIONS
from flows.operation import State
from flows.roles import Role
from tests.obligations.factories import DUE, WORDING, accepted, anew, heard
from tests.operations.factories import (
    DAY,
    again,
    auditor,
    operation_at,
    person,
    person_of,
    unit,
)
from workflow.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def operation():
    return operation_at(State.AWAITING_COPIL)


def test_an_accepted_condition_is_owed_by_the_owner_and_followed_by_its_services(
    operation,
):
    [one] = accepted(operation)

    one = anew(one)
    assert (one.wording, one.due_on, one.debtor) == (WORDING, DUE, operation.owner)
    assert one.case.reference.startswith("OB-2026-")
    parties = one.case.parties.values_list("role", "unit")
    of_operation = operation.case.parties.values_list("role", "unit")
    assert set(parties) <= set(of_operation)
    assert (Role.OWNER, operation.owner_id) in set(parties)
    [task] = one.case.tasks.open()
    assert (task.step, task.unit, task.due_at.date()) == (
        "keep",
        operation.owner,
        DUE,
    )


def test_the_trail_of_the_operation_says_which_were_accepted_and_where(operation):
    [one] = accepted(operation, decision="Comité du 2 mars 2026")

    told = Event.objects.get(case=operation.case, move=ACCEPT_CONDITIONS.name)
    assert one.case.reference in told.body
    assert "Comité du 2 mars 2026" in told.text.text
    opened = Event.objects.get(case=one.case, seq=1)
    assert operation.case.reference in opened.body
    assert WORDING not in opened.body + told.body


def test_what_services_asked_for_is_accepted_once():
    operation = heard()
    first, second = queries.demanded(operation)
    taken = commands.Accepted(first.wording, first.due_on, condition=first.pk)

    [one] = accepted(operation, taken)

    assert queries.demanded(operation) == [second]
    assert one.condition == first
    asked_by = one.case.parties.get(role=Role.CONSULTED)
    assert asked_by.unit == first.opinion.unit
    with pytest.raises(commands.MoveRefused, match="déjà retenue"):
        accepted(operation, taken)
    assert Obligation.objects.count() == 1


def test_the_condition_of_another_operation_is_none_of_its_own(operation):
    other = Condition.objects.filter(opinion__operation=heard()).first()

    with pytest.raises(commands.MoveRefused, match="aucun avis de cette opération"):
        accepted(operation, commands.Accepted("Autre.", DUE, condition=other.pk))


@pytest.mark.parametrize(
    ("conditions", "why"),
    [
        ([commands.Accepted("Hier.", datetime.date(2026, 1, 1))], "est passée"),
        ([commands.Accepted("", DUE)], "300 caractères"),
        ([commands.Accepted("x" * 301, DUE)], "300 caractères"),
    ],
)
def test_what_cannot_be_followed_is_refused(operation, conditions, why):
    with pytest.raises(commands.MoveRefused, match=why):
        accepted(operation, *conditions)
    assert not Obligation.objects.exists()


def test_nothing_is_accepted_of_nothing(operation):
    with pytest.raises(commands.MoveRefused, match="Aucune condition"):
        commands.accept(
            operation_id=operation.pk,
            process=operation.process,
            conditions=[],
            origin=Origin.COPIL,
            decision="",
            key=uuid.uuid4(),
            by=person(operation, Role.SUB_PREFECT),
            at=operation.case.changed_at + DAY,
        )


def test_today_is_too_soon_and_tomorrow_is_not(operation):
    at = operation.case.changed_at + DAY
    today = at.date()

    with pytest.raises(commands.MoveRefused, match="est passée"):
        accepted(operation, commands.Accepted("Vite.", today), at=at)

    [one] = accepted(operation, commands.Accepted("Vite.", today + DAY), at=at)
    assert one.due_on == today + DAY


def test_somebody_else_owes_it_if_she_can_answer_for_it(operation):
    dreal = unit("dreal")
    owed = commands.Accepted(WORDING, DUE, debtor=dreal)
    with pytest.raises(commands.MoveRefused, match="Personne ne peut répondre"):
        accepted(operation, owed)

    sia = unit("sia-habitat")
    person_of(sia, Role.OWNER)
    [one] = accepted(operation, commands.Accepted(WORDING, DUE, debtor=sia))
    assert one.case.tasks.open().get().unit == sia


@pytest.mark.parametrize("role", [Role.OWNER, Role.CONSULTED, Role.PREFECT])
def test_those_who_decide_nothing_accept_nothing(operation, role):
    with pytest.raises(commands.MoveRefused, match="Cette modification revient à"):
        accepted(operation, role=role)


def test_a_reader_accepts_nothing(operation):
    with pytest.raises(commands.MoveRefused):
        accepted(operation, by=auditor())


@pytest.mark.parametrize("state", [State.DRAFT, State.UNDER_REVIEW, State.CLOSED])
def test_nothing_is_accepted_before_the_decision_nor_after_the_end(state):
    with pytest.raises(commands.MoveRefused):
        accepted(operation_at(state), role=Role.LEAD_SERVICE)


def test_a_form_sent_twice_accepts_once(operation):
    key = uuid.uuid4()
    by = person(operation, Role.SUB_PREFECT)

    accepted(operation, key=key, by=by)
    accepted(operation, key=key, by=by)

    assert operation.obligations.count() == 1


def test_a_sitting_accepts_within_its_own_transaction(operation):
    with transaction.atomic():
        receipt = openings.accept(
            operation_id=operation.pk,
            process=operation.process,
            conditions=[openings.Accepted(WORDING, DUE), openings.Accepted("B", DUE)],
            origin=Origin.COPIL,
            decision="COPIL du 1er avril 2026",
            key=uuid.uuid4(),
            by=person(operation, Role.COPIL_STATE),
            at=operation.case.changed_at + DAY,
        )

    assert receipt.seq == again(operation).case.latest_seq
    assert operation.obligations.count() == 2
