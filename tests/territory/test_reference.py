"""The reference data: complete, coherent, and harmless to what people changed."""

import re
from io import StringIO

import pytest
from django.core.management import call_command

from erbm.territory import reference
from erbm.territory.models import Arrondissement, Cite, Commune, Epci
from workflow.models import Jurisdiction

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded():
    call_command("load_reference", stdout=StringIO())


@pytest.mark.usefixtures("loaded")
def test_the_two_departements_are_whole():
    assert Arrondissement.objects.count() == 13
    assert Epci.objects.count() == 36
    assert Commune.objects.count() == 1534
    assert not Commune.objects.filter(arrondissement=None).exists()


@pytest.mark.usefixtures("loaded")
def test_the_programme_is_four_arrondissements_and_eight_epci():
    four = Arrondissement.objects.in_programme().values_list("name", flat=True)
    assert set(four) == {"Béthune", "Lens", "Douai", "Valenciennes"}
    assert Epci.objects.in_programme().count() == 8
    # 300 communes in the four arrondissements, and the 49 of Osartis-Marquion.
    assert Commune.objects.in_programme().count() == 349


@pytest.mark.usefixtures("loaded")
def test_every_epci_but_one_is_handled_where_its_communes_lie():
    handled = {
        epci.short_name: epci.committee.name
        for epci in Epci.objects.in_programme().select_related("committee")
    }
    for epci in Epci.objects.in_programme():
        lie_in = set(epci.communes.values_list("arrondissement__name", flat=True))
        assert lie_in == {handled[epci.short_name]}
    assert handled["Osartis-Marquion"] == "Arras"
    assert Epci.objects.get(siren="200044048").note


@pytest.mark.usefixtures("loaded")
def test_every_arrondissement_is_a_jurisdiction_and_so_are_the_whole_and_the_rest():
    codes = set(Jurisdiction.objects.values_list("code", flat=True))
    assert reference.OUTSIDE in codes
    assert len(codes) == 15


@pytest.mark.usefixtures("loaded")
def test_every_cite_stands_in_the_programme():
    assert Cite.objects.exists()
    for cite in Cite.objects.prefetch_related("communes"):
        assert cite.communes.exists()
        assert set(cite.communes.all()) <= set(Commune.objects.in_programme())


@pytest.mark.usefixtures("loaded")
def test_loading_again_changes_nothing():
    out = StringIO()
    call_command("load_reference", stdout=out)
    added_and_changed = re.findall(r"(?:ajouts|modifications)\s: (\d+)", out.getvalue())
    assert len(added_and_changed) == 24
    assert set(added_and_changed) == {"0"}


@pytest.mark.usefixtures("loaded")
def test_loading_again_refreshes_facts_and_respects_decisions():
    Commune.objects.filter(code="62498").update(population=1)
    lens = Arrondissement.objects.get(name="Lens")
    Epci.objects.filter(siren="200044048").update(committee=lens, note="Arrêté")

    call_command("load_reference", stdout=StringIO())

    assert Commune.objects.get(code="62498").population > 30_000
    assert Epci.objects.get(siren="200044048").committee == lens
    assert Epci.objects.get(siren="200044048").note == "Arrêté"


def test_loading_takes_the_same_queries_whatever_the_size(
    django_assert_max_num_queries,
):
    with django_assert_max_num_queries(80):
        call_command("load_reference", stdout=StringIO())
