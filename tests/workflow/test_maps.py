"""The figures of a procedure's map are those that one would count by hand."""

import datetime
import random
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from tests.library.factories import NOW, UNTIL, WALKS, Town, fire, unit
from tests.library.factories import town as place
from tests.library.lifecycle import PROCESS
from workflow import calendars, maps
from workflow.deadlines import local_day
from workflow.models import Case, Closure, Task

history = import_module("workflow.migrations.0022_count_worked_days")
DAY = datetime.timedelta(days=1)
AT = NOW + 200 * DAY
PERIOD = maps.Period(local_day(NOW + 20 * DAY), local_day(NOW + 160 * DAY))


def by_hand(waits, percent):
    """Return the value of the nearest rank, on the sorted list."""
    ordered = sorted(waits)
    return ordered[-(-len(ordered) * percent // 100) - 1] if ordered else None


def worked(start, end):
    days = range(1, (end - start).days + 1)
    return sum(calendars.is_worked(start + DAY * number) for number in days)


def naive(tasks, cases):
    """Recompute the map in plain Python, one task after another."""
    states, steps = {}, {}
    for case in cases:
        mine = [t for t in tasks if t.case_id == case.pk and not t.finished]
        late = any(t.due_at and t.due_at < AT for t in mine if not t.held_at)
        figure = states.setdefault(case.state, [0, 0, []])
        figure[0] += 1
        figure[1] += late
        figure[2] += [
            worked(local_day(t.created), local_day(AT)) for t in mine if not t.held_at
        ]
    for task in tasks:
        figure = steps.setdefault(task.step, [0, 0, []])
        if not task.finished and not task.held_at:
            figure[0] += 1
            figure[1] += bool(task.due_at and task.due_at < AT)
        if task.status == "DONE":
            ended = local_day(task.finished)
            if PERIOD.since <= ended <= PERIOD.until:
                figure[2].append(worked(local_day(task.created), ended))
    return tuple(
        {
            name: maps.Figure(some, late, len(w), by_hand(w, 50), by_hand(w, 90))
            for name, (some, late, w) in found.items()
            if some or w
        }
        for found in (states, steps)
    )


def scatter(seed):
    """Walk loans of two towns at any hours, and have what waits be due on any day."""
    chance = random.Random(seed)  # noqa: S311
    library = Town()
    for number, state in enumerate(["asked", "lent", "frozen", "returned"] * 6):
        at = NOW + datetime.timedelta(hours=chance.randrange(24 * 40))
        loan = library.loan(place=place("lens" if number % 3 else "douai"), at=at)
        for move, by, said in WALKS[state]:
            at += datetime.timedelta(hours=chance.randrange(24 * 40))
            fire(loan, PROCESS.move(move), by=library.role(by), at=at, **said)
    for task in Task.objects.unfinished().order_by("pk"):
        due = chance.choice([None, NOW + DAY * chance.randrange(300)])
        task.due_at, task.sort_at = due, due or maps.end_of(datetime.date(9999, 1, 1))
        task.save()


@pytest.mark.slow  # as many random libraries
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.django_db
def test_the_map_is_what_one_counts_by_hand(seed):
    scatter(seed)
    for cases in (
        Case.objects.all(),
        Case.objects.filter(jurisdiction__code="douai"),
    ):
        found = maps.map_of(PROCESS, cases, period=PERIOD, at=AT)

        tasks = list(Task.objects.filter(case__in=cases))
        states, steps = naive(tasks, list(cases))
        assert (found.states, found.steps) == (states, steps)
        assert any(figure.ended for figure in found.steps.values())


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_map_is_the_same_on_postgresql():
    test_the_map_is_what_one_counts_by_hand(0)


@pytest.mark.sqlite  # PostgreSQL keeps its constraint
@pytest.mark.django_db
def test_what_was_answered_before_is_counted_alike():
    scatter(0)
    counted = dict(Task.objects.values_list("pk", "worked_days"))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
    Task.objects.update(worked_days=None)

    history.count(apps, SimpleNamespace(connection=connection))

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = OFF")
    assert any(counted.values())
    assert dict(Task.objects.values_list("pk", "worked_days")) == counted


@pytest.mark.django_db
def test_a_closure_entered_afterwards_changes_no_wait():
    town = Town()
    loan = town.loan(at=NOW)
    fire(loan, PROCESS.move("ask"), by=town.reader, at=NOW)
    fire(loan, PROCESS.move("lend"), by=town.librarian, at=NOW + 28 * DAY, **UNTIL)
    before = maps.map_of(PROCESS, Case.objects.all(), period=PERIOD, at=AT)

    desk = unit("unit-librarian")
    Closure.objects.create(
        unit=desk, first_on=NOW.date(), last_on=(NOW + 7 * DAY).date(), label="Travaux"
    )

    after = maps.map_of(PROCESS, Case.objects.all(), period=PERIOD, at=AT)
    assert before.steps["desk"].median == 20
    assert after == before


@pytest.mark.django_db
def test_a_map_tells_of_one_version_only():
    Town().loan_at("lent")
    Case.objects.update(process_version=2)

    found = maps.map_of(PROCESS, Case.objects.all(), period=PERIOD, at=AT)

    assert (found.states, found.steps) == ({}, {})


@given(st.lists(st.integers(0, 30)), st.sampled_from([50, 90]))
def test_a_quantile_is_the_value_of_the_nearest_rank(waits, percent):
    counted = {wait: waits.count(wait) for wait in waits}

    assert maps.quantile(counted, percent) == by_hand(waits, percent)


@pytest.mark.django_db
def test_a_map_takes_the_same_queries_whatever_the_number(django_assert_num_queries):
    Town().loans(5)

    with django_assert_num_queries(3):
        maps.map_of(PROCESS, Case.objects.all(), period=PERIOD, at=AT)
