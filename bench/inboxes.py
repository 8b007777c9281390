"""The first page of an inbox and its counts, among ten thousand tasks or a million."""

import contextlib
import datetime
import statistics
import time
from dataclasses import dataclass
from functools import partial

from django.contrib.auth import get_user_model
from django.db import connection
from viewflow.workflow.models import Task as StockTask

from bench import filling, stock
from workflow import inbox, marks, saved_views
from workflow.inbox import Box, Sort
from workflow.models import Case, Follow, Membership, Priority, SavedView, Unit
from workflow.standing import memberships_of

AT = datetime.datetime(2026, 7, 1, 8, 0, tzinfo=datetime.UTC)
PAGE = 20
URGENT = {"priority": Priority.URGENT}
REPEATS = 30


@dataclass(frozen=True)
class Reading:
    """What one page costs in SQL, and the plan of the statement that took longest."""

    who: str
    tasks: int
    seconds: float
    statements: int
    slowest: str


def measure(sizes):
    """Grow the tables to each size, and read the same inboxes at each."""
    people = _people()
    filling.add_units()
    _give_memberships(people)
    large, several, deputy = people
    pages = {
        "a member of the large unit": partial(_first_page, large),
        "a member of five units": partial(_first_page, several),
        "a deputy, in twelve units": partial(_first_page, deputy),
        "the same, by amount": partial(_first_page, deputy, sort=Sort.AMOUNT),
        "the same, a view of what is urgent": partial(_first_page, deputy, URGENT),
        "stock viewflow": partial(_stock_page, large),
    }
    readings, low = [], 0
    for size in sizes:
        filling.add_tasks(low, size, user=large, permission=stock.PERMISSION)
        _mark(people, size)
        low = size
        readings += [_read(who, size, page) for who, page in pages.items()]
    return readings


def _people():
    model = get_user_model()
    created = model.objects.bulk_create(
        model(email=f"{number}@bench.example") for number in range(filling.PEOPLE)
    )
    stock.allow(created[0])
    return created[:3]


def _give_memberships(people):
    units = list(Unit.objects.filter(code__startswith="bench-").order_by("id"))
    # The first unit is the large one.
    ranks = [(0,), (0, 7, 13, 29, 44), range(0, 60, 5)]
    Membership.objects.bulk_create(
        Membership(
            user=user,
            unit=units[rank],
            role=f"role{(rank + 1) % 3}",
            starts_on=AT.date(),
        )
        for user, held in zip(people, ranks, strict=True)
        for rank in held
    )


def _mark(people, high):
    """Have people follow cases, and save views for themselves and for a unit."""
    large = Unit.objects.get(code="bench-1")
    cases = Case.objects.filter(reference__startswith="B-").order_by("-id")[:50]
    for user in people:
        Follow.objects.bulk_create(
            [Follow(user=user, case=case, since=AT) for case in cases],
            ignore_conflicts=True,
        )
        SavedView.objects.bulk_create(
            [
                SavedView(
                    owner=user,
                    name=f"View {number} of {high}",
                    box=Box.UNITS.value,
                    said={"priority": "1"},
                    unit=large if number % 2 else None,
                )
                for number in range(5)
            ]
        )


def _first_page(user, said=None, sort=Sort.DUE):
    """Read what the page of the inbox reads: rights, views, counts, tasks, marks."""
    memberships = memberships_of(user, AT.date())
    views = list(saved_views.visible_to(user, memberships).order_by("name"))

    but = inbox.excluded(user, memberships)

    def parts(box, shares):
        return [
            inbox.contents(box, by=user, memberships=share, at=AT, but=but).filter(
                **said or {}
            )
            for share in shares
        ]

    counts = inbox.counts(
        {box: parts(box, inbox.shares_to_count(box, memberships)) for box in Box}
    )
    tasks = inbox.tasks_in(Box.UNITS, by=user, memberships=memberships, at=AT, but=but)
    page = inbox.page(
        tasks.filter(**said or {}),
        size=PAGE,
        order=inbox.order_of(Box.UNITS, sort),
        parts=parts(Box.UNITS, inbox.shares(Box.UNITS, memberships)),
    )
    marked = marks.marks_of(
        user,
        AT,
        cases=[task.case_id for task in page.rows],
        tasks=[task.pk for task in page.rows],
    )
    return views, counts, page, marked


def _stock_page(user):
    """Read what viewflow's queue reads: the number of pages, and the first one."""
    user = get_user_model().objects.get(pk=user.pk)
    queue = StockTask.objects.queue([stock.StockFlow], user).order_by("-created")
    return queue.count(), list(queue[:PAGE])


def _read(who, size, read):
    times = []
    for _ in range(REPEATS):
        with timed() as statements:
            read()
        times.append(sum(seconds for seconds, *_ in statements))
    slowest = max(statements)
    return Reading(
        who, size, statistics.median(times), len(statements), _plan(*slowest[1:])
    )


@contextlib.contextmanager
def timed():
    """Time each statement as the client sees it, its rows not yet fetched."""
    statements = []

    def watch(execute, sql, params, many, context):
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            statements.append((time.perf_counter() - start, sql, params))

    with connection.execute_wrapper(watch):
        yield statements


def _plan(sql, params):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params)
        return "\n".join(line for (line,) in cursor.fetchall())
