"""Units are put to rest, competences go to one unit."""

import json

import pytest
from django.urls import reverse

from erbm.organisations.models import Category, Organisation, Remit
from erbm.territory.models import Commune
from flows.roles import Role
from tests.accounts import factories
from tests.library.factories import Town
from workflow.models import Entry, Task, Unit

pytestmark = pytest.mark.django_db

NEW_UNIT = reverse("admin:workflow_unit_add")
NEW_REMIT = reverse("admin:organisations_remit_add")
INLINE = {
    "organisation-TOTAL_FORMS": "1",
    "organisation-INITIAL_FORMS": "0",
    "organisation-0-category": Category.STATE,
}


@pytest.fixture(autouse=True)
def _administrator(client):
    client.force_login(factories.administrator())


def unit(**said):
    return {"code": "dreal", "name": "DREAL", "short_name": "DREAL", **said}


def test_a_unit_comes_with_its_body(client):
    client.post(NEW_UNIT, {**unit(is_active="on"), **INLINE})

    body = Organisation.objects.get(unit__code="dreal")
    assert body.category == Category.STATE


def test_a_unit_and_its_body_are_written_in_the_register_before_and_after(client):
    client.post(NEW_UNIT, {**unit(is_active="on"), **INLINE})
    body = Organisation.objects.get(unit__code="dreal")
    page = reverse("admin:workflow_unit_change", args=[body.unit_id])
    said = {
        **INLINE,
        "organisation-INITIAL_FORMS": "1",
        "organisation-0-unit": body.pk,
        "organisation-0-category": Category.REGION,
    }
    client.post(page, {**unit(is_active="on"), **said})

    entries = Entry.objects.order_by("pk")
    told = [json.loads(entry.body)["facts"] for entry in entries]
    assert [(one["table"], one["deed"]) for one in told] == [
        ("workflow.unit", "add"),
        ("organisations.organisation", "add"),
        ("organisations.organisation", "change"),
    ]
    assert told[0]["changes"]["name"] is None
    assert told[1]["changes"]["category"] == [None, Category.STATE]
    assert told[2]["changes"] == {"category": [Category.STATE, Category.REGION]}


def test_a_body_that_contradicts_itself_is_refused_in_words(client):
    lens = Commune.objects.create(code="62498", name="Lens", departement="62")

    page = client.post(
        NEW_UNIT, {**unit(), **INLINE, "organisation-0-commune": lens.pk}
    )

    assert "Seul un organisme de catégorie commune" in page.text
    assert not Unit.objects.filter(code="dreal").exists()


def test_a_unit_put_to_rest_says_what_still_waits_for_it(client):
    Town().loan()
    task = Task.objects.open().get()
    page = reverse("admin:workflow_unit_change", args=[task.unit_id])

    answer = client.post(page, {**unit(), **INLINE}, follow=True)

    task.unit.refresh_from_db()
    assert not task.unit.is_active
    assert task.unit.code != "dreal"
    assert "Demandes qui attendent encore cette unité\N{NO-BREAK SPACE}: 1." in (
        answer.text
    )


def test_a_role_in_a_jurisdiction_has_one_unit(client):
    said = {"process": "subsidy", "role": Role.FUNDER, "unit": factories.office().pk}
    client.post(NEW_REMIT, said)
    page = client.post(NEW_REMIT, {**said, "unit": factories.office("other").pk})

    assert "Une unité a déjà ce rôle partout." in page.text
    assert str(Remit.objects.get()) == (
        "Projet subventionné, service financeur, partout → Bureau office"
    )


def test_only_known_procedures_have_competences(client):
    said = {"process": "unknown", "role": Role.FUNDER, "unit": factories.office().pk}
    client.post(NEW_REMIT, said)

    assert not Remit.objects.exists()
