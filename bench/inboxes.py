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
from workflow import inbox
from workflow.inbox import Box
from workflow.models import Membership, Unit
from workflow.standing import memberships_of

AT = datetime.datetime(2026, 7, 1, 8, 0, tzinfo=datetime.UTC)
PAGE = 20
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
    large, several = people
    readings, low = [], 0
    for size in sizes:
        filling.add_tasks(low, size, user=large, permission=stock.PERMISSION)
        low = size
        readings += [
            _read("a member of the large unit", size, partial(_first_page, large)),
            _read("a member of five units", size, partial(_first_page, several)),
            _read("stock viewflow", size, partial(_stock_page, large)),
        ]
    return readings


def _people():
    model = get_user_model()
    created = model.objects.bulk_create(
        model(email=f"{number}@bench.example") for number in range(filling.PEOPLE)
    )
    stock.allow(created[0])
    return created[:2]


def _give_memberships(people):
    units = list(Unit.objects.filter(code__startswith="bench-").order_by("id"))
    ranks = [(0,), (0, 7, 13, 29, 44)]  # the first unit is the large one
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


def _first_page(user):
    """Read what the page of the inbox reads: memberships, counts of boxes, tasks."""
    memberships = memberships_of(user, AT.date())
    boxes = {
        box: inbox.tasks_in(box, by=user, memberships=memberships, at=AT) for box in Box
    }
    counts = {box: inbox.count(tasks) for box, tasks in boxes.items()}
    return counts, inbox.page(boxes[Box.UNITS], size=PAGE)


def _stock_page(user):
    """Read what viewflow's queue reads: the number of pages, and the first one."""
    user = get_user_model().objects.get(pk=user.pk)
    queue = StockTask.objects.queue([stock.StockFlow], user).order_by("-created")
    return queue.count(), list(queue[:PAGE])


def _read(who, size, read):
    times = []
    for _ in range(REPEATS):
        with _timed() as statements:
            read()
        times.append(sum(seconds for seconds, *_ in statements))
    slowest = max(statements)
    return Reading(
        who, size, statistics.median(times), len(statements), _plan(*slowest[1:])
    )


@contextlib.contextmanager
def _timed():
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
