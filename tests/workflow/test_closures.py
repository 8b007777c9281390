"""A unit that is closed is given the days on which it does not work."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.library import lifecycle
from tests.library.factories import NOW, fire, unit
from workflow import closures, standing
from workflow.deadlines import LOCAL
from workflow.models import Closure, Membership, Task


def day(text):
    return datetime.date.fromisoformat(text)


def close(by, first="2026-03-05", last="2026-03-06", label="Inventaire", at=NOW):
    with transaction.atomic():
        return closures.add(
            unit_id=unit("unit-librarian").pk,
            first_on=day(first),
            last_on=day(last),
            label=label,
            by=by,
            at=at,
        )


def reopen(closure, by, at=NOW):
    with transaction.atomic():
        return closures.remove(
            unit_id=unit("unit-librarian").pk, closure_id=closure.pk, by=by, at=at
        )


@pytest.fixture
def head(town):
    Membership.objects.filter(user=town.librarian).update(is_head=True)
    return town.librarian


def received_by(town):
    """Return the day by which a book returned on 2 March is to be received."""
    loan = town.loan_at("lent")
    fire(loan, lifecycle.RETURN, by=town.reader)
    task = Task.objects.get(case=loan.case, step="receive")
    return task.due_at.astimezone(LOCAL).date()


def test_a_closure_lengthens_the_delays_in_worked_days(town, head):
    assert received_by(town) == day("2026-03-09")

    closure = close(head)
    assert received_by(town) == day("2026-03-11")

    reopen(closure, head)
    assert received_by(town) == day("2026-03-09")
    assert not unit("unit-librarian").has_closures


def test_the_closure_of_another_unit_changes_nothing(town, head):
    Membership.objects.filter(user=town.director).update(is_head=True)
    with transaction.atomic():
        closures.add(
            unit_id=unit("unit-director").pk,
            first_on=day("2026-03-03"),
            last_on=day("2026-03-31"),
            label="Congés",
            by=town.director,
            at=NOW,
        )

    assert received_by(town) == day("2026-03-09")


def test_who_does_not_head_the_unit_does_not_close_it(town, head):
    closure = close(head)

    for someone in (town.director, town.reader):
        with pytest.raises(closures.NotHead):
            close(someone, "2026-04-01", "2026-04-02")
        with pytest.raises(closures.NotHead):
            reopen(closure, someone)
    assert Closure.objects.get() == closure


def test_who_headed_it_until_yesterday_does_not_either(town, head):
    Membership.objects.filter(user=head).update(ends_on=day("2026-03-01"))

    with pytest.raises(closures.NotHead):
        close(head)
    assert standing.headed_by(head, day("2026-03-02")) == []
    assert standing.headed_by(head, day("2026-03-01")) == [unit("unit-librarian")]


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-03-06", "2026-03-05", "avant de commencer"),
        ("2026-02-02", "2026-02-27", "déjà finie"),
        ("2026-03-05", "2026-12-31", "trois mois au plus"),
    ],
)
def test_a_closure_that_makes_no_sense_is_refused(town, head, first, last, words):
    with pytest.raises(closures.ClosureRefused, match=words):
        close(head, first, last)


def test_closures_do_not_overlap(town, head):
    close(head)

    with pytest.raises(closures.ClosureRefused, match="déjà fermée"):
        close(head, "2026-03-06", "2026-03-10")


def test_a_closure_that_is_over_is_history(town, head):
    closure = close(head)

    with pytest.raises(closures.ClosureNotFound):
        reopen(closure, head, at=NOW + datetime.timedelta(days=30))


def test_the_database_has_the_last_word(town):
    with pytest.raises(IntegrityError), transaction.atomic():
        Closure.objects.create(
            unit=unit("unit-librarian"),
            first_on=day("2026-03-06"),
            last_on=day("2026-03-05"),
            label="À l’envers",
        )


def test_a_unit_without_closures_costs_no_query(town, head):
    close(head)
    loans = [town.loan_at("lent") for _ in range(2)]
    with CaptureQueriesContext(connection) as with_closures:
        fire(loans[0], lifecycle.RETURN, by=town.reader)
    reopen(Closure.objects.get(), head)
    with CaptureQueriesContext(connection) as without:
        fire(loans[1], lifecycle.RETURN, by=town.reader)

    assert len(with_closures) - len(without) == 1
