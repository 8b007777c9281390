"""Say what was measured: one page, on the terminal and in `docs/benchmarks.md`."""

import datetime
import os
import platform
from pathlib import Path

import django
from django.db import connection

from workflow.paging import COUNT_UP_TO

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
SLOW = 0.020  # seconds of SQL from which a page shows its plan

HEAD = """\
# Benchmarks

`make bench` measures all this in one run, on a PostgreSQL that it brings, and writes
this page. It asserts nothing. The rivals take turns, so that a busy machine slows them
alike: look at the ratios first.

| | |
|---|---|
| date | {date} |
| machine | {machine}, {cores} cores, load {load} at the start |
| software | PostgreSQL {postgresql}, Python {python}, Django {django} |
| sizes | {sizes} |
"""

DECISIONS = """
## One decision

A loan is granted: rights read; state, event, texts, tasks and message written; all
committed. Stock viewflow has neither trail nor message, and its step takes two
transactions.
"""
MAPS = """
## The map of a procedure

Where its cases wait, how many are late, and the median and ninth-tenth waits in worked
days of a whole year. Every task that was answered holds its own: all are read.
"""
BATCHES = """
## One move on many cases

The same decision on {count} cases: chosen, started and carried on as one batch, beside
as many single decisions. The best of three rounds.
"""
SITTINGS = """
## The close of a sitting

A sitting of {count} items, each endorsed, is closed: every operation makes its move in
the transaction of the sitting. Beside it, the same moves of as many other operations,
one by one. One round.
"""
INBOXES = """
## The first page of an inbox, and its counts

One task in ten is open. They are spread over 60 units, one of which has a fifth of
them. Six boxes are counted, up to 1,001; saved views, what one follows and what one put
off are read along. Stock viewflow counts and shows its queue. To reach: 20 ms of SQL at
both sizes, and as many statements. A statement also waits for a processor when the
machine is busy: its plan tells what it took without that.
"""
SWEEPS = """
## A sweep of the timers

Each open task holds the moment of its next rung. Those that are due ring: event, texts,
message, next rung, in transactions of a hundred cases; all committed.
"""
SEARCHES = """
## A search among {count:,} operations

A first page of twenty, and how many are found, up to 1,000. Words are found by their
beginnings, whatever the accents. To reach: 300 ms of SQL.
"""
TRAILS = """
## The trail

A decision that is appended holds its case for 10 ms of other work. A single chain for
all the cases would be as slow as all the clients on one case.
"""


