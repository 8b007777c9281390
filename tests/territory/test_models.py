"""The territory: what is in the programme, and where it is handled."""

import pytest
from django.db import IntegrityError

from erbm.territory.models import Arrondissement, Cite, Commune, Epci
from workflow.models import Jurisdiction

pytestmark = pytest.mark.django_db


def arrondissement(code, name, **facts):
    jurisdiction = Jurisdiction.objects.create(code=f"j-{code}", name=name)
    return Arrondissement.objects.create(
        code=code, name=name, departement=code[:2], jurisdiction=jurisdiction, **facts
    )


@pytest.fixture
def lens():
    return arrondissement("627", "Lens", in_programme=True)


@pytest.fixture
def arras():
    return arrondissement("621", "Arras")


@pytest.fixture
def osartis(arras):
    return Epci.objects.create(
        siren="200044048",
        name="CC Osartis Marquion",
        short_name="Osartis-Marquion",
        committee=arras,
        in_programme=True,
    )


def commune(code="62498", name="Lens", **facts):
    return Commune.objects.create(code=code, name=name, departement="62", **facts)


def is_in_programme(commune):
    """Ask the query and the property, which must agree."""
    answers = {
        commune.is_in_programme,
        Commune.objects.in_programme().filter(pk=commune.pk).exists(),
    }
    assert len(answers) == 1
    return answers.pop()


def test_a_commune_is_in_the_programme_through_its_arrondissement(lens):
    assert is_in_programme(commune(arrondissement=lens))


def test_a_commune_is_in_the_programme_through_its_epci(arras, osartis):
    assert is_in_programme(commune(arrondissement=arras, epci=osartis))


def test_a_commune_of_neither_is_out_of_the_programme(arras):
    assert not is_in_programme(commune(arrondissement=arras))
    assert not is_in_programme(commune(code="62001", name="Nulle part"))


def test_a_commune_is_handled_where_its_epci_is(lens, arras, osartis):
    assert commune(arrondissement=lens, epci=osartis).committee == arras


def test_a_commune_out_of_the_eight_epci_is_handled_in_its_arrondissement(lens):
    other = Epci.objects.create(siren="200041960", name="Autre", short_name="Autre")
    assert commune(arrondissement=lens, epci=other).committee == lens


@pytest.mark.parametrize(
    "facts",
    [
        {"code": "6249"},
        {"code": "59498"},
    ],
)
def test_a_commune_has_a_code_of_its_departement(facts):
    with pytest.raises(IntegrityError, match="commune_code"):
        commune(**facts)


def test_an_arrondissement_has_a_code_of_its_departement(lens):
    lens.departement = "59"
    with pytest.raises(IntegrityError, match="begins_with_its_departement"):
        lens.save()


def test_an_epci_of_the_programme_has_a_committee(osartis):
    osartis.committee = None
    with pytest.raises(IntegrityError, match="epci_in_programme_has_a_committee"):
        osartis.save()


def test_an_epci_has_a_siren_of_nine_digits(osartis):
    osartis.siren = "20004404"
    with pytest.raises(IntegrityError, match="epci_siren_has_nine_digits"):
        osartis.save()


@pytest.mark.parametrize(
    ("facts", "constraint"),
    [
        ({"source": ""}, "cite_names_its_source"),
        ({"dwellings": 0}, "cite_has_dwellings_when_counted"),
    ],
)
def test_a_cite_says_where_its_figures_come_from(facts, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        Cite.objects.create(**{"code": "c", "name": "C", "source": "S"} | facts)
