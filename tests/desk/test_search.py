"""Words and filters find operations, whatever the accents; the address keeps them."""

import datetime
import html

import pytest

from erbm.operations.models import Kind
from erbm.programme.models import Theme
from flows.operation import State
from tests.desk import scenes
from tests.desk.scenes import list_page, references, shown
from tests.operations import factories
from tests.operations.fixtures import shared

pytestmark = pytest.mark.django_db

MONTH = datetime.timedelta(days=30)


@pytest.fixture(scope="module")
def varied(reference, django_db_blocker):
    """Open operations that differ in one thing each, once for all."""
    with shared(django_db_blocker):
        housing, mobility = Theme.objects.filter(code__in=["housing", "mobility"])
        yield {
            "lens": scenes.opened(title="Cité de l’Épinette", theme=housing)[0],
            "douai": scenes.opened(
                commune=scenes.DOUAI, title="Cité Morelle", at=scenes.NOW - MONTH
            )[0],
            "subsidy": scenes.opened(
                kind=Kind.SUBSIDY, title="Cœur de ville", theme=mobility
            )[0],
            "proposed": factories.operation_at(State.PROPOSED),
        }


@pytest.fixture
def director(varied, client):
    person = scenes.director()
    client.force_login(person)
    return person


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
def test_filters_reduce_the_page_and_the_count(
    client, director, varied, filters, names
):
    response = list_page(client, **filters)

    assert set(shown(response)) == set(references(varied[name] for name in names))
    if names:
        assert response.context["total"].split()[0] == str(len(names))
    else:
        assert "Aucune opération ne répond à ces filtres" in response.text


def test_a_reference_is_found_as_it_is_written(client, director, varied):
    reference = varied["douai"].case.reference

    assert shown(list_page(client, q=reference)) == [reference]
    assert shown(list_page(client, q=reference.lower())) == [reference]


def test_filters_in_force_are_said_and_can_be_taken_back(client, director, varied):
    text = html.unescape(
        list_page(client, q="cité", until="2026-11-23", sort="amount").text
    )

    assert "«\N{NO-BREAK SPACE}cité\N{NO-BREAK SPACE}»" in text
    assert "Ouvertes jusqu’au 23/11/2026" in text
    assert 'href="/operations/?q=cit%C3%A9&sort=amount"' in text
    assert "Retirer le filtre Montant" not in text
    assert "<details class=" in text
    assert " open>" in text


def test_a_day_that_is_none_is_said(client, director, varied):
    response = list_page(client, since="hier")

    assert len(shown(response)) == 4
    assert "Saisissez une date valide" in response.text
