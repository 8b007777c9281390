"""Units for those who own operations: found, or created, in sets."""

import pytest
from django.db import IntegrityError

from erbm.organisations import bodies
from erbm.organisations.models import Category, Organisation
from erbm.territory.models import Commune
from workflow.models import Unit

pytestmark = pytest.mark.django_db


def towns(number):
    return [
        bodies.commune_elsewhere(f"{n:05}", f"Ville {n}", "01") for n in range(number)
    ]


def test_a_commune_becomes_a_unit_and_an_organisation():
    lens = Commune.objects.create(code="62498", name="Lens", departement="62")

    units = bodies.units_of([bodies.of_commune(lens)])

    unit = units["commune-62498"]
    assert (unit.name, unit.short_name) == ("Lens (62)", "Lens")
    assert unit.organisation.category == Category.COMMUNE
    assert unit.organisation.commune == lens


def test_the_same_body_is_never_created_twice():
    first = bodies.units_of(towns(2))
    assert bodies.units_of(towns(3)) | first == bodies.units_of(towns(3))
    assert Unit.objects.count() == Organisation.objects.count() == 3


def test_a_unit_that_exists_keeps_its_name():
    Unit.objects.create(code="departement-59", name="Le Nord", short_name="Nord")
    bodies.units_of([bodies.departement("59", "Nord")])
    assert Unit.objects.get().name == "Le Nord"


def test_hundreds_cost_a_handful_of_queries(django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        bodies.units_of(towns(500))


@pytest.mark.parametrize("field", ["commune", "epci"])
def test_a_landlord_is_not_a_place(field):
    lens = Commune.objects.create(code="62498", name="Lens", departement="62")
    unit = Unit.objects.create(code="sia", name="SIA", short_name="SIA")
    facts = {"commune": lens} if field == "commune" else {"epci_id": 1}
    with pytest.raises(IntegrityError, match=f"organisation_with_an?_{field}_is_one"):
        Organisation.objects.create(unit=unit, category=Category.LANDLORD, **facts)
