"""`make bench`: measure the engine beside its rivals, and write what was found."""

import argparse
import os
from dataclasses import dataclass

import django
from django.core.management import call_command

from tools.processes import end_on_signals
from tools.services import DURABLE, postgres


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    decisions: int
    batch: int
    tasks: tuple[int, ...]
    operations: int
    cases: int
    seconds: float

    def __str__(self):
        tasks = " and ".join(f"{count:,}" for count in self.tasks)
        return (
            f"{self.decisions} decisions, {tasks} tasks, "
            f"{self.operations:,} operations, {self.cases * 10:,} events, "
            f"appends for {self.seconds:.0f} s"
        )


WHOLE = Sizes(
    decisions=400,
    batch=200,
    tasks=(10_000, 1_000_000),
    operations=1_000_000,
    cases=5_000,
    seconds=10,
)
QUICK = Sizes(
    decisions=40,
    batch=20,
    tasks=(1_000, 10_000),
    operations=10_000,
    cases=200,
    seconds=2,
)


PARTS = (
    *("trails", "decisions", "batches", "sittings"),
    *("inboxes", "sweeps", "maps", "searches"),
)


def main():
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, to see that it works"
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=PARTS,
        help="some parts, printed and not written; maps read the tasks of inboxes",
    )
    said = parser.parse_args()
    sizes = QUICK if said.quick else WHOLE
    end_on_signals()
    # Ours, always: it writes a million rows.
    with postgres(DURABLE) as address:
        os.environ["DATABASE_URL"] = address
        os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
        django.setup()
        call_command("migrate", run_syncdb=True, verbosity=0)
        _measure(sizes, said.only)


def _measure(sizes, only):
    # These need Django to be set up.
    from bench import report

    written = []

    def show(part):
        written.append(part)
        print(part, flush=True)

    show(report.machine(at=report.today(), sizes=sizes))
    for name, read in _parts(sizes).items():
        if not only or name in only:
            show(read())
    show(report.end())
    if not only:
        report.write(written)


def _parts(sizes):
    from bench import (
        batches,
        decisions,
        inboxes,
        maps,
        report,
        searches,
        sittings,
        sweeps,
        trails,
    )
    from tests.library.factories import Town

    town, tasks, count = Town(), sizes.tasks, sizes.operations
    return {
        "trails": lambda: report.trails(
            trails.measure(town, cases=sizes.cases, seconds=sizes.seconds)
        ),
        "decisions": lambda: report.decisions(
            decisions.measure(town, rounds=sizes.decisions)
        ),
        "batches": lambda: report.batches(batches.measure(town, count=sizes.batch)),
        "sittings": lambda: report.sittings(sittings.measure(count=sizes.batch)),
        "inboxes": lambda: report.inboxes(inboxes.measure(tasks)),
        "sweeps": lambda: report.sweep(sweeps.measure()),
        "maps": lambda: report.maps(maps.measure(town, max(tasks))),
        "searches": lambda: report.searches(searches.measure(count), count=count),
    }


if __name__ == "__main__":
    main()
