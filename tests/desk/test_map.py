"""The map draws every commune of the programme, and counts as the lists do."""

import html
import re

import pytest
from django.urls import reverse

from erbm.operations.models import Kind, Operation
from erbm.territory.models import Commune
from erbm.territory.outlines import FILE, outlines
from flows.roles import Role
from tests.desk import scenes
from tests.desk.test_pipeline import total_of
from tests.operations import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def page(client, **params):
    response = client.get(reverse("map"), params)
    assert response.status_code == 200
    return response


@pytest.fixture
def director(client):
    person = scenes.director()
    client.force_login(person)
    return person


def test_every_commune_of_the_programme_has_its_outline():
    codes = Commune.objects.in_programme().values_list("code", flat=True)

    assert set(outlines().communes) == set(codes)
    assert all(
        re.fullmatch(r"(M[-\d ]+l[-\d ]+z)+", p) for p in outlines().communes.values()
    )
    assert FILE.stat().st_size < 60_000


@pytest.mark.parametrize("filters", [{}, {"kind": "subsidy"}, {"since": "2026-11-01"}])
def test_a_commune_counts_what_its_list_counts(client, director, filters):
    scenes.opened(2)
    scenes.opened(3, commune=scenes.DOUAI, kind=Kind.SUBSIDY)
    scenes.opened(1, at=scenes.NOW - 300 * scenes.DAY)
    straddling = Operation.objects.order_by("pk").first()
    straddling.communes.add(Commune.objects.get(code=scenes.DOUAI))

    shown = page(client, **filters).context["shown"]

    assert {one.town.code for one in shown} <= {scenes.LENS, scenes.DOUAI}
    for one in shown:
        assert total_of(client.get(one.url)) == one.town.operations
    if not filters:
        assert {one.town.code: one.town.operations for one in shown} == {
            scenes.LENS: 3,
            scenes.DOUAI: 4,
        }


def test_what_the_map_shows_is_in_its_table(client, director):
    scenes.opened(2, dwellings_before=12)

    response = page(client)
    text = html.unescape(response.text)
    [area] = response.context["areas"]

    assert (area.words, area.shade) == ("Lens\N{NO-BREAK SPACE}: 2 opérations", 2)
    assert text.count(f'href="{area.url}"') == 2
    assert area.path not in response.context["bare"]
    [one] = response.context["shown"]
    assert (one.town.cents, one.town.dwellings) == (2_000_00, 24)


def test_a_commune_off_the_map_is_in_the_table_all_the_same(client, director):
    scenes.opened()
    Operation.objects.get().communes.set([Commune.objects.get(code="59350")])

    context = page(client).context

    assert [one.town.code for one in context["shown"]] == ["59350"]
    assert context["areas"] == []


def test_what_one_may_not_know_of_is_not_on_it(client):
    scenes.opened()
    client.force_login(factories.person_of(factories.unit("sia-habitat"), Role.OWNER))

    response = page(client)

    assert response.context["shown"] == []
    assert "Aucune opération ne vous est ouverte" in response.text


def test_its_cost_does_not_depend_on_the_number_of_communes(
    client, director, django_assert_max_num_queries
):
    scenes.opened()
    page(client)
    with django_assert_max_num_queries(9) as few:
        page(client)
    scenes.opened(5, commune=scenes.DOUAI)
    with django_assert_max_num_queries(9) as many:
        page(client)

    assert len(few) == len(many)
