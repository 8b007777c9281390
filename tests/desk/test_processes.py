"""The procedures are shown as they are declared, with the operations one may see."""

import dataclasses
import html

import pytest
from defusedxml.ElementTree import fromstring
from django.urls import reverse
from django.utils import timezone

from erbm.desk.queries.processes import map_of
from erbm.operations.models import Kind
from flows.operation import State
from flows.rehabilitation.lifecycle import PROCESS
from flows.roles import Role
from tests.desk import scenes
from tests.operations import factories
from workflow import cases, journeys
from workflow.bpmn import MODEL
from workflow.journeys import flow_of
from workflow.maps import Figure
from workflow.standing import memberships_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

ADDRESS = reverse("process", args=["rehabilitation"])


@pytest.fixture
def director(client):
    client.force_login(scenes.director())
    return client


def test_every_procedure_is_listed(director):
    page = director.get(reverse("processes")).text

    assert ADDRESS in page
    assert reverse("process", args=["subsidy"]) in page


def test_the_page_says_all_that_is_declared(director):
    page = director.get(ADDRESS).text

    steps = flow_of(PROCESS.name, PROCESS.version).steps()
    wanted = [
        *(str(state.label) for state in PROCESS.states),
        *(move.label for move in PROCESS.moves),
        *(move.basis for move in PROCESS.moves),
        *(one.label for move in PROCESS.moves for one in move.requires),
        *(one.label for move in PROCESS.moves for one in move.inputs),
        *(step.task_title for step in steps),
        *(edit.label for edit in PROCESS.edits),
        PROCESS.digest,
    ]
    assert [text for text in wanted if text not in page] == []
    assert "une autre personne que pour" in page
    assert "par des personnes différentes" in page


def test_the_operations_of_a_state_lead_to_their_list(director):
    scenes.opened(2)

    page = director.get(ADDRESS).text

    assert "2 dossiers" in page  # in the picture
    assert "/operations/?kind=rehabilitation&amp;state=draft" in page


def test_one_counts_what_one_may_see_and_what_is_late():
    late, *_ = scenes.opened(2)
    scenes.opened(kind=Kind.SUBSIDY)
    scenes.due(late, scenes.NOW - scenes.DAY)

    def figures(person, **said):
        held = memberships_of(person, scenes.NOW.date())
        return map_of(PROCESS, held, said, scenes.NOW)

    everywhere = figures(scenes.director())
    assert everywhere.states == {State.DRAFT: Figure(2, 1, 2, 0, 0)}
    assert everywhere.steps == {"prepare": Figure(2, 1)}
    elsewhere = figures(scenes.director(), jurisdiction="nowhere")
    for nothing in (elsewhere, figures(factories.stranger())):
        assert (nothing.states, nothing.steps) == ({}, {})


def test_each_figure_leads_to_the_operations_it_counts(director):
    late, timely = scenes.opened(2)
    scenes.opened(commune=scenes.DOUAI)
    now = timezone.now()
    scenes.due(late, now - scenes.DAY)
    scenes.due(timely, now + scenes.DAY)
    code = late.case.jurisdiction.code

    response = director.get(ADDRESS, {"jurisdiction": code})

    place = next(p for p in response.context["places"] if p.row.name == State.DRAFT)
    asking = response.context["askings"][0]
    for one in (place, asking):
        assert (one.figure.waiting, one.figure.overdue) == (2, 1)
        assert set(scenes.shown(director.get(one.url))) == {
            late.case.reference,
            timely.case.reference,
        }
        assert scenes.shown(director.get(one.late_url)) == [late.case.reference]
    assert "diagram__state--late" in response.text


def test_the_period_is_kept_in_the_address(director):
    response = director.get(ADDRESS, {"since": "2026-01-01", "until": "2026-06-30"})

    period = response.context["period"]
    assert (period.since.isoformat(), period.until.isoformat()) == (
        "2026-01-01",
        "2026-06-30",
    )
    labels = [label for label, _ in response.context["chosen"]]
    assert labels == [
        "Réponses données depuis le 01/01/2026",
        "Réponses données jusqu’au 30/06/2026",
    ]


