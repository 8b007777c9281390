"""Every figure of the dashboard is the count, or the sum, of the list that it opens."""

import datetime
import html

import pytest
from django.urls import reverse
from django.utils import timezone

from erbm.delivery.models import Phase
from erbm.desk import navigation
from erbm.desk.queries import dwellings, operations
from erbm.desk.queries.operations import IDLE
from erbm.operations.models import Kind, Operation
from erbm.programme import powers
from erbm.programme.models import Envelope, Level
from flows.operation import State
from flows.roles import Role
from tests.committees import factories as sittings
from tests.desk import scenes
from tests.desk.test_exports import rows
from tests.desk.test_pipeline import total_of
from tests.operations import factories
from tests.operations.fixtures import shared
from workflow.models import Case, Jurisdiction, Task

pytestmark = pytest.mark.django_db

STATES = (
    State.UNDER_REVIEW,
    State.ARBITRATION,
    State.AWAITING_COPIL,
    State.FUNDING,
    State.IN_PROGRESS,
    State.CLOSED,
)
LENS = "arrondissement-lens"
FILTERS = [
    {},
    {"jurisdiction": LENS},
    {"jurisdiction": "arrondissement-douai"},
    {"since": "2026-11-01", "kind": "rehabilitation"},
]


@pytest.fixture(scope="module", autouse=True)
def _programme(reference, django_db_blocker):
    """Open operations in several states and places, once for all."""
    with shared(django_db_blocker):
        for state in STATES:
            factories.operation_at(state)
        scenes.opened(3, commune=scenes.DOUAI, kind=Kind.SUBSIDY)
        scenes.opened(2, dwellings_before=10, at=scenes.NOW - 300 * scenes.DAY)
        works = Operation.objects.get(case__state=State.IN_PROGRESS)
        _plan(works, datetime.date(2029, 6, 30))
        yield


def _plan(operation, ends):
    Phase.objects.create(
        operation=operation, rank=1, name="Façades", planned_to=ends, dwellings=40
    )


@pytest.fixture
def director(client):
    person = scenes.director()
    client.force_login(person)
    return person


def board(client, **params):
    response = client.get(reverse("dashboard"), params)
    assert response.status_code == 200
    return response.context


def lists(found):
    """Return the figures that count operations, by the lists that they open."""
    counted = [(tile.url, tile.number) for tile in found["tiles"]]
    counted += [(c.url, c.number) for line in found["ageing"] for c in line.cells]
    counted += [(url, one.operations) for one, _, url in found["forecasts"]]
    for place in found["waits"]:
        counted += [(place.url, place.node.operations)]
        counted += [(place.late_url, place.node.late)]
    return counted


@pytest.mark.parametrize("filters", FILTERS)
def test_every_count_is_that_of_the_list_it_opens(client, director, filters):
    Task.objects.filter(kind="rehabilitation").update(sort_at=scenes.NOW)

    counted = lists(board(client, **filters))

    assert len(counted) > 20
    assert [number for _, number in counted] == [
        total_of(client.get(url)) for url, _ in counted
    ]


def test_there_is_something_to_count(client, director):
    Task.objects.filter(kind="rehabilitation").update(sort_at=scenes.NOW)

    found = board(client)

    tiles = {tile.label: tile.number for tile in found["tiles"]}
    assert tiles["Opérations en cours"] == len(STATES) - 1 + 3 + 2
    assert tiles["À arbitrer"] == tiles["Soumises au COPIL"] == 1
    assert tiles["En retard"] > 0
    assert any(place.node.late for place in found["waits"])
    assert any(cell.number for line in found["ageing"] for cell in line.cells)


@pytest.mark.parametrize("filters", FILTERS)
def test_dwellings_are_the_sum_of_the_list_they_open(client, director, filters):
    found = board(client, **filters)

    for measure in found["measures"]:
        query = measure.url.partition("?")[2]
        listed = rows(client, "operations:export", query)
        before, done, out = (
            sum(int(row[f"Logements {name}"] or 0) for row in listed)
            for name in ("avant", "livrés", "sortis")
        )
        wanted = {"Livrés": done, "En travaux": before - done - out}
        assert measure.number == wanted.get(measure.label, before), measure.label


def test_the_works_end_when_their_calendar_says(client, director):
    [(one, part, url)] = board(client)["forecasts"]

    assert (one.year, one.operations, one.dwellings) == (2029, 1, 163)
    # What is closed was delivered already.
    assert one.delivered_by_then == 160 + 163
    assert part.numerator > 0
    assert "ends_in=2029" in url
    assert "Travaux à finir en 2029" in html.unescape(client.get(url).text)


def test_without_a_calendar_their_delay_says_it_and_without_delay_nothing_does():
    Phase.objects.all().delete()
    works = Operation.objects.filter(case__state=State.IN_PROGRESS)
    deadline = works.get().deadline_on

    [by_delay] = dwellings.expected(Operation.objects.all(), 0)
    works.update(deadline_on=None)
    [undated] = dwellings.expected(Operation.objects.all(), 0)

    assert by_delay.year == deadline.year
    assert (undated.year, undated.code) == (None, dwellings.UNDATED)
    listed = operations.reduced(
        Operation.objects.all(), {"ends_in": undated.code}, scenes.NOW
    )
    assert listed.get() == works.get()


