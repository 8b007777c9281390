"""Boxes, counts and pages against a plain recomputation, on tasks drawn at random."""

import datetime
import random

import pytest

from tests.library.factories import NOW, person, unit
from tests.library.factories import town as place
from tests.library.lifecycle import Role
from workflow import inbox, paging
from workflow.inbox import Box, Sort
from workflow.models import Case, Follow, Membership, Snooze, Task
from workflow.standing import memberships_of, visible_cases

pytestmark = pytest.mark.django_db

PLACES = ("lens", "bethune", "douai")
ROLES = (Role.LIBRARIAN, Role.DIRECTOR, Role.MAYOR, Role.READER)
DAY = datetime.timedelta(days=1)
TASK_BOXES = [box for box in Box if box is not Box.FOLLOWED]


@pytest.fixture(params=range(4))
def people(request, town):
    """Scatter tasks and rights at random; the same each time."""
    draw = random.Random(request.param)  # noqa: S311 – nothing is secret
    for code in PLACES:
        town.loans(8, place=place(code))
    staff = [person(f"p{number}") for number in range(4)]
    _scatter_rights(draw, staff)
    _scatter_tasks(draw, staff)
    for user in staff:
        for case in draw.sample(list(Case.objects.all()), 6):
            Follow.objects.create(user=user, case=case, since=NOW)
        for task in draw.sample(list(Task.objects.all()), 8):
            until = NOW.date() + draw.randint(-2, 3) * DAY
            Snooze.objects.create(user=user, task=task, until=until)
    return staff


def _scatter_rights(draw, staff):
    for user in staff:
        for _ in range(draw.randint(1, 5)):
            role = draw.choice([*ROLES, Role.INSPECTOR])
            Membership.objects.get_or_create(
                user=user,
                unit=unit(f"unit-{draw.choice(ROLES)}"),
                role=role,
                jurisdiction=draw.choice([None, *map(place, PLACES)]),
                starts_on=datetime.date(2026, 1, 1),
            )


def _scatter_tasks(draw, staff):
    for task in Task.objects.all():
        task.role = draw.choice(ROLES)
        task.unit = unit(f"unit-{task.role}")
        task.owner = draw.choice([None, *staff])
        task.created = NOW - draw.randint(0, 3) * DAY
        task.sort_at = NOW + draw.randint(-2, 2) * DAY
        task.amount_cents = draw.randint(0, 3)
        task.priority = draw.randint(1, 4)
        task.held_at = draw.choice([None, None, None, NOW])
        if draw.random() < 0.4:
            task.status, task.held_at = "DONE", None
            task.finished = NOW - draw.randint(0, 2) * DAY
            task.completed_by, task.worked_days = draw.choice(staff), 0
        task.save()


def plainly(box, by, memberships):
    """Go through every task, and keep those of a box."""
    known = set(visible_cases(memberships).values_list("pk", flat=True))
    put_off = {
        s.task_id for s in Snooze.objects.filter(user=by) if s.until > NOW.date()
    }
    rules = {
        Box.MINE: lambda t: t.owner_id == by.pk and t.pk not in put_off,
        Box.LATER: lambda t: t.owner_id == by.pk and t.pk in put_off,
        Box.UNITS: lambda t: True,
        Box.OVERDUE: lambda t: t.sort_at < NOW,
    }
    if box is Box.DONE:
        return [
            t
            for t in Task.objects.all()
            if t.completed_by_id == by.pk and t.case_id in known
        ]
    return [
        t
        for t in Task.objects.all()
        if t.finished is None
        and t.held_at is None
        and any(
            (m.unit_id, m.role) == (t.unit_id, t.role) and m.covers(t.jurisdiction_id)
            for m in memberships
        )
        and rules[box](t)
    ]


def parts_of(box, by, memberships, shares=inbox.shares):
    return [
        inbox.contents(box, by=by, memberships=share, at=NOW)
        for share in shares(box, memberships)
    ]


