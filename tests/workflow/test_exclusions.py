"""Nobody is shown, nor told of, a task that she may not answer."""

import pytest
from django.db import transaction

from tests.library.factories import NOW, Town, fire, person, stands_in, unit
from tests.library.journey import LoanFlow
from tests.library.lifecycle import ASK, EXHIBIT, LEND, Role
from workflow import claims, inbox, notices, replay
from workflow.inbox import Box
from workflow.models import Case, Membership, Task
from workflow.standing import memberships_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(monkeypatch):
    """A library where nobody lends what she asked, and where one may but lend."""
    monkeypatch.setattr(LoanFlow.desk, "offers", (LEND,))
    return Town()


def asked_by(someone, town):
    loan = town.loan()
    fire(loan, ASK, by=someone)
    return Task.objects.open().get(case=loan.case, step="desk")


def box_of(someone, box=Box.UNITS):
    held = memberships_of(someone, NOW.date())
    return inbox.tasks_in(box, by=someone, memberships=held, at=NOW)


def counted_for(someone):
    held = memberships_of(someone, NOW.date())
    boxes = {
        box: [inbox.contents(box, by=someone, memberships=held, at=NOW)] for box in Box
    }
    return inbox.counts(boxes)[Box.UNITS]


def both(name="lise"):
    return person(name, Role.READER, Role.LIBRARIAN)


def test_who_asked_is_not_shown_what_another_must_answer(town):
    someone = both()
    task = asked_by(someone, town)

    assert list(box_of(someone)) == []
    assert counted_for(someone) == 0
    assert list(box_of(town.librarian)) == [task]


def test_what_she_may_answer_in_another_way_is_shown(town, monkeypatch):
    monkeypatch.undo()
    someone = both()

    task = asked_by(someone, town)

    assert list(box_of(someone)) == [task]


def test_what_another_asked_is_shown(town):
    someone = both()

    task = asked_by(town.reader, town)

    assert list(box_of(someone)) == [task]


def test_who_stands_in_for_who_asked_is_not_shown_it(town):
    someone, deputy = both(), person("dora", Role.MAYOR)
    stands_in(deputy, someone)

    asked_by(someone, town)

    assert list(box_of(deputy)) == []


def test_who_asked_is_not_shown_it_when_she_stands_in(town):
    stands_in(town.reader, town.librarian)

    task = asked_by(town.reader, town)

    assert list(box_of(town.reader)) == []
    assert list(box_of(town.librarian)) == [task]


def test_who_had_it_asked_in_her_name_is_not_shown_it(town):
    someone, deputy = both(), person("dora", Role.MAYOR)
    stands_in(deputy, someone)

    asked_by(deputy, town)

    assert list(box_of(someone)) == []


def test_a_unit_that_asked_is_shown_nothing_that_wants_another(monkeypatch):
    monkeypatch.setattr(LoanFlow.desk, "offers", (EXHIBIT,))
    monkeypatch.setattr(LoanFlow.desk, "asks", str(Role.DIRECTOR))
    town = Town()
    Membership.objects.create(
        user=town.director,
        unit=unit("unit-reader"),
        role=Role.ADVISER,
        starts_on=NOW.date(),
    )
    elsewhere = person("elise", Role.DIRECTOR)

    task = asked_by(town.reader, town)

    assert list(box_of(town.director)) == []
    assert list(box_of(elsewhere)) == [task]


@pytest.mark.parametrize("number", [1, 20])
def test_it_is_known_in_one_query_whatever_the_number(
    town, number, django_assert_num_queries
):
    someone = both()
    for _ in range(number):
        asked_by(someone, town)
    held = memberships_of(someone, NOW.date())

    with django_assert_num_queries(1):
        but = inbox.excluded(someone, held)

    assert len(but.tasks[someone.pk]) == number


def test_what_no_code_declares_any_more_hides_nothing(town):
    someone = both()
    asked_by(someone, town)
    Case.objects.update(process_version=99)

    assert inbox.excluded(someone, memberships_of(someone, NOW.date())).tasks == {
        someone.pk: set()
    }


def test_whoever_is_shown_a_task_may_claim_it_and_nobody_else(town):
    people = [
        town.reader,
        town.librarian,
        town.director,
        both(),
        both("lou"),
        person("dora", Role.MAYOR),
    ]
    stands_in(people[-1], people[3])
    for someone in (*people[3:5], town.reader):
        asked_by(someone, town)

    for someone in people:
        shown = set(box_of(someone))
        for task in Task.objects.open().filter(step="desk"):
            try:
                with transaction.atomic():
                    claims.claim(task_id=task.pk, by=someone, at=NOW)
                    claims.release(task_id=task.pk, by=someone, at=NOW)
            except (claims.TaskNotFound, claims.ClaimRefused):
                assert task not in shown
            else:
                assert task in shown


def test_nobody_is_told_of_what_she_may_not_answer(town):
    someone, deputy = both(), person("dora", Role.MAYOR)
    stands_in(deputy, someone)
    task = asked_by(someone, town)

    told = [one.user for one in notices.asked(task, task.case, NOW)]

    assert told == [town.librarian]


def test_nobody_could_act_who_was_kept_away_then(town):
    someone, deputy = both(), person("dora", Role.MAYOR)
    stands_in(deputy, someone)
    task = asked_by(someone, town)

    (asked,) = replay.as_of(task.case, NOW).open

    assert [str(actor) for actor in asked.actors] == [str(town.librarian)]
