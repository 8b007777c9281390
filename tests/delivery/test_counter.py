"""The counter of dwellings: each figure has its source, and holds at any moment."""

import datetime

import pytest
from django.urls import reverse

from erbm.delivery import figures
from erbm.delivery.figures import Figures
from erbm.operations.models import Kind, Operation
from flows.operation import State
from flows.roles import Role
from tests.operations.factories import (
    DAY,
    again,
    auditor,
    fire,
    operation_at,
    person,
    stranger,
)
from tests.operations.forms import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def report(operation, delivered, withdrawn=0, **said):
    fire(
        operation,
        "record_progress",
        by=person(operation, Role.OWNER),
        dwellings_delivered=delivered,
        dwellings_withdrawn=withdrawn,
        **said,
    )
    return again(operation)


def count(at):
    return figures.counted(Operation.objects.all(), at)


def total(at):
    return figures.row("", count(at)).figures


def test_each_state_counts_where_it_should():
    operation = operation_at(State.IN_PROGRESS)
    operation_at(State.AWAITING_COPIL)
    operation_at(State.FUNDING)
    operation_at(State.ABANDONED)
    operation_at(State.IN_PROGRESS, Kind.SUBSIDY)
    operation = report(operation, 40, 3, dwellings_facade=8, dwellings_merged=2)
    now = operation.case.changed_at + 400 * DAY

    assert total(now) == Figures(
        agreed=163 * 2,
        funded=163,
        under_way=163 - 43,
        delivered=40,
        withdrawn=3,
        facade=8,
        merged=2,
    )


def test_a_figure_says_from_which_event_it_was_read():
    operation = report(operation_at(State.IN_PROGRESS), 40)

    [one] = count(operation.case.changed_at)

    assert one.source.seq == operation.case.latest_seq
    assert one.source.on == operation.case.changed_at.date()


def test_nothing_reported_has_no_source():
    operation = operation_at(State.IN_PROGRESS)

    [one] = count(operation.case.changed_at)

    assert (one.source, one.yearly) == (None, {})


def test_a_past_moment_counts_what_was_known_then_whatever_came_since():
    operation = report(operation_at(State.IN_PROGRESS), 40)
    then = operation.case.changed_at
    before = total(then)

    operation = report(operation, 100, 3, households_rehoused=12)
    fire(operation, "suspend", by=person(operation, Role.LEAD_SERVICE), reason="Gel.")

    assert total(then) == before
    assert total(again(operation).case.changed_at).delivered == 100
    assert total(operation.case.opened_at - DAY) == Figures()


def test_deliveries_are_counted_in_the_year_of_their_effect():
    operation = report(operation_at(State.IN_PROGRESS), 40)
    year = operation.case.changed_at.year
    at = datetime.datetime(year + 2, 3, 1, 9, 0, tzinfo=datetime.UTC)
    fire(
        operation,
        "record_progress",
        by=person(operation, Role.OWNER),
        at=at,
        dwellings_delivered=100,
        dwellings_withdrawn=0,
    )

    assert figures.by_year(count(at)) == [(year, 40), (year + 1, 0), (year + 2, 60)]
    assert figures.by_year(count(operation.case.changed_at)) == [(year, 40)]


@pytest.mark.parametrize(
    ("dimension", "names"),
    [
        ("arrondissement", ["Arrondissement de Lens"]),
        ("owner", ["Maisons & Cités"]),
    ],
)
def test_rows_add_up_to_the_whole(dimension, names):
    for _ in range(2):
        operation = report(operation_at(State.IN_PROGRESS), 10)
    at = operation.case.changed_at

    rows = figures.rows(count(at), dimension)

    assert sum(row.operations for row in rows) == 2
    assert Figures.sum_of(row.figures for row in rows) == total(at)
    assert len(rows) == len(names)


def test_an_operation_over_two_epci_counts_once(django_assert_max_num_queries):
    from erbm.territory.models import Commune

    operation = operation_at(State.FUNDED)
    operation.communes.add(Commune.objects.get(code="62427"))

    rows = figures.rows(count(operation.case.changed_at), "epci")

    assert [row.figures.agreed for row in rows] == [163]


def test_the_count_costs_the_same_however_many(django_assert_max_num_queries):
    for _ in range(3):
        operation = report(operation_at(State.IN_PROGRESS), 10)

    with django_assert_max_num_queries(7):
        total(operation.case.changed_at - DAY)


def show(client, **said):
    response = client.get(reverse("delivery:counter"), said)
    assert response.status_code == 200
    return response


def test_the_page_says_the_figures_with_their_source_and_draws_them(client):
    operation = report(operation_at(State.IN_PROGRESS), 40)
    client.force_login(auditor())

    response = show(client, par="cite")

    page = text_of(response)
    assert "Le compteur des 23 000 logements" in page.replace("\u202f", " ")
    assert "diese.gouv.fr" in page
    assert f"n° {operation.case.latest_seq} au journal" in page.replace("\xa0", " ")
    assert response.text.count("<svg") >= 3
    assert "Par cité" in page


def test_a_past_day_is_counted_to_its_end_and_no_day_to_come(client):
    operation = report(operation_at(State.IN_PROGRESS), 40)
    client.force_login(auditor())
    day = operation.case.changed_at.date()

    assert show(client, au=day.isoformat()).context["counter"].total.operations == 1
    before = show(client, au="2020-01-01").context["counter"]
    assert before.total.operations == 0
    later = show(client, au="2199-01-01").context["at"]
    assert later.year < 2100


def test_one_counts_ones_own_operations_only(client):
    report(operation_at(State.IN_PROGRESS), 40)
    client.force_login(stranger())

    assert show(client).context["counter"].counted == []
