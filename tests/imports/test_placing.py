"""Where a grant goes: in the programme or not, and to which jurisdiction."""

import dataclasses
from io import StringIO

import pytest
from django.core.management import call_command

from erbm.imports.grants import Level, Rejection
from erbm.imports.placing import Gazetteer
from erbm.organisations.models import Category
from tests.imports.test_grants import GRANT

pytestmark = pytest.mark.django_db


@pytest.fixture
def gazetteer():
    call_command("load_reference", stdout=StringIO())
    return Gazetteer.load()


def grant(level, code, name="?"):
    return dataclasses.replace(GRANT, level=level, place_code=code, place_name=name)


IN, OUT = True, False
WHERE = {
    (Level.COMMUNE, "62498"): ("commune-62498", "arrondissement-lens", IN),
    # In an EPCI of the programme, in the arrondissement of Arras.
    (Level.COMMUNE, "62865"): ("commune-62865", "arrondissement-arras", IN),
    # In the arrondissement of Douai, in an EPCI out of the programme.
    (Level.COMMUNE, "59004"): ("commune-59004", "arrondissement-douai", IN),
    (Level.COMMUNE, "59350"): ("commune-59350", "arrondissement-lille", OUT),
    (Level.COMMUNE, "2A004"): ("commune-2a004", "hors-perimetre", OUT),
    (Level.COMMUNE, "97411"): ("commune-97411", "hors-perimetre", OUT),
    (Level.EPCI, "246200364"): ("epci-246200364", "arrondissement-lens", IN),
    (Level.EPCI, "200044048"): ("epci-200044048", "arrondissement-arras", IN),
    (Level.EPCI, "245900428"): ("epci-245900428", "hors-perimetre", OUT),
    (Level.EPCI, "999999999"): ("epci-999999999", "hors-perimetre", OUT),
    (Level.DEPARTEMENT, "59"): ("departement-59", "hors-perimetre", OUT),
    (Level.DEPARTEMENT, "20A"): ("departement-20a", "hors-perimetre", OUT),
}


def test_where_each_grant_goes(gazetteer):
    found = {}
    for level, code in WHERE:
        placed = gazetteer.place(grant(level, code))
        found[level, code] = (
            placed.owner.code,
            placed.jurisdiction.code,
            not placed.outside,
        )
    assert found == WHERE


def test_a_commune_that_should_be_known_and_is_not_is_refused(gazetteer):
    rejected = gazetteer.place(grant(Level.COMMUNE, "59070", "Bermeries"))
    assert isinstance(rejected, Rejection)
    assert rejected.reasons == (
        "Commune inconnue du référentiel\xa0: Bermeries (59070).",
    )


def test_a_beneficiary_elsewhere_is_named_as_the_file_names_it(gazetteer):
    owner = gazetteer.place(grant(Level.COMMUNE, "75056", "Paris")).owner
    assert (owner.name, owner.short_name) == ("Paris (75)", "Paris")
    assert owner.category == Category.COMMUNE
    assert owner.commune_id is None


def test_a_beneficiary_of_the_reference_keeps_its_reference_name(gazetteer):
    placed = gazetteer.place(grant(Level.COMMUNE, "62498", "LENS"))
    assert placed.owner.name == "Lens (62)"
    assert placed.commune.code == "62498"


def test_placing_asks_the_database_nothing(gazetteer, django_assert_num_queries):
    with django_assert_num_queries(0):
        for code in ("62498", "59350", "75056"):
            gazetteer.place(grant(Level.COMMUNE, code))
