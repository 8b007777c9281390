"""The inbox shows what one may act on: all of it, nothing else, counts included."""

import datetime
import itertools

import pytest
from django.db import connection, transaction

from tests.library import lifecycle
from tests.library.factories import NOW, UNTIL, fire, person, unit
from tests.library.factories import town as place
from tests.library.lifecycle import Role
from workflow import claims, inbox, paging
from workflow.inbox import Box
from workflow.models import Task, Unit
from workflow.standing import memberships_of

pytestmark = pytest.mark.django_db

OPEN_BOXES = [Box.MINE, Box.UNITS, Box.OVERDUE]
LATER = NOW + datetime.timedelta(days=30)


def tasks_of(user, box=Box.UNITS, at=NOW):
    memberships = memberships_of(user, at.date())
    return inbox.tasks_in(box, by=user, memberships=memberships, at=at)


def seen(user, box=Box.UNITS, at=NOW):
    """Return what a person sees in a box, having checked that the count agrees."""
    tasks = tasks_of(user, box, at)
    rows = inbox.page(tasks, size=50, order=inbox.order_of(box)).rows
    assert paging.count(tasks) == len(rows)
    return [(task.reference[-1], task.step) for task in rows]


def claim(loan, by, step="desk"):
    task = Task.objects.open().get(case=loan.case, step=step)
    with transaction.atomic():
        claims.claim(task_id=task.pk, by=by, at=NOW)


def test_a_task_is_shown_to_the_unit_and_role_it_is_asked_of(town):
    town.loan_at("asked")
    town.loan()

    assert seen(town.librarian) == [("1", "desk")]
    assert seen(town.reader) == [("2", "wish")]
    assert seen(town.mayor) == seen(town.inspector) == []


def test_the_right_unit_is_not_enough_nor_the_right_role(town):
    town.loan_at("asked")
    elsewhere = person("ella", Role.LIBRARIAN, place=unit("other-library"))
    other_role = person("olaf", Role.MAYOR, place=unit("unit-librarian"))

    assert seen(elsewhere) == seen(other_role) == []


def test_a_membership_may_stop_at_a_jurisdiction(town):
    town.loan_at("asked", place=place("lens"))
    town.loan_at("asked", place=place("bethune"))
    local = person("lola", Role.LIBRARIAN, within=place("bethune"))

    assert seen(local) == [("2", "desk")]
    assert seen(town.librarian) == [("1", "desk"), ("2", "desk")]


@pytest.mark.parametrize(
    "period",
    [
        {"ends_on": datetime.date(2026, 3, 1)},
        {"starts_on": datetime.date(2026, 3, 3)},
    ],
)
def test_a_membership_runs_for_a_period(town, period):
    town.loan_at("asked")

    assert seen(person("paula", Role.LIBRARIAN, **period)) == []


def test_the_first_and_the_last_day_of_a_membership_count(town):
    town.loan_at("asked")
    today = datetime.date(2026, 3, 2)

    assert seen(person("paula", Role.LIBRARIAN, starts_on=today, ends_on=today))


def test_a_unit_that_is_closed_shows_nothing(town):
    town.loan_at("asked")
    Unit.objects.filter(code="unit-librarian").update(is_active=False)

    assert seen(town.librarian) == []


def test_what_one_took_charge_of_is_in_ones_own_box(town):
    colleague = person("carla", Role.LIBRARIAN)
    first, _ = town.loan_at("asked"), town.loan_at("asked")
    claim(first, town.librarian)

    assert seen(town.librarian, Box.MINE) == [("1", "desk")]
    assert seen(colleague, Box.MINE) == []
    assert seen(colleague) == [("1", "desk"), ("2", "desk")]


def test_what_one_holds_no_more_leaves_ones_own_box(town):
    claim(town.loan_at("asked"), town.librarian)
    town.librarian.memberships.update(ends_on="2026-03-10")

    assert seen(town.librarian, Box.MINE, at=NOW)
    assert seen(town.librarian, Box.MINE, at=LATER) == []


def test_a_task_is_overdue_once_its_last_day_is_over(town):
    town.loan_at("asked")
    due_at = Task.objects.get(step="desk").due_at
    after = due_at + datetime.timedelta(seconds=1)

    assert seen(town.librarian, Box.OVERDUE, at=due_at) == []
    assert seen(town.librarian, Box.OVERDUE, at=after) == [("1", "desk")]


def test_what_nothing_makes_due_is_never_overdue(town):
    town.loan()

    far = NOW + datetime.timedelta(days=365 * 500)
    assert seen(town.reader, Box.OVERDUE, at=far) == []


@pytest.mark.parametrize("box", OPEN_BOXES)
def test_what_is_done_or_held_waits_in_no_box(town, box):
    done, held = town.loan_at("asked"), town.loan_at("asked")
    claim(done, town.librarian)
    claim(held, town.librarian)
    fire(done, lifecycle.LEND, by=town.librarian, **UNTIL)
    fire(held, lifecycle.FREEZE, by=town.librarian, reason="Inventaire.")

    shown = [step for _, step in seen(town.librarian, box, at=LATER)]
    assert "desk" not in shown