def test_a_phase_that_ended_says_nothing_of_the_end(client, director):
    works = Operation.objects.get(case__state=State.IN_PROGRESS)
    Phase.objects.create(
        operation=works,
        rank=2,
        name="Toitures",
        planned_to=datetime.date(2031, 1, 1),
        actual_to=datetime.date(2026, 5, 1),
    )

    assert [one.year for one, _, _ in board(client)["forecasts"]] == [2029]


@pytest.mark.parametrize("days", IDLE)
def test_what_has_just_changed_is_not_idle_and_what_has_not_is(days):
    now = timezone.now()
    operation = Operation.objects.first()
    since = {"idle": str(days)}
    limit = now - datetime.timedelta(days=days)
    second = datetime.timedelta(seconds=1)

    answers = []
    for changed_at in (limit, limit + second):
        Case.objects.filter(pk=operation.pk).update(changed_at=changed_at)
        found = operations.reduced(Operation.objects.all(), since, now)
        answers.append(found.filter(pk=operation.pk).exists())

    assert answers == [True, False]


# The credits


def envelope(scheme="dsil", **facts):
    return Envelope.objects.create(
        scheme=scheme, year=2026, granted_cents=1_000_00, **facts
    )


@pytest.mark.parametrize("filters", [{}, {"jurisdiction": LENS}])
def test_credits_are_the_totals_of_the_envelopes_listed(client, director, filters):
    lens = Jurisdiction.objects.get(code=LENS)
    above = envelope(delegated_cents=400_00, reserved_cents=100_00)
    envelope(
        parent=above,
        level=Level.ARRONDISSEMENT,
        departement="62",
        jurisdiction=lens,
        awarded_cents=300_00,
    )
    envelope("detr")

    spent = board(client, **filters, until="2026-12-31")["spent"]

    assert [row.scheme for row in spent] == (["dsil"] if filters else ["detr", "dsil"])
    for row in spent:
        listed = client.get(row.url).context
        assert listed["year"] == 2026
        assert row.totals == listed["totals"]
    assert spent[-1].used * 100 == (30 if filters else 40)


def test_credits_of_no_year_are_said_to_be_none(client, director):
    assert board(client)["budget"].year is None


def test_whoever_sees_the_page_may_read_the_credits():
    assert navigation.DIRECTION <= powers.READERS


# The sittings


def test_the_sittings_of_the_month_are_those_of_their_list(client, director):
    today = timezone.localdate()
    first = today.replace(day=1)
    for day in (first, first - scenes.DAY, today):
        sittings.planned(held_on=day)

    for filters in (
        {},
        {"jurisdiction": LENS},
        {"jurisdiction": "arrondissement-douai"},
    ):
        found = board(client, **filters)
        listed = client.get(found["sittings_tile"].url).context["page"].rows

        assert found["sittings_tile"].number == len(listed)
        assert {one.pk for one in found["sittings"]} == {one.pk for one in listed}
        assert len(listed) == (0 if "douai" in str(filters) else 2)


# Who sees it


@pytest.mark.parametrize(
    ("unit", "role", "status"),
    [
        ("direction-projet-erbm", Role.PROJECT_DIRECTOR, 200),
        ("prefecture-region", Role.COPIL_STATE, 200),
        ("region", Role.COPIL_REGION, 200),
        ("sgar", Role.FUNDER, 200),
        ("mission-audit", Role.AUDITOR, 200),
        ("maisons-et-cites", Role.OWNER, 404),
        ("dreal", Role.CONSULTED, 404),
        ("sous-prefecture-lens", Role.SUB_PREFECT, 404),
    ],
)
def test_it_is_for_those_who_answer_for_the_programme(client, unit, role, status):
    client.force_login(factories.person_of(factories.unit(unit), role, "alix"))

    assert client.get(reverse("dashboard")).status_code == status


def test_the_day_of_the_director_starts_there(client, director):
    response = client.get(reverse("home"), follow=True)

    assert response.redirect_chain == [(reverse("dashboard"), 302)]
    assert 'aria-current="page"' in response.text


@pytest.mark.parametrize(
    "forged", [{"kind": "x"}, {"since": "hier"}, {"jurisdiction": "\x00"}]
)
def test_what_was_forged_is_left_out(client, director, forged):
    assert board(client, **forged)["tiles"][0].number == len(STATES) - 1 + 3 + 2


def test_what_no_operation_answers_to_says_so(client, director):
    page = client.get(reverse("dashboard"), {"since": "2199-01-01"})

    assert "Aucune opération ne répond à ces filtres" in page.text


def test_charts_have_their_table_and_figures_are_links(client, director):
    text = client.get(reverse("dashboard")).text

    assert text.count('class="erbm-chart"') >= 3
    assert text.count("<table") >= 5
    for url, number in lists(board(client)):
        assert not number or f'href="{html.escape(url)}"' in text


def test_its_cost_does_not_depend_on_the_number_of_operations(
    client, director, django_assert_max_num_queries
):
    board(client)  # the first page of a session writes it
    with django_assert_max_num_queries(32) as few:
        board(client)
    scenes.opened(30, commune=scenes.DOUAI, body="sia-habitat")
    for _ in range(3):
        sittings.planned(held_on=timezone.localdate())
    with django_assert_max_num_queries(32) as many:
        board(client)

    assert len(few) == len(many)
