"""The description of an operation, edited while it may be."""

import pytest

from erbm.operations import search
from erbm.operations.models import Kind
from flows.operation import State
from flows.roles import Role
from tests.operations.factories import (
    again,
    auditor,
    opened,
    operation_at,
    person,
    stranger,
)
from tests.operations.forms import address, hidden, sent, text_of
from workflow.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def described(operation, **said):
    facts = {
        "title": operation.case.title,
        "cost_cents": "9 780 000",
        "theme": operation.theme_id,
        "description": operation.description,
        "dwellings_before": 163,
        "dwellings_after": 160,
        "label_before": "F",
        "label_target": "B",
    }
    return sent(operation, **(facts | said))


@pytest.fixture
def operation(client):
    operation = opened()
    client.force_login(person(operation, Role.OWNER))
    return operation


def test_the_form_begins_with_what_is_known(client, operation):
    page = client.get(address("edit", operation)).content.decode()

    assert 'value="9\u202f780\u202f000,00"' in page
    assert 'value="163"' in page
    assert '<option value="F" selected>' in page


def test_the_description_is_changed_and_the_change_is_told(client, operation):
    response = client.post(
        address("edit", operation),
        described(operation, title="La cité des Arts", cost_cents="10 000 000,50"),
        follow=True,
    )

    changed = again(operation)
    assert changed.case.title == "La cité des Arts"
    assert changed.case.amount_cents == 10_000_000_50
    assert "cite des arts" in changed.search_text
    text = text_of(response).replace("\u202f", " ")
    assert "Réhabilitation de la cité 9 → La cité des Arts" in text
    assert "9 780 000,00 € → 10 000 000,50 €" in text.replace("\xa0", " ")


def test_a_subsidy_has_no_dwellings_to_describe(client):
    operation = opened(Kind.SUBSIDY)
    client.force_login(person(operation, Role.OWNER))

    page = client.get(address("edit", operation)).content.decode()
    client.post(address("edit", operation), described(operation, title="École"))

    assert "dwellings_before" not in page
    assert again(operation).case.title == "École"
    assert again(operation).dwellings_before is None


def test_a_description_changed_meanwhile_is_a_conflict(client, operation):
    late = described(operation, title="Ma version")
    client.post(address("edit", operation), described(operation, title="La leur"))

    response = client.post(address("edit", operation), late)

    assert response.status_code == 409
    assert "Modifier la description" in text_of(response)
    assert hidden(response, "title") == "Ma version"
    assert again(operation).case.title == "La leur"
    resumed = client.post(address("edit", operation), late | {"resume": "yes"})
    assert resumed.context["form"]["title"].value() == "Ma version"


def test_a_form_sent_twice_is_noted_once(client, operation):
    said = described(operation, title="Une fois")

    for _ in range(2):
        assert client.post(address("edit", operation), said).status_code == 302

    amendments = Event.objects.filter(case=operation.case, kind="amendment")
    assert amendments.count() == 1


def test_it_is_closed_once_submitted(client):
    operation = operation_at(State.PROPOSED)
    client.force_login(person(operation, Role.OWNER))
    url = address("edit", operation)

    assert "n’est pas possible" in text_of(client.get(url))
    response = client.post(url, described(operation, title="Trop tard"))
    assert response.status_code == 422
    assert again(operation).case.title != "Trop tard"


@pytest.mark.parametrize("name", ["edit", "urban_study", "plan", "document_new"])
def test_who_may_only_read_is_told_so_and_who_may_not_finds_nothing(client, name):
    operation = operation_at(State.DRAFT)
    url = address(name, operation)

    client.force_login(auditor())
    assert "Ce n’est pas possible maintenant" in text_of(client.get(url))
    client.force_login(stranger())
    assert client.get(url).status_code == 404
    assert client.post(url, {}).status_code == 404


@pytest.mark.parametrize("name", ["edit", "urban_study", "plan", "document_new"])
@pytest.mark.parametrize("said", [{}, {"seen": "x", "key": "y"}])
def test_forms_that_we_did_not_write_are_bad_requests(client, operation, name, said):
    assert client.post(address(name, operation), said).status_code == 400


class TestUrbanStudy:
    @pytest.fixture
    def operation(self, client):
        operation = operation_at(State.PROPOSED)
        client.force_login(person(operation, Role.LEAD_SERVICE))
        return operation

    def test_its_approval_is_recorded(self, client, operation):
        response = client.post(
            address("urban_study", operation),
            sent(operation, approved_on="2026-03-12"),
            follow=True,
        )

        assert str(again(operation).urban_study_approved_on) == "2026-03-12"
        assert "Étude urbaine validée le – → 12 mars 2026" in text_of(response).replace(
            "\xa0", " "
        )

    @pytest.mark.parametrize("typed", ["", "hier", "2026-02-30", "0001-01-01"])
    def test_it_needs_a_day(self, client, operation, typed):
        response = client.post(
            address("urban_study", operation), sent(operation, approved_on=typed)
        )

        assert response.status_code == 422
        assert again(operation).urban_study_approved_on is None

    def test_a_subsidy_has_none(self, client):
        operation = operation_at(State.PROPOSED, Kind.SUBSIDY)
        client.force_login(person(operation, Role.LEAD_SERVICE))

        assert client.get(address("urban_study", operation)).status_code == 404


def test_what_an_operation_is_found_by_stays_out_of_the_trail(client, operation):
    client.post(
        address("edit", operation),
        described(operation, title="Cité rebaptisée", description="Neuf."),
    )
    before = operation.search_text
    operation.refresh_from_db()
    events = Event.objects.select_related("text").filter(case=operation.case)
    event = events.latest("seq")

    assert event.move == "edit_facts"
    assert operation.search_text != before
    assert operation.search_text.startswith(search.fold(operation.case.reference))
    assert "rebaptisee" not in event.text.text + event.body
    assert "description.after" in event.text.text
