"""The bodies of the programme, and the certainty that every role is played."""

from io import StringIO

import pytest
from django.core.management import call_command

from erbm.organisations.models import Category, Organisation
from flows.roles import Role
from workflow.models import Competence, Jurisdiction, Unit

pytestmark = pytest.mark.django_db

PLAYED = {
    Role.LEAD_SERVICE,
    Role.COMMITTEE_SECRETARY,
    Role.SUB_PREFECT,
    Role.PROJECT_DIRECTOR,
    Role.COPIL_STATE,
    Role.COPIL_REGION,
    Role.FUNDER,
    Role.PREFECT,
}


@pytest.fixture(autouse=True)
def _loaded(db):
    call_command("load_reference", stdout=StringIO())


def who(process, role, jurisdiction):
    """Resolve as the engine does: the jurisdiction's own unit, else everyone's."""
    held = Competence.objects.filter(process=process, role=role)
    own = held.filter(jurisdiction__code=jurisdiction)
    return (own or held.filter(jurisdiction=None)).get().unit.code


def test_every_role_is_played_in_every_jurisdiction():
    assert all(
        who(process, role, jurisdiction.code)
        for process in ("rehabilitation", "subsidy")
        for role in PLAYED
        for jurisdiction in Jurisdiction.objects.all()
    )


WHO = {
    ("rehabilitation", Role.LEAD_SERVICE, "lens"): "ddtm-62",
    ("rehabilitation", Role.LEAD_SERVICE, "douai"): "ddtm-59",
    ("rehabilitation", Role.SUB_PREFECT, "bethune"): "sous-prefecture-bethune",
    ("rehabilitation", Role.COPIL_REGION, "bethune"): "region",
    ("subsidy", Role.LEAD_SERVICE, "lens"): "sous-prefecture-lens",
    ("subsidy", Role.LEAD_SERVICE, "arras"): "arrondissement-arras",
    ("subsidy", Role.LEAD_SERVICE, "lille"): "direction-projet-erbm",
    ("subsidy", Role.PREFECT, "valenciennes"): "prefecture-59",
    ("subsidy", Role.PREFECT, "calais"): "prefecture-62",
    ("subsidy", Role.FUNDER, "douai"): "sgar",
}


def test_who_plays_which_role_where():
    assert {
        (process, role, place): who(process, role, f"arrondissement-{place}")
        for process, role, place in WHO
    } == WHO


def test_every_partner_of_the_programme_has_a_unit():
    count = {
        category: Organisation.objects.filter(category=category).count()
        for category in (Category.EPCI, Category.DEPARTEMENT, Category.REGION)
    }
    assert count == {Category.EPCI: 8, Category.DEPARTEMENT: 2, Category.REGION: 1}
    assert Organisation.objects.landlords().count() == 2
    assert Organisation.objects.collectivites().count() == 11


def test_loading_again_respects_a_competence_that_was_moved():
    dreal = Unit.objects.get(code="dreal")
    moved = Competence.objects.filter(process="subsidy", role=Role.FUNDER)
    moved.update(unit=dreal)
    before = Competence.objects.count()

    call_command("load_reference", stdout=StringIO())

    assert moved.get().unit == dreal
    assert Competence.objects.count() == before