def machine(*, at, sizes):
    """Describe what the figures depend on."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (postgresql,) = cursor.fetchone()
    return HEAD.format(
        date=at.isoformat(),
        machine=f"{_processor()}, {platform.system()} {platform.release()}",
        cores=os.cpu_count(),
        load=f"{os.getloadavg()[0]:.1f}",
        postgresql=postgresql.split()[0],
        python=platform.python_version(),
        django=django.__version__,
        sizes=sizes,
    )


def _processor():
    names = Path("/proc/cpuinfo")
    lines = names.read_text().splitlines() if names.exists() else []
    models = (line.partition(":")[2].strip() for line in lines if "model name" in line)
    return next(models, platform.machine())


def decisions(figures):
    """Tell what one decision costs, and how it stands to the others."""
    engine, plain, stock, views, _ = figures
    rows = [
        (
            one.name,
            f"{one.seconds * 1000:.1f} ms",
            f"{one.seconds / plain.seconds:.1f}",
            one.statements,
            one.around,
        )
        for one in figures
    ]
    heads = ("", "median", "to plain SQL", "statements", "BEGIN, COMMIT…")
    return _section(
        DECISIONS,
        *_table(heads, rows),
        "\n| ratio | measured | to reach |\n|---|---|---|",
        _ratio("the engine to plain SQL", engine, plain, "≤ 4"),
        _ratio("the engine to stock viewflow, activations", engine, stock, "≤ 0.33"),
        _ratio("the engine to stock viewflow, views", engine, views, "≤ 0.33"),
        f"| statements of a decision | {engine.statements} | ≤ 12 |",
    )


def _ratio(name, one, other, target):
    return f"| {name} | {one.seconds / other.seconds:.2f} | {target} |"


def batches(figures):
    """Tell what a batch costs beside as many single decisions."""
    rows = [
        ("one by one", f"{figures.one_by_one * 1000:.0f} ms", ""),
        ("as one batch", f"{figures.together * 1000:.0f} ms", ""),
        ("ratio", f"{figures.together / figures.one_by_one:.2f}", "≤ 0.33"),
    ]
    introduction = BATCHES.format(count=figures.count)
    return _section(introduction, *_table(("", "measured", "to reach"), rows))


def sittings(figures):
    """Tell what the close of a sitting costs beside as many single decisions."""
    rows = [
        ("one by one", f"{figures.one_by_one * 1000:.0f} ms", ""),
        ("by one close", f"{figures.together * 1000:.0f} ms", ""),
        ("ratio", f"{figures.together / figures.one_by_one:.2f}", "≤ 0.10"),
    ]
    introduction = SITTINGS.format(count=figures.count)
    return _section(introduction, *_table(("", "measured", "to reach"), rows))


def inboxes(readings):
    """Tell what the first page of an inbox costs at each size."""
    sizes = sorted({reading.tasks for reading in readings})
    rows = []
    for who in dict.fromkeys(reading.who for reading in readings):
        mine = {r.tasks: r for r in readings if r.who == who}
        times = [f"{mine[size].seconds * 1000:.1f} ms" for size in sizes]
        counts = " / ".join(str(mine[size].statements) for size in sizes)
        rows.append((who, *times, counts))
    heads = ("of SQL", *(f"{size:,} tasks" for size in sizes), "statements")
    mine = [r for r in readings if r.who != "stock viewflow"]
    slowest = (max(_among(mine, size), key=_seconds) for size in sizes)
    slow = [reading for reading in slowest if reading.seconds > SLOW]
    return _section(INBOXES, *_table(heads, rows), *map(_plan, slow))


def _among(readings, size):
    return [reading for reading in readings if reading.tasks == size]


def _seconds(reading):
    return reading.seconds


def maps(readings):
    """Tell what the map of a procedure costs."""
    rows = [
        (
            f"{reading.what}, {reading.waits:,} waits",
            f"{reading.seconds:.2f} s",
            "≤ 2 s",
            str(reading.statements),
        )
        for reading in readings
    ]
    heads = (f"among {readings[0].tasks:,} tasks", "measured", "to reach", "statements")
    return _section(MAPS, *_table(heads, rows))


def _plan(reading):
    return (
        f"\nThe slowest statement of “{reading.who}” among {reading.tasks:,} tasks:\n\n"
        f"```\n{reading.slowest}\n```"
    )


def sweep(figures):
    """Tell what a sweep of the timers costs."""
    rows = [
        (
            f"{figures.due:,} due of {figures.timers:,}",
            f"{figures.seconds:.2f} s",
            figures.statements,
            "≤ 2 s",
        )
    ]
    return _section(SWEEPS, *_table(("", "median", "statements", "to reach"), rows))


def searches(readings, *, count):
    """Tell what a search costs, for who knows of everything or of little."""
    rows = [
        (
            reading.who,
            reading.what,
            f"{COUNT_UP_TO:,}+" if reading.found > COUNT_UP_TO else reading.found,
            f"{reading.seconds * 1000:.1f} ms",
        )
        for reading in readings
    ]
    heads = ("who", "looks for", "finds", "in SQL")
    return _section(SEARCHES.format(count=count), *_table(heads, rows))


def trails(figures):
    """Tell what the trail costs."""
    rows = [
        ("verified, by one core", f"{figures.verified:,.0f} events/s", "≥ 40,000"),
        (
            "appended by 8 clients, each to its own cases",
            f"{figures.appended_apart:,.0f} events/s",
            "",
        ),
        (
            "appended by 8 clients, all to one case",
            f"{figures.appended_together:,.0f} events/s",
            "",
        ),
    ]
    return _section(TRAILS, *_table(("", "measured", "to reach"), rows))


def _section(introduction, *lines):
    return "\n".join([introduction, *lines])


def _table(heads, rows):
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"


def end():
    """Tell how busy the machine was, for what shares it slows all this down."""
    return f"\nWhen it ended, the load of the machine was {os.getloadavg()[0]:.1f}."


def write(parts):
    PAGE.write_text("\n".join([*parts, ""]), encoding="utf-8")


def today():
    return datetime.datetime.now(tz=datetime.UTC).date()