def test_a_page_asks_as_much_for_one_operation_as_for_ten(
    director, django_assert_max_num_queries
):
    director.get(ADDRESS)
    scenes.opened(10)

    # session, person, what she holds (for the page, for the menu), territories, what
    # is unread, and the four of the map
    with django_assert_max_num_queries(9):
        director.get(ADDRESS)


def test_the_picture_is_a_file(director):
    response = director.get(reverse("process_svg", args=["rehabilitation"]))

    assert response.headers["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert response.headers["Content-Disposition"] == (
        'attachment; filename="rehabilitation-v1.svg"'
    )
    assert fromstring(response.content).tag.endswith("svg")


def test_the_journey_is_a_file_for_other_tools(director):
    response = director.get(reverse("process_bpmn", args=["rehabilitation"]))

    assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert response.headers["Content-Disposition"] == (
        'attachment; filename="rehabilitation-v1.bpmn"'
    )
    tasks = fromstring(response.content).iter(f"{{{MODEL}}}userTask")
    assert len(list(tasks)) == len(flow_of("rehabilitation", 1).steps())


@pytest.mark.parametrize("query", ["", "?version=9", "?version=x"])
@pytest.mark.parametrize("name", ["process", "process_svg", "process_bpmn"])
def test_an_unknown_procedure_or_version_is_not_found(director, name, query):
    procedure = "rehabilitation" if query else "unknown"

    assert director.get(reverse(name, args=[procedure]) + query).status_code == 404


@pytest.fixture
def second(monkeypatch):
    """Deploy a second version of the rehabilitation, when called."""

    def deploy():
        latest = dataclasses.replace(PROCESS, version=2)
        key, flow = ("rehabilitation", 2), flow_of("rehabilitation", 1)
        bound = dataclasses.replace(cases._bindings[PROCESS.name, 1], process=latest)
        monkeypatch.setitem(cases._bindings, key, bound)
        monkeypatch.setitem(journeys._flows, key, flow)
        return latest

    return deploy


def test_a_former_version_is_found_by_its_number(director, second):
    latest = second()

    page = director.get(f"{ADDRESS}?version=1").text

    assert PROCESS.digest in page
    assert '<a href="?version=2">2</a>' in page
    assert "schema.svg?version=1" in page
    assert latest.digest in director.get(ADDRESS).text


def test_each_version_counts_and_lists_the_operations_that_follow_it(director, second):
    scenes.opened(2)
    second()
    (newer,) = scenes.opened()

    former, present = (
        html.unescape(director.get(f"{ADDRESS}?version={n}").text) for n in (1, 2)
    )

    assert newer.case.process_version == 2
    assert "Les nouveaux suivent la" in former
    assert "Les nouveaux suivent la" not in present
    assert "2 dossiers" in former
    listed = "/operations/?kind=rehabilitation&version=2&state=draft"
    assert listed in present
    assert scenes.shown(director.get(listed)) == [newer.case.reference]


def test_the_page_of_an_operation_says_which_version_it_follows(director, second):
    (operation,) = scenes.opened()
    address = reverse("operations:detail", args=[operation.pk])
    before = director.get(address).text
    second()

    after = director.get(address).text

    assert "version 1</a>" in before
    assert "les nouvelles suivent" not in before
    assert "version 1</a>" in after
    assert "les nouvelles suivent la version 2" in after


def test_the_screens_show_the_operations_of_every_version(client, second):
    (former,) = scenes.opened()
    second()
    (newer,) = scenes.opened()
    both = {former.case.reference, newer.case.reference}
    client.force_login(scenes.owner())

    assert set(scenes.shown(client.get(reverse("operations:list")))) == both
    inbox = client.get(reverse("inbox")).text
    assert all(reference in inbox for reference in both)
    totals = client.get(reverse("pipeline")).context["totals"]
    assert totals[-1].figure.operations == 2


def test_one_signs_in_first(client):
    assert client.get(ADDRESS).status_code == 302


@pytest.mark.parametrize("role", Role)
def test_whoever_is_signed_in_may_read_the_rules(client, role):
    client.force_login(factories.person_of(factories.unit("dreal"), role))

    assert client.get(ADDRESS).status_code == 200
