"""The figures of a procedure's map, over all the tasks that the other benches wrote."""

import datetime
import statistics
import time
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.library.lifecycle import PROCESS
from workflow import maps
from workflow.models import Jurisdiction
from workflow.standing import memberships_of, visible_of

AT = datetime.datetime(2027, 1, 4, 8, 0, tzinfo=datetime.UTC)
PERIOD = maps.Period(datetime.date(2026, 1, 1), datetime.date(2026, 12, 31))
REPEATS = 5


@dataclass(frozen=True)
class Reading:
    """What one map costs, and how many waits it is drawn from."""

    what: str
    tasks: int
    seconds: float
    statements: int
    waits: int


def measure(town, tasks):
    """Read the map of the loans, as an inspector and a member of a unit may."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    seen = visible_of(PROCESS, memberships_of(town.inspector, AT.date()))
    member = get_user_model().objects.get(email="0@bench.example")
    known = visible_of(PROCESS, memberships_of(member, AT.date()))
    place = Jurisdiction.objects.filter(code__startswith="bench-").first()
    asked = {
        "every territory": seen,
        "one territory": seen.filter(jurisdiction=place),
        "what a member of the large unit knows of": known,
    }
    return [_read(what, tasks, cases) for what, cases in asked.items()]


def _read(what, tasks, cases):
    times = []
    for _ in range(REPEATS):
        with CaptureQueriesContext(connection) as queries:
            started = time.perf_counter()
            found = maps.map_of(PROCESS, cases, period=PERIOD, at=AT)
            times.append(time.perf_counter() - started)
    waits = sum(figure.ended for figure in found.steps.values())
    return Reading(what, tasks, statistics.median(times), len(queries), waits)
