"""The administration is for administrators, and the engine is out of its reach."""

import datetime

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from erbm.accounts.models import Appointment, User
from erbm.administration import site
from erbm.committees.models import Body, Seat
from erbm.operations.models import ConsultationRule
from erbm.organisations.models import Organisation, Remit
from erbm.programme.models import Tag, Theme
from erbm.territory.models import Cite, Commune, Epci
from flows.roles import Role
from tests.accounts import factories
from workflow.models import Jurisdiction, Unit

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
INDEX = "/administration/"
KEPT = {User, Appointment, Unit, Remit, ConsultationRule, Body, Theme, Tag, Cite}
SHOWN = {Commune, Epci, LogEntry}
ERASABLE = {Remit, ConsultationRule}


def address(model, page, *args):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
    return reverse(name, args=args)


@pytest.fixture
def administrator(client):
    administrator = factories.administrator()
    client.force_login(administrator)
    return administrator


@pytest.fixture
def rows(administrator):
    """Make one row of each table."""
    unit = factories.office()
    Organisation.objects.create(unit=unit, category="state")
    everywhere = {"role": Role.FUNDER, "unit": unit}
    return {
        User: administrator,
        Appointment: Appointment.objects.get(user=administrator),
        Unit: unit,
        Remit: Remit.objects.create(process="subsidy", **everywhere),
        ConsultationRule: ConsultationRule.objects.create(kind="subsidy", unit=unit),
        Body: Body.objects.create(
            code="comite",
            name="Comité",
            kind="committee",
            jurisdiction=Jurisdiction.objects.create(code="lens", name="Lens"),
        ),
        Theme: Theme.objects.create(code="housing", label="Logement"),
        Tag: Tag.objects.create(code="crte", label="CRTE"),
        Cite: Cite.objects.create(code="ormes", name="Ormes", source="Invention"),
        Commune: Commune.objects.create(code="62498", name="Lens", departement="62"),
        Epci: Epci.objects.create(siren="246200364", name="Lens-Liévin"),
        LogEntry: LogEntry.objects.create(
            user=administrator, object_repr="Lens", action_flag=1
        ),
    }


# Who gets in


@pytest.mark.parametrize("role", Role)
def test_only_the_role_of_administrator_opens_it(client, role):
    user = factories.person("noa")
    factories.holds(user, role)
    client.force_login(user)

    expected = 200 if role == Role.ADMINISTRATOR else 404
    assert client.get(INDEX).status_code == expected


def test_every_page_is_hidden_from_the_others(client, rows):
    client.force_login(factories.person("noa"))

    pages = [address(model, "changelist") for model in rows]
    pages += [address(model, "add") for model in rows]
    pages += [address(model, "change", row.pk) for model, row in rows.items()]
    pages += [address(model, "delete", row.pk) for model, row in rows.items()]
    pages += [reverse("admin:autocomplete"), reverse("admin:jsi18n")]
    assert {client.get(page).status_code for page in pages} == {404}
    assert {client.post(page).status_code for page in pages} == {404}


@pytest.mark.parametrize(
    ("starts", "ends"), [(-2 * DAY, -DAY), (DAY, None), (DAY, 2 * DAY)]
)
def test_a_role_that_is_over_or_to_come_opens_nothing(client, starts, ends):
    today = timezone.localdate()
    user = factories.person("noa")
    factories.holds(
        user,
        Role.ADMINISTRATOR,
        starts_on=today + starts,
        ends_on=today + ends if ends else None,
    )
    client.force_login(user)

    assert client.get(INDEX).status_code == 404


def test_a_role_through_a_unit_at_rest_opens_nothing(client, administrator):
    Unit.objects.update(is_active=False)

    assert client.get(INDEX).status_code == 404


def test_django_s_own_flags_open_nothing(client):
    client.force_login(factories.person("root", is_staff=True, is_superuser=True))

    assert client.get(INDEX).status_code == 404


def test_one_signs_in_on_the_page_of_everybody(client):
    response = client.get(INDEX, follow=True)

    assert response.redirect_chain[-1][0].startswith(reverse("account_login"))
    assert "next=/administration/" in response.redirect_chain[-1][0]


@pytest.mark.parametrize(
    ("page", "own"),
    [
        ("logout", "account_logout"),
        ("password_change", "account_change_password"),
    ],
)
def test_signing_out_and_passwords_are_elsewhere(client, administrator, page, own):
    assert client.get(reverse(f"admin:{page}")).url == reverse(own)


def test_the_menu_leads_there(client, administrator):
    assert f'href="{INDEX}"' in client.get(reverse("plan")).text


# What is there


def test_the_tables_are_those_and_no_other():
    assert set(site._registry) == KEPT | SHOWN


