"""One follows what one may know of, and puts off what one has in charge."""

import datetime

import pytest
from django.db import transaction

from tests.library.factories import NOW, person
from tests.library.lifecycle import Role
from workflow import claims, inbox, marks, paging
from workflow.inbox import Box
from workflow.marks import CaseNotFound, DayRefused, TaskNotMine
from workflow.models import Event, Follow, Task
from workflow.standing import memberships_of

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
TOMORROW = (NOW + DAY).date()


def held(by, box, at=NOW):
    memberships = memberships_of(by, at.date())
    return inbox.contents(box, by=by, memberships=memberships, at=at)


@pytest.fixture
def task(town):
    """Return a task that the librarian has in charge."""
    loan = town.loan_at("asked")
    task = Task.objects.open().get(case=loan.case, step="desk")
    with transaction.atomic():
        return claims.claim(task_id=task.pk, by=town.librarian, at=NOW)


# Follow


def test_what_one_follows_is_in_its_own_box(town):
    first, _ = town.loan(), town.loan()
    marks.follow(case_id=first.pk, by=town.inspector, at=NOW)

    assert list(held(town.inspector, Box.FOLLOWED)) == [first.case]
    assert paging.count(held(town.inspector, Box.FOLLOWED)) == 1
    assert marks.marks_of(town.inspector, NOW, cases=[first.pk]).followed == {first.pk}
    assert not held(town.reader, Box.FOLLOWED)


def test_to_follow_twice_is_to_follow_once(town):
    loan = town.loan()
    for _ in range(2):
        marks.follow(case_id=loan.pk, by=town.reader, at=NOW)

    assert Follow.objects.count() == 1


def test_one_follows_no_more_what_one_chooses(town):
    loan = town.loan()
    marks.follow(case_id=loan.pk, by=town.reader, at=NOW)
    for _ in range(2):
        marks.unfollow(case_id=loan.pk, by=town.reader, at=NOW)

    assert not held(town.reader, Box.FOLLOWED)


@pytest.mark.parametrize("act", [marks.follow, marks.unfollow])
def test_what_one_may_not_know_of_is_not_there(town, act):
    loan = town.loan()
    stranger = person("ella", Role.LIBRARIAN, place=None)
    stranger.memberships.all().delete()

    with pytest.raises(CaseNotFound):
        act(case_id=loan.pk, by=stranger, at=NOW)


def test_what_one_followed_is_hidden_with_the_right_to_know_of_it(town):
    loan = town.loan()
    marks.follow(case_id=loan.pk, by=town.reader, at=NOW)
    town.reader.memberships.update(ends_on="2026-03-10")
    later = NOW + 30 * DAY

    assert held(town.reader, Box.FOLLOWED, at=NOW)
    assert not held(town.reader, Box.FOLLOWED, at=later)
    assert paging.count(held(town.reader, Box.FOLLOWED, at=later)) == 0
    assert marks.unfollow(case_id=loan.pk, by=town.reader, at=later) == loan.case


def test_to_follow_writes_nothing_in_the_trail(town):
    loan = town.loan()
    before = Event.objects.count()
    marks.follow(case_id=loan.pk, by=town.reader, at=NOW)

    assert Event.objects.count() == before


# Put off


def test_a_task_put_off_leaves_ones_own_until_its_day(town, task):
    by = town.librarian
    marks.put_off(task_id=task.pk, until=TOMORROW, by=by, at=NOW)

    assert [list(held(by, box)) for box in (Box.MINE, Box.LATER)] == [[], [task]]
    assert list(held(by, Box.UNITS)) == [task]
    assert list(held(by, Box.MINE, at=NOW + DAY)) == [task]
    assert not held(by, Box.LATER, at=NOW + DAY)
    assert marks.marks_of(by, NOW, tasks=[task.pk]).put_off == {task.pk: TOMORROW}
    assert not marks.marks_of(by, NOW + DAY, tasks=[task.pk]).put_off


def test_a_task_is_put_off_to_another_day_or_brought_back(town, task):
    by = town.librarian
    for days in (1, 9):
        until = (NOW + days * DAY).date()
        marks.put_off(task_id=task.pk, until=until, by=by, at=NOW)

    assert list(held(by, Box.LATER, at=NOW + 5 * DAY)) == [task]
    marks.bring_back(task_id=task.pk, by=by, at=NOW)
    assert list(held(by, Box.MINE)) == [task]


@pytest.mark.parametrize(
    ("days", "words"), [(0, "à venir"), (-3, "à venir"), (400, "un an")]
)
def test_a_task_is_put_off_to_a_day_to_come(town, task, days, words):
    until = (NOW + days * DAY).date()

    with pytest.raises(DayRefused, match=words):
        marks.put_off(task_id=task.pk, until=until, by=town.librarian, at=NOW)


@pytest.mark.parametrize("who", ["colleague", "mayor"])
def test_one_puts_off_ones_own_tasks_only(town, task, who):
    colleague = person("carla", Role.LIBRARIAN)
    by = colleague if who == "colleague" else town.mayor

    with pytest.raises(TaskNotMine):
        marks.put_off(task_id=task.pk, until=TOMORROW, by=by, at=NOW)
    with pytest.raises(TaskNotMine):
        marks.bring_back(task_id=task.pk, by=by, at=NOW)
