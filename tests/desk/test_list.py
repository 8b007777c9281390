"""The list finds what one may know of, by words and filters, in pages."""

import datetime
import html
import itertools
import re

import pytest
from django.urls import reverse

from erbm.operations.models import Kind, Operation
from erbm.programme.models import Theme
from flows.operation import State
from flows.roles import Role
from tests.desk import scenes
from tests.operations import factories
from workflow.models import Case, Membership

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

ADDRESS = "/operations/"


@pytest.fixture
def director(client):
    person = scenes.director()
    client.force_login(person)
    return person


def page_of(client, **params):
    response = client.get(ADDRESS, params)
    assert response.status_code == 200
    return response


def shown(response):
    """Return the references on a page, in its order."""
    return re.findall(r">([RS]-\d{4}-\d{5})</a>", response.text)


def references(operations):
    return [operation.case.reference for operation in operations]


def test_the_address_has_its_name():
    assert reverse("operations:list") == ADDRESS


# Rights


@pytest.mark.parametrize(
    "person",
    [scenes.owner, scenes.director, factories.auditor],
    ids=lambda person: person.__name__,
)
def test_parties_and_readers_see_an_operation(client, person):
    operation = scenes.opened()[0]
    client.force_login(person())

    assert shown(page_of(client)) == references([operation])


@pytest.mark.parametrize(
    "person", [scenes.nobody, factories.stranger], ids=lambda person: person.__name__
)
def test_others_see_neither_it_nor_its_count(client, person):
    operation = scenes.opened()[0]
    client.force_login(person())

    response = page_of(client)

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

    response = page_of(client)

    assert shown(response) == references([douai])
    assert response.context["total"].startswith("1")
    assert lens.case.reference not in response.text


def test_only_those_who_carry_operations_open_new_ones(client):
    answers = []
    for person in (scenes.owner(), scenes.director()):
        client.force_login(person)
        answers.append("Nouvelle opération" in page_of(client).text)

    assert answers == [True, False]


# Search and filters


@pytest.fixture
def varied(director):
    housing, mobility = Theme.objects.filter(code__in=["housing", "mobility"])
    month = datetime.timedelta(days=30)
    return {
        "lens": scenes.opened(title="Cité de l’Épinette", theme=housing)[0],
        "douai": scenes.opened(
            commune=scenes.DOUAI, title="Cité Morelle", at=scenes.NOW - month
        )[0],
        "subsidy": scenes.opened(
            kind=Kind.SUBSIDY, title="Cœur de ville", theme=mobility
        )[0],
        "proposed": factories.operation_at(State.PROPOSED),
    }


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"q": "epinette"}, {"lens"}),
        ({"q": "  ÉPINETTE   cité "}, {"lens"}),
        ({"q": "coeur"}, {"subsidy"}),
        ({"q": "epinette morelle"}, set()),
        ({"q": "douai"}, {"douai"}),
        ({"q": "maisons & cités morelle"}, {"douai"}),
        ({"q": "?!"}, {"lens", "douai", "subsidy", "proposed"}),
        ({"q": "100%"}, set()),
        ({"kind": "subsidy"}, {"subsidy"}),
        ({"jurisdiction": "arrondissement-douai"}, {"douai"}),
        ({"theme": "mobility"}, {"subsidy"}),
        ({"state": "proposed"}, {"proposed"}),
        ({"stage": "proposal"}, {"lens", "douai", "subsidy", "proposed"}),
        ({"stage": "running"}, {"lens", "douai", "subsidy", "proposed"}),
        ({"stage": "end"}, set()),
        ({"since": "2026-11-23"}, {"lens", "subsidy"}),
        ({"since": "2026-10-01", "until": "2026-11-01"}, {"douai"}),
        ({"until": "2026-11-23", "kind": "subsidy"}, {"subsidy"}),
    ],
)
def test_filters_reduce_the_page_and_the_count(client, varied, filters, names):
    response = page_of(client, **filters)

    assert set(shown(response)) == set(references(varied[name] for name in names))
    if names:
        assert response.context["total"].split()[0] == str(len(names))
    else:
        assert "Aucune opération ne répond à ces filtres" in response.text


def test_a_reference_is_found_as_it_is_written(client, varied):
    reference = varied["douai"].case.reference

    assert shown(page_of(client, q=reference)) == [reference]
    assert shown(page_of(client, q=reference.lower())) == [reference]


def test_filters_in_force_are_said_and_can_be_taken_back(client, varied):
    text = html.unescape(
        page_of(client, q="cité", until="2026-11-23", sort="amount").text
    )

    assert "«\N{NO-BREAK SPACE}cité\N{NO-BREAK SPACE}»" in text
    assert "Ouvertes jusqu’au 23/11/2026" in text
    assert 'href="/operations/?q=cit%C3%A9&sort=amount"' in text
    assert "Retirer le filtre Montant" not in text
    assert "<details class=" in text
    assert " open>" in text


def test_a_day_that_is_none_is_said(client, varied):
    response = page_of(client, since="hier")

    assert len(shown(response)) == 4
    assert "Saisissez une date valide" in response.text


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
        {"sort": "amount", "after": "9" * 40 + "~1"},
        {"sort": "amount", "before": "-" + "9" * 5000 + "~1"},
        {"sort": "reference", "after": "a~b"},
        {"sort": "reference", "after": "\x00"},
        {"sort": "reference", "after": ""},
    ],
)
def test_what_was_forged_does_no_harm(client, director, forged):
    operation = scenes.opened()[0]

    assert shown(page_of(client, **forged)) == references([operation])


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
    response = page_of(client, sort=sort, kind="rehabilitation")
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

    text = html.unescape(page_of(client).text)

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
    page_of(client)  # the first page of a session writes it
    with django_assert_max_num_queries(10) as few:
        page_of(client)
    scenes.opened(50, commune=scenes.DOUAI, body="sia-habitat")
    with django_assert_max_num_queries(10) as many:
        response = page_of(client)

    assert len(shown(response)) == 20
    assert len(many) == len(few)
