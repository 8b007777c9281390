"""A sweep of all the timers of the open tasks, of which a few hundred are due."""

import datetime
import statistics
import time
from dataclasses import dataclass

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.library.lifecycle import PROCESS
from workflow import escalations, outbox
from workflow.models import Task

AT = datetime.datetime(2026, 7, 1, 8, 0, tzinfo=datetime.UTC)
DUE = 500
REPEATS = 5

# Each open task has a timer that is to come, over a year; those that the other measures
# left open have none, for some of them have no ladder.
TIMERS = """
UPDATE workflow_task SET rung = 0, rang_at = NULL,
    next_ring_at = CASE WHEN reference LIKE 'B-%%' AND flow_task LIKE '%%.desk'
        THEN %(at)s + (1 + id %% 365) * interval '1 day' END
WHERE finished IS NULL
"""
# Some of them, all over the table, come first; their next rung is tomorrow.
COME_DUE = """
UPDATE workflow_task SET rung = 0, next_ring_at = %(at)s - interval '2 hours',
    due_at = %(due_at)s
WHERE id IN (
    SELECT id FROM workflow_task WHERE next_ring_at > %(at)s AND rang_at IS NULL
    ORDER BY id * 7919 %% 1000003 LIMIT %(due)s
)
"""


@dataclass(frozen=True)
class Sweep:
    """What a sweep costs, from the first statement to the last commit."""

    timers: int
    due: int
    seconds: float
    statements: int


def measure():
    """Sweep among the open tasks that other measures left, several times."""
    outbox.hears(PROCESS, outbox.ESCALATED)(_hear)
    with connection.cursor() as cursor:
        cursor.execute(TIMERS, {"at": AT})
        cursor.execute("VACUUM ANALYZE workflow_task")
    timers = Task.objects.filter(next_ring_at__isnull=False).count()
    due = min(DUE, timers // 20)
    return Sweep(
        timers=timers,
        due=due,
        seconds=statistics.median(_sweep(due) for _ in range(REPEATS)),
        statements=_statements(due),
    )


def _come_due(due):
    tomorrow = AT + datetime.timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(COME_DUE, {"at": AT, "due_at": tomorrow, "due": due})


def _sweep(due):
    _come_due(due)
    start = time.perf_counter()
    rang = escalations.sweep(at=AT)
    seconds = time.perf_counter() - start
    assert rang == due, f"{rang} rungs rang instead of {due}"
    return seconds


def _statements(due):
    _come_due(due)
    with CaptureQueriesContext(connection) as captured:
        escalations.sweep(at=AT)
    return len(captured)


def _hear(event, *, key, at):
    """Stand for those who write the letters: a message is owed for each rung."""
