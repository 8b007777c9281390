"""One move on many cases at once, beside the same decisions one by one."""

import time
import uuid
from dataclasses import dataclass

from django.db import transaction

from bench.rivals import Engine, asked_loans
from tests.library import lifecycle
from tests.library.factories import NOW, UNTIL
from workflow import bulk
from workflow.models import Outcome

ROUNDS = 3


@dataclass(frozen=True)
class Figures:
    """How long it takes, in seconds, for `count` cases."""

    count: int
    one_by_one: float
    together: float


def measure(town, *, count):
    """Decide on as many cases in both ways, turn by turn, and keep the best of each."""
    alone, together = [], []
    for _ in range(ROUNDS):
        alone.append(_one_by_one(town, count))
        together.append(_together(town, count))
    return Figures(count, min(alone), min(together))


def _one_by_one(town, count):
    engine = Engine(town)
    engine.prepare(count)
    start = time.perf_counter()
    for number in range(count):
        engine.decide(number)
    return time.perf_counter() - start


def _together(town, count):
    loans = asked_loans(town, count)
    said = bulk.Said(lifecycle.LEND, UNTIL["inputs"])
    start = time.perf_counter()
    with transaction.atomic():
        batch = bulk.prepare(
            case_ids=[loan.pk for loan in loans],
            key=uuid.uuid4(),
            by=town.librarian,
            at=NOW,
        )
    with transaction.atomic():
        bulk.start(batch_id=batch.pk, said=said, by=town.librarian, at=NOW)
    while bulk.carry_on(limit=count, at=NOW):
        pass
    taken = time.perf_counter() - start
    assert bulk.tally(batch)[Outcome.MADE] == count
    return taken
