"""The way of a case is read back from its trail."""

import pytest

from tests.library import lifecycle
from tests.library.factories import UNTIL, Town, fire
from workflow.diagrams import Focus, svg_of
from workflow.models import Event
from workflow.trail.reading import path_of

pytestmark = pytest.mark.django_db


def events_of(loan):
    return Event.objects.filter(case=loan.case).order_by("seq")


def test_a_new_case_has_left_nothing():
    assert path_of(events_of(Town().loan())) == []


def test_the_path_tells_each_state_left_in_order():
    town = Town()
    loan = town.loan_at("asked")
    fire(loan, lifecycle.SEND_BACK, by=town.librarian, reason="Titre inexact.")
    fire(loan, lifecycle.ASK, by=town.reader)

    path = path_of(events_of(loan))

    assert path == ["wished", "asked", "wished"]
    assert "arrow--taken" in svg_of(
        lifecycle.PROCESS, Focus(current="asked", path=path)
    )


def test_what_changes_no_state_is_not_on_the_path():
    town = Town()
    loan = town.loan_at("asked")
    fire(loan, lifecycle.LEND, by=town.librarian, **UNTIL)
    fire(loan, lifecycle.RENEW, by=town.librarian)
    fire(loan, lifecycle.RETURN, by=town.reader)

    assert path_of(events_of(loan)) == ["wished", "asked"]


def test_a_pause_is_on_the_path():
    town = Town()
    loan = town.loan_at("asked")
    fire(loan, lifecycle.FREEZE, by=town.librarian, reason="Inventaire.")
    fire(loan, lifecycle.THAW, by=town.librarian)

    assert path_of(events_of(loan)) == ["wished", "asked", "frozen"]
