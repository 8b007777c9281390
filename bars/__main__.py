"""`make bars`: try by the thousand what the trail promises; `N passed, N failed`."""

import argparse
import os
import sys
from dataclasses import dataclass
from importlib import import_module

import django
from django.core.management import call_command

from tools.processes import end_on_signals
from tools.services import FORGETFUL, postgres

BARS = {
    "flips": "one byte changed anywhere in the trail or its seals",
    "structures": "rows deleted, inserted, duplicated, exchanged, rolled back",
    "guards": "what the database itself refuses, to the application and to its owner",
    "writers": "a sealer beside writers who commit late",
    "bundles": "two programs on exports, whole and tampered with",
    "golden": "the exports that each release left behind",
    "bodies": "any record: hashed, read back and exported alike",
    "erasures": "people erased, and nothing left of them",
    "verifier": "200,000 events verified: time and memory",
    "throughput": "what the trail costs when all decide at once",
}
TOLD = 5  # failures of one bar


@dataclass(frozen=True)
class Sizes:
    """How much is tried; without `measures`, nothing that depends on the machine."""

    days: int
    flips: int
    structures: int
    writers: int
    seconds: int
    bundles: int
    bodies: int
    erasures: int
    events: int
    measures: bool


WHOLE = Sizes(
    days=8,
    flips=10_000,
    structures=200,
    writers=32,
    seconds=60,
    bundles=500,
    bodies=20_000,
    erasures=500,
    events=200_000,
    measures=True,
)
QUICK = Sizes(
    days=4,
    flips=200,
    structures=3,
    writers=8,
    seconds=3,
    bundles=5,
    bodies=300,
    erasures=10,
    events=2_000,
    measures=False,
)


def main():
    parser = argparse.ArgumentParser(prog="python -m bars", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, and nothing timed"
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BARS))
    options = parser.parse_args()
    if unknown := {*options.names} - BARS.keys():
        parser.error(f"no such bar: {', '.join(sorted(unknown))}")
    end_on_signals()
    # Ours, always: it is attacked.
    with postgres(FORGETFUL) as address:
        os.environ["DATABASE_URL"] = address
        os.environ["DJANGO_SETTINGS_MODULE"] = "erbm.settings.test"
        django.setup()
        call_command("migrate", run_syncdb=True, verbosity=0)
        sizes = QUICK if options.quick else WHOLE
        counts = [_try(name, sizes) for name in options.names or BARS]
    passed, failed = map(sum, zip(*counts, strict=True))
    print(f"{passed:,} passed, {failed:,} failed")
    sys.exit(1 if failed or not passed else 0)


def _try(name, sizes):
    """Try one promise on a database of its own, and count what kept it."""
    from bars.ground import database_of_its_own

    passed, failures = 0, []
    with database_of_its_own(name):
        for failure in import_module(f"bars.{name}").trials(sizes):
            if failure:
                failures.append(failure)
            else:
                passed += 1
    print(f"{name} ({BARS[name]}): {passed:,} passed, {len(failures):,} failed")
    for failure in failures[:TOLD]:
        print(f"  {failure}", flush=True)
    return passed, len(failures)


if __name__ == "__main__":
    main()
