"""Lists leave as files: what one may see, all of it, and the register says so."""

import csv
import datetime
import io
import json

import openpyxl
import pytest
from django.urls import reverse

from erbm import tables
from flows.operation import State
from flows.roles import Role
from tests.desk import scenes
from tests.operations import factories
from workflow.inbox import Box
from workflow.models import Entry, Membership

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

LISTS = ["operations:export", "export_tasks"]


@pytest.fixture
def owner(client):
    person = scenes.owner()
    client.force_login(person)
    return person


def taken(client, name, query="", form="csv"):
    response = client.post(f"{reverse(name)}?{query}", {"form": form})
    assert response.status_code == 200, response
    return b"".join(response.streaming_content)


def rows(client, name, query=""):
    text = taken(client, name, query).decode().removeprefix(tables.BOM)
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def referred(found):
    return [row["Référence"] for row in found]


@pytest.mark.parametrize("name", LISTS)
def test_all_the_pages_are_in_the_file(client, owner, name):
    operations = scenes.opened(60)

    found = rows(client, name)

    assert sorted(referred(found)) == sorted(scenes.references(operations))


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("person", [scenes.nobody, factories.stranger])
def test_what_one_may_not_see_is_not_in_it(client, name, person):
    scenes.opened(2)
    client.force_login(person())

    assert rows(client, name) == []


def test_the_territory_bounds_it(client):
    scenes.opened()
    [douai] = scenes.opened(commune=scenes.DOUAI)
    person = scenes.nobody()
    Membership.objects.create(
        user=person,
        unit=factories.unit("mission-audit"),
        role=Role.AUDITOR,
        jurisdiction=douai.case.jurisdiction,
        starts_on=datetime.date(2020, 1, 1),
    )
    client.force_login(person)

    assert referred(rows(client, "operations:export")) == [douai.case.reference]


def test_filters_and_order_are_those_of_the_page(client, owner):
    small, large = scenes.opened(cost_cents=1_00), scenes.opened(cost_cents=9_00)
    scenes.opened(commune=scenes.DOUAI)

    lens = small[0].case.jurisdiction.code
    found = rows(client, "operations:export", f"jurisdiction={lens}&sort=amount")

    assert referred(found) == scenes.references(large + small)
    assert found[0]["Coût (€)"] == "9,00"
    assert found[0]["Communes"] == "Lens"


def test_a_search_is_in_the_order_of_the_page(client, owner):
    scenes.opened(title="Autre")
    wanted = scenes.opened(title="Verdure")

    found = rows(client, "operations:export", "q=verd")

    assert referred(found) == scenes.references(wanted)


@pytest.mark.parametrize("box", Box)
def test_every_box_has_its_file(client, box):
    operation = factories.operation_at(State.PROPOSED)
    client.force_login(factories.person(operation, Role.OWNER))
    client.post(reverse("follow", args=[operation.pk]))
    page = client.get(reverse("inbox"), {"box": box.value})

    found = rows(client, "export_tasks", f"box={box.value}")

    assert referred(found) == scenes.shown(page)
    assert (box not in {Box.FOLLOWED, Box.DONE}) or found


@pytest.mark.parametrize("name", LISTS)
def test_a_workbook_has_the_same_rows(client, owner, name):
    [operation] = scenes.opened(title="=1+1")

    book = openpyxl.load_workbook(io.BytesIO(taken(client, name, form="xlsx")))

    head, row = book.active.iter_rows(values_only=True)
    assert head[0] == "Référence"
    assert row[:3] == (operation.case.reference, "Réhabilitation", "=1+1")
    assert not any(c.data_type == "f" for line in book.active for c in line)


@pytest.mark.parametrize("name", LISTS)
def test_a_title_is_no_formula(client, owner, name):
    scenes.opened(title="=cmd|'/C calc'!A0")

    [row] = rows(client, name)

    assert "'=cmd|'/C calc'!A0" in row.values()


@pytest.mark.parametrize(
    ("name", "said"),
    [("operations:export", {"kind": "subsidy"}), ("export_tasks", {"box": "mine"})],
)
def test_the_register_says_who_took_what_and_not_the_words_typed(
    client, owner, name, said
):
    [(key, value)] = said.items()

    taken(client, name, f"{key}={value}&q=Dupont", form="xlsx")

    entry = Entry.objects.get(kind="list_exported")
    facts = json.loads(entry.body)["facts"]
    assert entry.actor == owner
    assert facts["form"] == "xlsx"
    assert facts["said"][key] == value
    assert "Dupont" not in entry.body
    assert "Dupont" in entry.text.text


@pytest.mark.parametrize("name", LISTS)
def test_nothing_is_taken_by_a_mere_look_nor_in_another_form(client, owner, name):
    url = reverse(name)

    assert client.get(url).status_code == 405
    assert client.post(url, {"form": "exe"}).status_code == 400
    client.logout()
    assert client.post(url, {"form": "csv"}).status_code == 302
    assert not Entry.objects.filter(kind="list_exported").exists()


@pytest.mark.parametrize("name", LISTS)
def test_more_rows_ask_no_more_questions(
    client, owner, name, django_assert_max_num_queries
):
    scenes.opened(30)

    with django_assert_max_num_queries(16):
        taken(client, name)
