"""Words and filters find operations, whatever the accents; the address keeps them."""

import datetime
import html

import pytest

from erbm.operations import search
from erbm.operations.models import Kind, Operation
from erbm.programme.models import Theme
from flows.operation import State
from tests.desk import scenes
from tests.desk.scenes import list_page, references, shown
from tests.operations import factories
from tests.operations.fixtures import shared
from workflow import paging

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


def test_a_word_is_found_by_its_beginning(client, director, varied):
    assert shown(list_page(client, q="epin")) == references([varied["lens"]])
    assert shown(list_page(client, q="pinette")) == []


@pytest.mark.parametrize("text", ["_", "cit_", "%", "'", "a' & 'b", ":*", "!", "\\"])
def test_what_a_database_would_read_otherwise_is_only_text(
    client, director, varied, text
):
    response = list_page(client, q=text)

    assert len(shown(response)) in {0, 4}


def test_the_likeliest_come_first(client, director):
    scattered = scenes.opened(title="Le pré de la Vigne", at=scenes.NOW + MONTH)[0]
    phrase = scenes.opened(title="Cité du Pré Vigne", at=scenes.NOW - MONTH)[0]
    latest = scenes.opened(title="Grand Pré Vigneron", at=scenes.NOW)[0]

    response = list_page(client, q="pre vigne")

    assert shown(response) == references([latest, phrase, scattered])
    assert response.context["sorting"].label == "Pertinence"
    by_date = list_page(client, q="pre vigne", sort="latest")
    assert shown(by_date) == references([scattered, latest, phrase])


def test_a_reference_comes_before_those_that_quote_it(client, director):
    first = scenes.opened(at=scenes.NOW - MONTH)[0]
    reference = first.case.reference
    quoting = scenes.opened(title=f"Suite de {reference}")[0]

    assert shown(list_page(client, q=reference)) == references([first, quoting])


def test_a_search_has_pages_too(client, director):
    opened = scenes.opened(45, title="Coron")

    response = list_page(client, q="coron")
    pages = [shown(response)]
    while url := response.context["next_url"]:
        response = client.get(url)
        pages.append(shown(response))
    back = [shown(response)]
    while url := response.context["previous_url"]:
        response = client.get(url)
        back.append(shown(response))

    assert [len(page) for page in pages] == [20, 20, 5]
    assert sorted(r for page in pages for r in page) == sorted(references(opened))
    assert back[::-1] == pages


def test_more_than_a_thousand_is_said_so(client, director, monkeypatch):
    monkeypatch.setattr(paging, "COUNT_UP_TO", 2)
    monkeypatch.setattr("erbm.lists.COUNT_UP_TO", 2)
    scenes.opened(3, title="Coron")

    assert list_page(client, q="coron").context["total"] == "2+ opérations"


@pytest.mark.parametrize("stranger", [scenes.nobody, factories.stranger])
def test_nobody_finds_what_she_may_not_know_of(client, varied, stranger):
    client.force_login(stranger())

    response = list_page(client, q="epinette")

    assert shown(response) == []
    assert "Épinette" not in response.text


def _is_found(word, held):
    if word.isdigit() or len(word) <= 2:
        return word in held
    return any(one.startswith(word) for one in held)


@pytest.mark.parametrize(
    "text",
    ["epin", "epin lens", "r 20 00001", "l epin", "l e", "r 2026", "MORELLE", "absent"],
)
def test_a_search_finds_what_a_plain_reading_finds(varied, text):
    *whole, last = search.fold(text).split()
    plainly = [
        operation
        for operation in Operation.objects.all()
        if any(held.startswith(last) for held in operation.search_text.split())
        and all(_is_found(word, operation.search_text.split()) for word in whole)
    ]

    assert set(Operation.objects.matching(text)) == set(plainly)


def test_what_is_ranked_is_matched_once(varied):
    found = Operation.objects.matching("epin").ranked_by("epin")

    words = str(found.query)
    assert words.count("ESCAPE '!'") + words.count("search_words") == 1
    assert [operation.case.title for operation in found] == ["Cité de l’Épinette"]


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