def test_what_one_did_comes_latest_first(town):
    loans = [town.loan_at("asked") for _ in range(3)]
    for minutes, loan in zip((2, 1, 3), loans, strict=True):
        at = NOW + datetime.timedelta(minutes=minutes)
        fire(loan, lifecycle.LEND, by=town.librarian, at=at, **UNTIL)

    done = seen(town.librarian, Box.DONE)
    assert done == [("3", "desk"), ("1", "desk"), ("2", "desk")]


def test_what_one_did_is_hidden_with_the_case(town):
    town.loan_at("lent")
    town.librarian.memberships.update(ends_on="2026-03-10")

    assert seen(town.librarian, Box.DONE)
    assert seen(town.librarian, Box.DONE, at=LATER) == []


def test_what_another_did_is_not_what_one_did(town):
    town.loan_at("lent")

    assert seen(person("carla", Role.LIBRARIAN), Box.DONE) == []


def test_several_memberships_show_each_task_once(town):
    person("lena", Role.MAYOR)
    person("lena", Role.LIBRARIAN, within=place("lens"))
    town.loan_at("asked")

    assert seen(town.librarian) == [("1", "desk")]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_pages_visit_every_task_once_in_order(town, size):
    loans = town.loans(7)
    tasks = list(Task.objects.order_by("id"))
    for day, task in zip((3, 1, 1, 2, 1, 3, 3), tasks, strict=True):
        sort_at = NOW + datetime.timedelta(days=day)
        Task.objects.filter(pk=task.pk).update(sort_at=sort_at)

    visited, after = [], None
    while True:
        page = inbox.page(tasks_of(town.reader), size=size, after=after)
        assert len(page.rows) <= size
        visited += page.rows
        if (after := page.next) is None:
            break

    assert visited == list(Task.objects.order_by("sort_at", "id"))
    assert len(visited) == len(loans)


def test_what_arrives_before_the_page_being_read_repeats_nothing(town):
    town.loans(4)
    first = inbox.page(tasks_of(town.reader), size=2)
    Task.objects.filter(pk=first.rows[0].pk).update(held_at=NOW)

    second = inbox.page(tasks_of(town.reader), size=2, after=first.next)

    assert not set(first.rows) & set(second.rows)
    assert len(second.rows) == 2


def test_a_count_stops_at_one_more_than_a_thousand(town, monkeypatch):
    monkeypatch.setattr(paging, "COUNT_UP_TO", 3)
    counts = []
    for _ in range(5):
        town.loan()
        counts.append(paging.count(tasks_of(town.reader)))

    assert counts == [1, 2, 3, 4, 4]


def test_a_thousand_is_the_bound():
    assert paging.COUNT_UP_TO == 1_000


def test_a_page_and_its_counts_cost_the_same_whatever_the_number(
    town, django_assert_num_queries
):
    def read():
        held = memberships_of(town.reader, NOW.date())
        but = inbox.excluded(town.reader, held)
        boxes = {
            box: inbox.tasks_in(box, by=town.reader, memberships=held, at=NOW, but=but)
            for box in OPEN_BOXES
        }
        page = inbox.page(boxes[Box.UNITS], size=10)
        shown = [(task.unit.name, task.jurisdiction.name) for task in page.rows]
        return shown, inbox.counts({box: [tasks] for box, tasks in boxes.items()})

    for loans, rows in ((1, 1), (30, 10)):
        town.loans(loans)
        with django_assert_num_queries(4):
            shown, _ = read()
        assert len(shown) == rows


@pytest.mark.slow  # a case for each of twelve kinds of membership
def test_rights_in_boxes_are_those_of_the_memberships(town):
    """Whoever a task is shown to may claim it, and nobody else may."""
    for code in ("lens", "bethune"):
        town.loan_at("asked", place=place(code))
    people = [
        person(f"p{number}", role, place=unit(code), within=within)
        for number, (role, code, within) in enumerate(
            itertools.product(
                (Role.LIBRARIAN, Role.MAYOR),
                ("unit-librarian", "unit-mayor"),
                (None, place("lens"), place("bethune")),
            )
        )
    ]

    for someone in people:
        shown = set(tasks_of(someone).values_list("pk", flat=True))
        for task in Task.objects.open():
            try:
                with transaction.atomic():
                    claims.claim(task_id=task.pk, by=someone, at=NOW)
                    claims.release(task_id=task.pk, by=someone, at=NOW)
            except claims.TaskNotFound:
                assert task.pk not in shown
            else:
                assert task.pk in shown


@pytest.mark.postgres
@pytest.mark.parametrize(
    "reduced", [{}, {"priority": 1}, {"jurisdiction__code": "lens"}]
)
def test_what_one_did_is_counted_along_its_index_alone(town, reduced):
    town.loan_at("lent")
    with connection.cursor() as cursor:
        # So few rows are read otherwise.
        for way in ("seqscan", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")

    plan = tasks_of(town.librarian, Box.DONE).filter(**reduced).values("pk").explain()

    assert "Index Only Scan using task_done_by on workflow_task" in plan
