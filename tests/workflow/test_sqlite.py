"""Twenty people at once on the embedded database: one writer at a time, no error."""

import dataclasses
import uuid
from collections import Counter

import pytest
from django.db import connection, connections, transaction

from tests.library import lifecycle
from tests.library.factories import PROCESS, UNTIL, Town, attempt
from tests.workflow.databases import race
from workflow import engine
from workflow.models import Case, Event
from workflow.trail import verify

pytestmark = [pytest.mark.slow]  # threads and a file
if connection.vendor == "sqlite":  # without a mark, it is not run on PostgreSQL
    pytestmark.append(pytest.mark.django_db(transaction=True))


@pytest.fixture
def on_file(tmp_path, monkeypatch):
    """Have other threads open a file: a copy of the empty database of the tests."""
    path = tmp_path / "library.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])
    monkeypatch.setitem(connections.settings["default"], "NAME", str(path))


def test_one_of_twenty_is_accepted_and_no_database_is_locked(on_file):
    def open_a_loan():
        town = Town()
        loan = town.loan_at("asked")
        return loan, attempt(loan, lifecycle.LEND, by=town.librarian, **UNTIL)

    [(loan, made)] = race([open_a_loan])

    def submit():
        with transaction.atomic():
            one = dataclasses.replace(made, key=uuid.uuid4())
            return engine.fire(PROCESS, loan.pk, one)

    outcomes = race([submit] * 20)

    kinds = Counter(type(outcome).__name__ for outcome in outcomes)
    assert kinds == {"Receipt": 1, "StaleCase": 19}

    def look():
        case = Case.objects.get(pk=loan.pk)
        events = Event.objects.filter(case=case).count()
        return case.version, events, verify.problems_of(case)

    assert race([look]) == [(3, 3, [])]
