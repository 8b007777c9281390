"""One decision by the engine and by its rivals, turn by turn on the same database."""

import statistics
import time
from dataclasses import dataclass

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.by_hand import LEND
from bench.rivals import ByHand, Engine, PlainFSM, Stock, StockViews

WARM_UP = 20
AROUND = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


@dataclass(frozen=True)
class Figures:
    """What one rival costs."""

    name: str
    seconds: float
    statements: int
    around: int


def measure(town, *, rounds):
    """Have each rival decide in turn, and return medians and numbers of statements."""
    rivals = [rival(town) for rival in (Engine, ByHand, Stock, StockViews, PlainFSM)]
    for rival in rivals:
        rival.prepare(WARM_UP + rounds)
    taken = {rival.name: [] for rival in rivals}
    for number in range(WARM_UP + rounds):
        for rival in rivals:
            start = time.perf_counter()
            rival.decide(number)
            taken[rival.name].append(time.perf_counter() - start)
    return [
        Figures(
            rival.name, statistics.median(taken[rival.name][WARM_UP:]), *_count(rival)
        )
        for rival in rivals
    ]


def _count(rival):
    """Count the statements of one more decision: its own, and those around it."""
    if isinstance(rival, ByHand):
        return len(LEND), 2
    rival.prepare(1)
    with CaptureQueriesContext(connection) as captured:
        rival.decide(0)
    said = [query["sql"] for query in captured.captured_queries]
    around = sum(sql.startswith(AROUND) for sql in said)
    return len(said) - around, around
