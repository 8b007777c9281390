"""Every figure of the pipeline is the count of the list behind it."""

import datetime
import html
import itertools

import pytest
from django.urls import reverse

from erbm.desk.queries import operations, pipeline
from erbm.desk.queries.pipeline import Figure
from erbm.desk.steps import PIPELINE
from erbm.operations.models import Kind, Operation
from flows.operation import STAGES, State
from flows.roles import Role
from flows.stages import Stage
from tests.desk import scenes
from tests.operations import factories
from tests.operations.fixtures import shared
from workflow.models import Membership
from workflow.standing import memberships_of

pytestmark = pytest.mark.django_db

STATES = (
    State.UNDER_REVIEW,
    State.ON_AGENDA,
    State.AWAITING_COPIL,
    State.FUNDING,
    State.IN_PROGRESS,
    State.CLOSED,
    State.SUSPENDED,
)


@pytest.fixture(scope="module", autouse=True)
def _country(reference, django_db_blocker):
    """Open operations at several stages and in several territories, once for all."""
    with shared(django_db_blocker):
        for state in STATES:
            factories.operation_at(state)
        scenes.opened(3, commune=scenes.DOUAI, kind=Kind.SUBSIDY)
        scenes.opened(2, dwellings_before=10, at=scenes.NOW - 300 * scenes.DAY)
        yield


def page_of(client, **params):
    response = client.get(reverse("pipeline"), params)
    assert response.status_code == 200
    return response


def cells(response):
    """Return every figure of the page."""
    context = response.context
    rows = itertools.chain(*(row.cells for row in context["rows"]))
    return [*rows, *context["totals"], *context["beside"]]


def total_of(response):
    """Return how many operations a list says it holds."""
    if not response.context["page"].rows:
        return 0
    return int(response.context["total"].split("\N{NO-BREAK SPACE}")[0].split()[0])


def reader_of_lens():
    person = scenes.nobody()
    Membership.objects.create(
        user=person,
        unit=factories.unit("sous-prefecture-lens"),
        role=Role.SUB_PREFECT,
        jurisdiction=factories.again(scenes.opened()[0]).case.jurisdiction,
        starts_on=datetime.date(2020, 1, 1),
    )
    return person


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"kind": "subsidy"},
        {"jurisdiction": "arrondissement-douai"},
        {"since": "2026-11-01"},
        {"until": "2026-02-28", "kind": "rehabilitation"},
    ],
)
@pytest.mark.parametrize(
    "person",
    [scenes.director, scenes.owner, reader_of_lens],
    ids=lambda person: person.__name__,
)
def test_every_figure_is_the_count_of_the_list_behind_it(client, person, filters):
    client.force_login(person())
    found = cells(page_of(client, **filters))

    behind = {cell.url: total_of(client.get(cell.url)) for cell in found}

    assert [cell.figure.operations for cell in found] == [
        behind[cell.url] for cell in found
    ]
    if not filters:
        assert sum(cell.figure.operations for cell in found) > 0


def test_figures_are_links(client):
    client.force_login(scenes.director())

    response = page_of(client)
    text = html.unescape(response.text)

    for cell in cells(response):
        assert (f'href="{cell.url}"' in text) == bool(cell.figure.operations)


def test_what_one_may_not_know_of_is_not_counted(client):
    for person in (scenes.nobody(), factories.stranger()):
        client.force_login(person)

        assert "Aucune opération ne vous est ouverte" in page_of(client).text


def test_totals_add_up(client):
    client.force_login(scenes.director())

    context = page_of(client).context
    *stages, whole = [cell.figure for cell in context["totals"]]

    assert sum(stages, Figure()) == whole
    for number, _stage in enumerate([*PIPELINE, "total"]):
        column = [row.cells[number].figure for row in context["rows"]]
        assert sum(column, Figure()) == context["totals"][number].figure


def test_amounts_and_dwellings_are_those_of_the_operations():
    person = scenes.director()
    known = operations.known(memberships_of(person, scenes.NOW.date()), {}, scenes.NOW)

    found = pipeline.pipeline_of(known)

    for stage in Stage:
        there = list(Operation.objects.filter(case__stage=stage).select_related("case"))
        assert found.of_stage(stage) == Figure(
            len(there),
            sum(operation.case.amount_cents for operation in there),
            sum(operation.dwellings_before or 0 for operation in there),
        )


def test_the_pipeline_has_the_five_stages_that_operations_run_through():
    assert [*PIPELINE] == [
        stage for stage in Stage if stage not in {Stage.END, Stage.ASIDE}
    ]
    assert set(STAGES.values()) == set(Stage)


def test_bars_are_measured_on_the_largest(client):
    client.force_login(scenes.director())

    response = page_of(client)
    bars = response.context["bars"]

    assert max(bar.share for bar in bars) == 100
    assert all((bar.share > 0) == (bar.cell.figure.cents > 0) for bar in bars)
    assert response.text.count('class="erbm-bars__part"') == len(PIPELINE)


def test_operations_that_cost_nothing_are_shown_too(client):
    scenes.opened(cost_cents=0, body="sia-habitat")
    client.force_login(factories.stranger())

    assert {bar.share for bar in page_of(client).context["bars"]} == {0}


@pytest.mark.parametrize(
    "forged", [{"kind": "x"}, {"since": "hier"}, {"jurisdiction": "\x00"}]
)
def test_what_was_forged_is_left_out(client, forged):
    client.force_login(scenes.director())

    assert page_of(client, **forged).context["totals"][-1].figure.operations == 10


def test_counting_is_one_query(django_assert_num_queries):
    known = operations.known(
        memberships_of(scenes.director(), scenes.NOW.date()), {}, scenes.NOW
    )

    with django_assert_num_queries(1):
        pipeline.pipeline_of(known)
