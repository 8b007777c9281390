"""Two hundred people at once: the row lock of the case decides, on PostgreSQL."""

import functools
import os
import uuid
from collections import Counter

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction

from tests.library import lifecycle
from tests.library.factories import (
    NOW,
    PROCESS,
    UNTIL,
    Town,
    attempt,
    fire,
    person,
    unit,
)
from tests.library.lifecycle import Role
from tests.library.models import Loan
from tests.workflow.databases import race
from workflow import claims, engine
from workflow.models import Case, Event, Membership, Message, Signature, Task
from workflow.trail import verify

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,  # hundreds of connections
    pytest.mark.django_db(transaction=True),
]

CROWD = 200


@pytest.fixture
def crowd():
    """Two hundred, or as many as a server that was given to us lets in."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW max_connections")
        return min(CROWD, int(cursor.fetchone()[0]) - 20)


def submit(case_id, made):
    with transaction.atomic():
        return engine.fire(PROCESS, case_id, made)


def test_one_of_many_answers_to_a_task_is_accepted(crowd, told):
    town = Town()
    loan = town.loan_at("asked")
    answers = [(lifecycle.LEND, UNTIL), (lifecycle.REFUSE, {"reason": "Abîmé."})]
    made = [
        attempt(loan, move, by=town.librarian, **said)
        for move, said in answers * (crowd // 2)
    ]

    outcomes = race(functools.partial(submit, loan.pk, one) for one in made)

    kinds = Counter(type(outcome).__name__ for outcome in outcomes)
    assert kinds == {"Receipt": 1, "StaleCase": len(made) - 1}
    assert Case.objects.get(pk=loan.pk).version == 3
    assert Event.objects.filter(case=loan.pk).count() == 3
    assert Message.objects.filter(event__case=loan.pk).count() == 2
    assert verify.problems_of(Case.objects.get(pk=loan.pk)) == []


def test_those_who_come_too_late_are_told_what_was_done(crowd):
    town = Town()
    loan = town.loan_at("asked")
    made = [
        attempt(loan, lifecycle.LEND, by=town.librarian, **UNTIL) for _ in range(10)
    ]

    outcomes = race(functools.partial(submit, loan.pk, one) for one in made)

    too_late = [one for one in outcomes if isinstance(one, engine.StaleCase)]
    assert len(too_late) == 9
    for late in too_late:
        assert [event.move for event in late.changes] == ["lend"]


def test_the_same_request_gets_the_same_receipt_every_time(crowd):
    town = Town()
    loan = town.loan_at("asked")
    made = attempt(loan, lifecycle.LEND, by=town.librarian, **UNTIL)

    outcomes = race([functools.partial(submit, loan.pk, made)] * crowd)

    assert len(set(outcomes)) == 1
    assert isinstance(outcomes[0], engine.Receipt)
    assert Event.objects.filter(case=loan.pk, move="lend").count() == 1


def test_nobody_signs_twice_by_being_quick(crowd):
    town = Town()
    both = person("double", Role.DIRECTOR, Role.MAYOR)
    loans = town.loans(CROWD)
    for loan in loans:
        fire(loan, lifecycle.ASK, by=town.reader)

    def sign(loan):
        submit(loan.pk, attempt(loan, lifecycle.GIVE, by=both, confirmed_at=NOW))

    pairs = crowd // 2
    for start in range(0, CROWD, pairs):
        race(
            functools.partial(sign, loan)
            for loan in loans[start : start + pairs]
            for _ in range(2)
        )

    assert Signature.objects.filter(user=both).count() == CROWD
    assert not Case.objects.filter(state=lifecycle.State.GIVEN).exists()


def test_one_of_many_who_claim_a_task_has_it_and_the_others_know_who(crowd):
    town = Town()
    task = Task.objects.get(case=town.loan_at("asked").case, step="desk")
    attempts = max(crowd, int(os.environ.get("CLAIM_ATTEMPTS", 0)))
    staff = get_user_model().objects.bulk_create(
        get_user_model()(email=f"{n}@example.org", first_name=f"Agent {n}")
        for n in range(attempts)
    )
    Membership.objects.bulk_create(
        Membership(
            user=someone,
            unit=unit("unit-librarian"),
            role=Role.LIBRARIAN,
            starts_on="2026-01-01",
        )
        for someone in staff
    )

    def claim_by_turns(people):
        return [_claimed(task, someone) for someone in people]

    turns = race(
        functools.partial(claim_by_turns, staff[place::crowd]) for place in range(crowd)
    )

    outcomes = [outcome for turn in turns for outcome in turn]
    task.refresh_from_db()
    refused = [one for one in outcomes if isinstance(one, claims.AlreadyClaimed)]
    assert len(outcomes) == attempts
    assert len(refused) == attempts - 1
    assert {one.task.owner for one in refused} == {task.owner}
    assert all(f"{task.owner} depuis le 02/03/2026" in str(one) for one in refused)
    assert Event.objects.filter(case=task.case_id, kind="claim").count() == 1


def _claimed(task, someone):
    try:
        with transaction.atomic():
            return claims.claim(task_id=task.pk, by=someone, at=NOW)
    except claims.AlreadyClaimed as refusal:
        return refusal


def test_references_have_neither_duplicate_nor_gap(crowd):
    town = Town()
    town.loan()

    outcomes = race([functools.partial(town.loans, 5)] * (crowd // 5))

    assert not [one for one in outcomes if isinstance(one, Exception)]
    count = Loan.objects.count()
    assert count == 1 + 5 * (crowd // 5)
    assert sorted(Case.objects.values_list("reference", flat=True)) == [
        f"L-2026-{number:05d}" for number in range(1, count + 1)
    ]


def test_a_key_taken_by_another_request_at_the_same_moment_serves_once(crowd):
    town = Town()
    first, second = town.loan_at("asked"), town.loan_at("asked")
    key = uuid.uuid4()

    outcomes = race(
        functools.partial(
            submit,
            loan.pk,
            attempt(loan, lifecycle.LEND, by=town.librarian, key=key, **UNTIL),
        )
        for loan in (first, second)
    )

    kinds = Counter(type(outcome).__name__ for outcome in outcomes)
    assert kinds == {"Receipt": 1, "KeyReused": 1}
    assert Event.objects.filter(move="lend").count() == 1
