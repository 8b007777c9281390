"""Signatures and consultations raced for: the lock of the case decides, on PostgreSQL.

Moderate sizes unless told: `RACES=1000` for the signatures of one person, `PANELS=500`
for the consultations of eight units.
"""

import functools
import os

import pytest
from django.db import OperationalError, connection, transaction

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
from tests.library.lifecycle import ADVICE, Role
from tests.workflow.databases import race
from workflow import consultations, engine
from workflow.models import Case, Consulted, Event, Signature, Task
from workflow.trail import verify

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,  # hundreds of connections
    pytest.mark.django_db(transaction=True),
]

RACES = int(os.environ.get("RACES", "100"))
PANELS = int(os.environ.get("PANELS", "10"))
UNITS = 8


@pytest.fixture
def crowd():
    """Return how many connections the server lets in, up to two hundred."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW max_connections")
        return min(200, int(cursor.fetchone()[0]) - 20)


def submit(case_id, made):
    with transaction.atomic():
        return engine.fire(PROCESS, case_id, made)


def in_waves(acts, size):
    """Race all these, as many at once as there are connections."""
    acts = list(acts)
    return [
        outcome
        for start in range(0, len(acts), size)
        for outcome in race(acts[start : start + size])
    ]


def test_one_person_never_signs_for_both_however_often_she_tries(crowd):
    town = Town()
    both = person("double", Role.DIRECTOR, Role.MAYOR)
    loans = town.loans(RACES)
    for loan in loans:
        fire(loan, lifecycle.ASK, by=town.reader)

    outcomes = in_waves(
        (
            functools.partial(
                submit,
                loan.pk,
                attempt(loan, lifecycle.GIVE, by=both, seen=2, confirmed_at=NOW),
            )
            for loan in loans
            for _ in range(2)
        ),
        crowd // 2 * 2,
    )

    assert sum(isinstance(one, engine.Receipt) for one in outcomes) == RACES
    assert sum(isinstance(one, engine.StaleCase) for one in outcomes) == RACES
    assert Signature.objects.filter(user=both).count() == RACES
    assert not Case.objects.filter(state=lifecycle.State.GIVEN).exists()


def insist(loan, move, **said):
    """Make a move, and again when the case has changed or could not be had in time."""
    while True:
        try:
            with transaction.atomic():
                return fire(loan, move, **said)
        except (engine.StaleCase, OperationalError):
            continue


def answer(loan, by, librarian):
    """Give one’s opinion, then go on if nothing is awaited any more."""
    insist(loan, lifecycle.ADVISE, by=by, inputs={"view": "yes"})
    try:
        return insist(loan, lifecycle.LEND, by=librarian, **UNTIL)
    except engine.MoveRefused as refused:
        return refused


def test_units_that_finish_together_continue_the_case_once(crowd):
    town = Town()
    advisers = [
        person(f"adviser-{n}", Role.ADVISER, place=unit(f"advice-{n}"))
        for n in range(UNITS)
    ]
    units = [unit(f"advice-{n}") for n in range(UNITS)]
    loans = town.loans(PANELS, advisers=units)
    for loan in loans:
        fire(loan, lifecycle.ASK, by=town.reader)

    outcomes = in_waves(
        (
            functools.partial(answer, loan, by, town.librarian)
            for loan in loans
            for by in advisers
        ),
        min(crowd, 5 * UNITS) // UNITS * UNITS,
    )

    unexpected = (engine.Receipt, engine.MoveRefused)
    assert [one for one in outcomes if not isinstance(one, unexpected)] == []
    assert sum(isinstance(one, engine.Receipt) for one in outcomes) == PANELS
    assert Event.objects.filter(move="lend").count() == PANELS
    assert Event.objects.filter(move="advise").count() == PANELS * UNITS
    assert Consulted.objects.exclude(said="").count() == PANELS * UNITS
    assert Task.objects.open().filter(step="home").count() == PANELS
    assert not Task.objects.open().filter(step__in=["advice", "desk"]).exists()
    for loan in loans[:10]:
        case = Case.objects.get(pk=loan.pk)
        assert all(one.is_answered for one in consultations.asked(case, ADVICE))
        assert verify.problems_of(case) == []
