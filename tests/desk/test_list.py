"""The list shows what one may know of, in order and in pages."""

import datetime
import html
import itertools

import pytest
from django.urls import reverse

from erbm.operations.models import Operation
from flows.roles import Role
from tests.desk import scenes
from tests.desk.scenes import list_page, references, shown
from tests.operations import factories
from workflow.models import Case, Membership

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def director(client):
    person = scenes.director()
    client.force_login(person)
    return person


def test_the_address_has_its_name():
    assert reverse("operations:list") == scenes.LIST


# Rights


@pytest.mark.parametrize(
    "person",
    [scenes.owner, scenes.director, factories.auditor],
    ids=lambda person: person.__name__,
)
def test_parties_and_readers_see_an_operation(client, person):
    operation = scenes.opened()[0]
    client.force_login(person())

    assert shown(list_page(client)) == references([operation])


@pytest.mark.parametrize(
    "person", [scenes.nobody, factories.stranger], ids=lambda person: person.__name__
)
def test_others_see_neither_it_nor_its_count(client, person):
    operation = scenes.opened()[0]
    client.force_login(person())

    response = list_page(client)

    assert shown(response) == []
    assert operation.case.title not in response.text
    assert "Aucune opération ne vous est ouverte" in response.text


def test_a_reader_of_one_territory_sees_that_one(client):
    lens, douai = scenes.opened()[0], scenes.opened(commune=scenes.DOUAI)[0]
    person = scenes.nobody()
    Membership.objects.create(
        user=person,
        unit=factories.unit("mission-audit"),
        role=Role.AUDITOR,
        jurisdiction=douai.case.jurisdiction,
        starts_on=datetime.date(2020, 1, 1),
    )
    client.force_login(person)

    response = list_page(client)

    assert shown(response) == references([douai])
    assert response.context["total"].startswith("1")
    assert lens.case.reference not in response.text


def test_only_those_who_carry_operations_open_new_ones(client):
    answers = []
    for person in (scenes.owner(), scenes.director()):
        client.force_login(person)
        answers.append("Nouvelle opération" in list_page(client).text)

    assert answers == [True, False]


@pytest.mark.parametrize(
    "forged",
    [
        {"sort": "secret"},
        {"kind": "autre"},
        {"state": "perdue"},
        {"theme": "\x00"},
        {"since": "0001-01-01"},
        {"until": "9999-12-31"},
        {"q": "\x00"},
        {"q": "é" * 101},
        {"after": "1"},
        {"after": "2026-01-01T00:00:00+00:00~abc"},
        {"after": "2026-01-01T00:00:00~1"},
        {"after": "2026-01-01T00:00:00+00:00~" + "9" * 30},
        {"sort": "amount", "after": "9" * 40 + "~1"},
        {"sort": "amount", "before": "-" + "9" * 5000 + "~1"},
        {"sort": "reference", "after": "a~b"},
        {"sort": "reference", "after": "\x00"},
        {"sort": "reference", "after": ""},
    ],
)
def test_what_was_forged_does_no_harm(client, director, forged):
    operation = scenes.opened()[0]

    assert shown(list_page(client, **forged)) == references([operation])


# Order and pages


@pytest.fixture
def many(director):
    """Return forty-five operations with ties, however they are sorted."""
    operations = scenes.opened(45)
    for number, operation in enumerate(operations):
        Case.objects.filter(pk=operation.pk).update(
            changed_at=scenes.NOW + number // 4 * scenes.DAY,
            amount_cents=number % 7 * 100,
        )
    return Operation.objects.select_related("case")


@pytest.mark.parametrize(
    ("sort", "columns"),
    [
        ("latest", ["-case__changed_at", "-case_id"]),
        ("amount", ["-case__amount_cents", "-case_id"]),
        ("reference", ["case__reference"]),
        ("", ["-case__changed_at", "-case_id"]),
    ],
)
def test_pages_show_every_operation_once_both_ways(client, many, sort, columns):
    response = list_page(client, sort=sort, kind="rehabilitation")
    forth = [shown(response)]
    while url := response.context["next_url"]:
        response = client.get(url)
        forth.append(shown(response))
    back = [shown(response)]
    while url := response.context["previous_url"]:
        response = client.get(url)
        back.append(shown(response))

    assert [len(page) for page in forth] == [20, 20, 5]
    assert [*itertools.chain(*forth)] == references(many.order_by(*columns))
    assert back[::-1] == forth


def test_each_row_says_what_one_needs_to_know(client, director):
    operation = scenes.opened(title="Cité du Bois", cost_cents=3_400_000_00)[0]

    text = html.unescape(list_page(client).text)

    for words in (
        "Cité du Bois",
        "Réhabilitation",
        "Maisons & Cités",
        "Lens",
        "Brouillon",
        "3,4\N{NO-BREAK SPACE}M€",
        "23\N{NO-BREAK SPACE}novembre 2026",
        reverse("operations:detail", args=[operation.pk]),
    ):
        assert words in text


def test_queries_do_not_depend_on_the_number_of_operations(
    client, director, django_assert_max_num_queries
):
    scenes.opened(10)
    list_page(client)  # the first page of a session writes it
    with django_assert_max_num_queries(10) as few:
        list_page(client)
    scenes.opened(50, commune=scenes.DOUAI, body="sia-habitat")
    with django_assert_max_num_queries(10) as many:
        response = list_page(client)

    assert len(shown(response)) == 20
    assert len(many) == len(few)