def test_boxes_and_their_counts_are_those_of_a_plain_recomputation(people):
    for by in people:
        memberships = memberships_of(by, NOW.date())
        boxes = {
            box: inbox.contents(box, by=by, memberships=memberships, at=NOW)
            for box in Box
        }
        expected = {box: plainly(box, by, memberships) for box in TASK_BOXES}
        known = visible_cases(memberships)
        expected[Box.FOLLOWED] = [
            case for case in known if Follow.objects.filter(user=by, case=case).exists()
        ]

        assert {box: set(found) for box, found in boxes.items()} == {
            box: set(rows) for box, rows in expected.items()
        }
        for shares in (inbox.shares, inbox.shares_to_count):
            parts = {box: parts_of(box, by, memberships, shares) for box in Box}
            assert inbox.counts(parts) == {box: len(r) for box, r in expected.items()}


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("box", [Box.UNITS, Box.OVERDUE, Box.DONE])
def test_pages_visit_a_box_once_in_every_order_and_both_ways(people, box, sort):
    order = inbox.order_of(box, sort)
    for by in people:
        held = memberships_of(by, NOW.date())
        tasks = inbox.tasks_in(box, by=by, memberships=held, at=NOW)
        tasks = inbox.sortable(tasks, box, sort)
        parts = [inbox.sortable(part, box, sort) for part in parts_of(box, by, held)]

        def read(tasks=tasks, parts=parts, **place):
            return inbox.page(tasks, size=3, order=order, parts=parts, **place)

        page = read()
        forth = [page.rows]
        while page.next:
            page = read(after=page.next)
            forth.append(page.rows)
        back = [page.rows]
        while page.previous:
            page = read(before=page.previous)
            back.append(page.rows)

        assert [t for rows in forth for t in rows] == list(
            tasks.order_by(*order.terms())
        )
        assert [list(rows) for rows in back[::-1]] == [list(rows) for rows in forth]


def test_what_is_most_pressing_comes_first(people):
    by = people[0]
    held = memberships_of(by, NOW.date())
    tasks = inbox.tasks_in(Box.UNITS, by=by, memberships=held, at=NOW)
    order = inbox.order_of(Box.UNITS, Sort.PRIORITY)
    rows = inbox.page(
        tasks, size=50, order=order, parts=parts_of(Box.UNITS, by, held)
    ).rows

    keys = [(t.priority, t.sort_at, t.pk) for t in rows]
    assert keys == sorted(keys)


def test_stages_come_in_the_order_of_the_pipeline(people):
    stages = ("home", "nowhere", "desk")
    for number, task in enumerate(Task.objects.order_by("pk")):
        Task.objects.filter(pk=task.pk).update(stage=stages[number % 3])
    ranked = inbox.sortable(Task.objects.all(), Box.UNITS, Sort.STAGE)
    found = [task.stage for task in ranked.order_by("sorted_by")]

    in_order = ["desk", "home", "nowhere"]
    assert found == sorted(found, key=in_order.index)
    assert set(found) == set(in_order)


def test_cases_that_one_follows_are_sorted_by_place(people):
    by = people[0]
    held = memberships_of(by, NOW.date())
    cases = inbox.cases_followed(by=by, memberships=held)

    sorted_by_place = inbox.sortable(cases, Box.FOLLOWED, Sort.PLACE)
    page = paging.read(
        sorted_by_place, inbox.order_of(Box.FOLLOWED, Sort.PLACE), size=50
    )

    names = [case.jurisdiction.name for case in page.rows]
    assert names == sorted(names)
    assert names


def test_no_box_costs_more_statements_for_more_memberships(
    people, django_assert_max_num_queries
):
    held = [m for by in people for m in memberships_of(by, NOW.date())]
    boxes = {box: parts_of(box, people[0], held) for box in Box}
    tasks = inbox.tasks_in(Box.UNITS, by=people[0], memberships=held, at=NOW)
    with django_assert_max_num_queries(1):
        inbox.counts(boxes)
    with django_assert_max_num_queries(2):
        inbox.page(tasks, size=5, parts=boxes[Box.UNITS])


def test_a_list_of_nothing_counts_nothing(town):
    assert paging.counts([[Case.objects.none()], [Case.objects.all()]]) == [0, 0]