def test_nothing_of_the_engine_has_a_page(client, administrator):
    out_of_reach = [model for model in apps.get_models() if model not in KEPT | SHOWN]
    engine = {m.__name__ for m in out_of_reach if m._meta.app_label == "workflow"}
    assert engine >= {"Case", "Party", "Task", "Journey", "Event", "EventText"}
    assert engine >= {"Message", "Signature", "Counter", "Membership", "Competence"}

    answers = {
        client.get(f"{INDEX}{model._meta.app_label}/{model._meta.model_name}/")
        for model in out_of_reach
    }

    assert {answer.status_code for answer in answers} == {404}


def test_no_form_reaches_a_row_of_the_engine(rf, rows):
    request = rf.get(INDEX)
    request.user = rows[User]
    touched = {
        inline.model
        for table in site._registry.values()
        for inline in table.get_inline_instances(request)
    }

    assert touched == {Organisation, Seat}


@pytest.mark.parametrize(
    "model", sorted(KEPT | SHOWN, key=str), ids=lambda model: model.__name__
)
def test_a_table_is_listed_and_read(client, rows, model):
    assert client.get(address(model, "changelist")).status_code == 200
    page = client.get(address(model, "change", rows[model].pk))
    assert page.status_code == 200
    assert ('name="_save"' in page.text) == (model in KEPT)
    adding = client.get(address(model, "add"))
    assert adding.status_code == (200 if model in KEPT else 403)


@pytest.mark.parametrize(
    "model", sorted(KEPT | SHOWN, key=str), ids=lambda model: model.__name__
)
def test_only_what_no_history_hangs_on_is_erased(client, rows, model):
    answer = client.post(address(model, "delete", rows[model].pk), {"post": "yes"})

    assert answer.status_code == (302 if model in ERASABLE else 403)
    assert model.objects.filter(pk=rows[model].pk).exists() == (model not in ERASABLE)


@pytest.mark.parametrize(
    "model", sorted(KEPT | SHOWN, key=str), ids=lambda model: model.__name__
)
def test_nothing_is_erased_in_bulk(rf, rows, model):
    request = rf.get(INDEX)
    request.user = rows[User]

    assert "delete_selected" not in site._registry[model].get_actions(request)


@pytest.mark.parametrize(
    "model", sorted(SHOWN, key=str), ids=lambda model: model.__name__
)
def test_what_is_shown_for_memory_is_not_changed(client, rows, model):
    answer = client.post(address(model, "change", rows[model].pk), {"name": "Autre"})

    assert answer.status_code == 403
    assert "Autre" not in client.get(address(model, "changelist")).text


def test_an_application_has_no_page_of_its_own(client, administrator):
    page = reverse("admin:app_list", args=["workflow"])

    assert client.get(page).url == INDEX


@pytest.mark.parametrize(
    "model", sorted(KEPT | SHOWN, key=str), ids=lambda model: model.__name__
)
def test_a_list_asks_as_much_for_one_row_as_for_many(
    client, rows, model, django_assert_max_num_queries
):
    client.get(INDEX)
    Theme.objects.bulk_create(Theme(code=f"t{n}", label="T") for n in range(20))
    for number in range(20):
        unit = factories.office(f"office-{number}")
        Organisation.objects.create(unit=unit, category="other")
        somewhere = Jurisdiction.objects.create(code=f"j{number}", name="Ici")
        Remit.objects.create(
            process="subsidy", role=Role.OWNER, unit=unit, jurisdiction=somewhere
        )
        factories.holds(factories.person(f"p{number}"), Role.OWNER, unit=unit)

    with django_assert_max_num_queries(12):
        client.get(address(model, "changelist"))


# In which words


@pytest.mark.parametrize(
    ("model", "labels"),
    [
        (User, ["Adresse électronique", "Prénom", "Nom", "Fonction"]),
        (
            Appointment,
            ["Personne", "Unité", "Rôle", "Ressort", "Depuis le", "Jusqu’au"],
        ),
        (Unit, ["Nom court", "Boîte fonctionnelle", "En activité", "Catégorie"]),
        (Remit, ["Procédure", "Rôle", "Ressort", "Unité"]),
        (ConsultationRule, ["Nature", "Département", "Unité consultée"]),
        (Theme, ["Code", "Intitulé", "Rang"]),
        (Cite, ["Bailleur", "Logements", "Source", "Date de la source"]),
    ],
)
def test_the_forms_are_in_french(client, administrator, model, labels):
    page = client.get(address(model, "add")).text

    assert [label for label in labels if f"{label}" not in page] == []
    assert "Enregistrer" in page


def test_every_change_is_kept_with_its_author(client, rows):
    theme = rows[Theme]

    client.post(
        address(Theme, "change", theme.pk),
        {"code": "autre", "label": "Habitat", "rank": "3"},
    )

    theme.refresh_from_db()
    assert (theme.code, theme.label) == ("housing", "Habitat")
    entry = LogEntry.objects.latest("pk")
    assert (entry.user, entry.object_repr) == (rows[User], "Habitat")
    assert "Habitat" in client.get(address(LogEntry, "changelist")).text
