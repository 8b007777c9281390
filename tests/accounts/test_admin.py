"""Accounts are opened and closed, roles are given and ended, never one's own."""

import datetime
import re

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from erbm.accounts import queries
from erbm.accounts.admin import OWN_ROLES
from erbm.accounts.models import Appointment, User
from flows.roles import Role
from tests.accounts import factories
from workflow.models import Membership

pytestmark = pytest.mark.django_db

PEOPLE = reverse("admin:accounts_user_changelist")
NEW_PERSON = reverse("admin:accounts_user_add")
NEW_ROLE = reverse("admin:accounts_appointment_add")
PASSWORD = "terril-de-loos-en-gohelle"
NAMES = {"first_name": "Noa", "last_name": "Petit", "position": ""}
DAY = datetime.timedelta(days=1)


@pytest.fixture
def administrator(client):
    administrator = factories.administrator()
    client.force_login(administrator)
    return administrator


def page_of(row):
    return reverse(f"admin:accounts_{row._meta.model_name}_change", args=[row.pk])


def appointed(user, **facts):
    return Appointment.objects.get(pk=factories.holds(user, Role.OWNER, **facts).pk)


def open_account(client, email="noa@x.example"):
    """Fill in the form of a new person, and come to the page after it."""
    return client.post(NEW_PERSON, {"email": email, **NAMES}, follow=True)


def link_in(letter):
    return re.search(r"https?://[^/]+(/\S+/mot-de-passe/\S+/)", letter.body)[1]


# Accounts


def test_a_person_chooses_her_password_by_the_link_of_a_letter(
    client, administrator, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        open_account(client, "Noa@X.example")

    noa = User.objects.get(email="noa@x.example")
    assert not noa.has_usable_password()
    [letter] = mail.outbox
    assert letter.to == ["noa@x.example"]
    client.logout()
    form = client.get(link_in(letter), follow=True)
    chosen = {"password1": PASSWORD, "password2": PASSWORD}
    client.post(form.request["PATH_INFO"], chosen)
    noa.refresh_from_db()
    assert noa.check_password(PASSWORD)


def test_whoever_has_not_chosen_a_password_may_ask_for_another_link(client):
    factories.person("noa")

    client.post(reverse("account_reset_password"), {"email": "noa@x.example"})

    [letter] = mail.outbox
    assert link_in(letter)


@pytest.mark.django_db(transaction=True)
def test_a_letter_that_cannot_leave_does_not_lose_the_account(
    client, administrator, monkeypatch
):
    def away(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("erbm.accounts.invitations.send_mail", away)

    page = open_account(client)

    assert User.objects.filter(email="noa@x.example").exists()
    assert "n’a pas pu partir vers noa@x.example" in page.text


def test_an_address_has_one_account(client, administrator):
    page = open_account(client, administrator.email.upper())

    assert "Un compte a déjà cette adresse." in page.text


def test_a_former_address_is_told_of_the_new_one(
    client, administrator, django_capture_on_commit_callbacks
):
    noa = factories.person("noa")

    with django_capture_on_commit_callbacks(execute=True):
        client.post(page_of(noa), {"email": "n@y.example", "is_active": "on", **NAMES})

    [letter] = mail.outbox
    assert letter.to == ["noa@x.example"]
    assert "n@y.example" in letter.body


def test_a_former_address_opens_nothing_any_more(
    client, administrator, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        open_account(client)
    chosen = {"password1": PASSWORD, "password2": PASSWORD}
    somebody = Client()
    form = somebody.get(link_in(mail.outbox[0]), follow=True)
    somebody.post(form.request["PATH_INFO"], chosen)
    person = User.objects.get(email="noa@x.example")

    client.post(page_of(person), {"email": "noa@y.example", "is_active": "on", **NAMES})
    mail.outbox.clear()
    Client().post(reverse("account_reset_password"), {"email": "noa@x.example"})

    assert mail.outbox == []
    assert not Client().login(email="noa@x.example", password=PASSWORD)
    assert Client().login(email="noa@y.example", password=PASSWORD)


def test_closing_an_account_ends_its_sessions(client, administrator):
    noa = factories.person("noa")
    visitor = type(client)()
    visitor.force_login(noa)
    assert visitor.get("/", follow=True).status_code == 200

    client.post(page_of(noa), {"email": noa.email, **NAMES})

    noa.refresh_from_db()
    assert not noa.is_active
    assert visitor.get("/plan-du-site/").wsgi_request.user.is_anonymous
    assert visitor.get("/").url.startswith(reverse("account_login"))


def test_nobody_closes_her_own_account(client, administrator):
    client.post(page_of(administrator), {"email": administrator.email, **NAMES})

    administrator.refresh_from_db()
    assert administrator.last_name == "Petit"
    assert administrator.is_active


def test_no_form_touches_passwords_nor_django_s_own_rights(client, administrator):
    noa = factories.person("noa", password=PASSWORD)
    forged = {"password": "x", "is_superuser": "on", "is_staff": "on", "key": ""}

    client.post(
        page_of(noa), {"email": noa.email, "is_active": "on", **NAMES, **forged}
    )

    noa.refresh_from_db()
    assert noa.last_name == "Petit"
    assert noa.check_password(PASSWORD)
    assert not noa.is_superuser
    assert not noa.is_staff


def test_a_list_lets_nobody_guess_the_digest_of_a_password(client, administrator):
    refused = client.get(f"{PEOPLE}?password__startswith=argon2")

    assert refused.status_code == 400


def test_a_link_is_sent_again_to_open_accounts_alone(client, administrator):
    noa, closed = factories.person("noa"), factories.person("zoe", is_active=False)

    client.post(
        PEOPLE, {"action": "send_link", "_selected_action": [noa.pk, closed.pk]}
    )

    assert [letter.to for letter in mail.outbox] == [["noa@x.example"]]


def test_the_page_of_a_person_leads_to_her_roles(client, administrator):
    noa = factories.person("noa")
    role = appointed(noa)

    page = client.get(page_of(noa)).text

    assert page_of(role) in page
    assert "porteur de l’opération, office, depuis le 1er\N{NO-BREAK SPACE}" in page


# Roles


def asked(user, role=Role.OWNER, **said):
    return {
        "user": user.pk,
        "unit": factories.office().pk,
        "role": role,
        "starts_on": "2026-01-01",
        **said,
    }


def test_a_role_is_given_to_somebody_else(client, administrator):
    noa = factories.person("noa")

    client.post(NEW_ROLE, asked(noa))

    assert Membership.objects.get(user=noa).role == Role.OWNER
    entry = LogEntry.objects.get()
    assert entry.user == administrator
    assert entry.object_repr.startswith("Noa Durand, porteur de l’opération, office")


def test_a_head_of_a_unit_is_named_and_replaced(client, administrator):
    noa = factories.person("noa")

    client.post(NEW_ROLE, asked(noa, is_head="on"))

    role = Membership.objects.get(user=noa)
    assert role.is_head
    page = page_of(Appointment.objects.get(pk=role.pk))
    assert client.post(page, {"ends_on": ""}).status_code == 302
    role.refresh_from_db()
    assert not role.is_head


@pytest.mark.parametrize("role", Role)
def test_nobody_gives_herself_a_role(client, administrator, role):
    page = client.post(NEW_ROLE, asked(administrator, role))

    assert OWN_ROLES in page.text
    assert Membership.objects.filter(user=administrator).count() == 1
    assert not LogEntry.objects.exists()


def test_nobody_changes_or_ends_her_own_roles(client, administrator):
    own = Appointment.objects.get(user=administrator)

    page = client.post(page_of(own), {"ends_on": "2030-01-01"})

    assert OWN_ROLES in page.text
    own.refresh_from_db()
    assert own.ends_on is None


def test_nobody_gives_up_her_own_role_to_come(client, administrator):
    own = appointed(administrator, starts_on=timezone.localdate() + DAY)
    erase = reverse("admin:accounts_appointment_delete", args=[own.pk])

    assert client.post(erase, {"post": "yes"}).status_code == 403
    assert Appointment.objects.filter(pk=own.pk).exists()


def test_a_role_that_runs_is_ended_and_not_rewritten(client, administrator):
    noa, zoe = factories.person("noa"), factories.person("zoe")
    role = appointed(noa)

    forged = asked(zoe, Role.PREFECT, unit=factories.office("elsewhere").pk)
    client.post(page_of(role), {**forged, "ends_on": "2030-01-01"})

    role.refresh_from_db()
    assert role.ends_on == datetime.date(2030, 1, 1)
    assert (role.user, role.role, role.unit) == (noa, Role.OWNER, factories.office())
    assert role.starts_on == factories.LONG_AGO


def test_a_role_to_come_can_be_given_up(client, administrator):
    role = appointed(factories.person("noa"), starts_on=timezone.localdate() + DAY)
    erase = reverse("admin:accounts_appointment_delete", args=[role.pk])
    assert client.post(erase, {"post": "yes"}).status_code == 302
    assert not Appointment.objects.filter(pk=role.pk).exists()


def test_a_role_does_not_end_before_it_begins(client, administrator):
    role = appointed(factories.person("noa"))

    page = client.post(page_of(role), {"ends_on": "2019-12-31"})

    assert "Un rôle ne peut finir avant de commencer." in page.text


def test_a_role_is_held_once(client, administrator):
    noa = factories.person("noa")
    appointed(noa)

    page = client.post(NEW_ROLE, asked(noa, starts_on=str(factories.LONG_AGO)))

    assert "Cette personne tient déjà ce rôle." in page.text


def test_only_known_roles_are_given(client, administrator):
    noa = factories.person("noa")

    client.post(NEW_ROLE, asked(noa, "emperor"))

    assert not Membership.objects.filter(user=noa).exists()


# The first administrator


def test_the_first_administrator_is_appointed_from_the_terminal(client, capsys):
    factories.office()

    call_command("appoint_administrator", "Ada@X.example", "office")

    ada = User.objects.get(email="ada@x.example")
    assert queries.administers(ada, timezone.localdate())
    path = re.search(r"http://[^/]+(\S+)", capsys.readouterr().out)[1]
    assert client.get(path, follow=True).status_code == 200


def test_to_appoint_twice_changes_nothing(capsys):
    ada = factories.administrator()

    call_command("appoint_administrator", ada.email, "office")

    assert ada.memberships.count() == 1


@pytest.mark.parametrize(
    ("email", "unit"), [("new@x.example", "unknown"), ("closed@x.example", "office")]
)
def test_a_closed_account_or_an_unknown_unit_is_refused(email, unit):
    factories.office()
    factories.person("closed", is_active=False)

    with pytest.raises(CommandError):
        call_command("appoint_administrator", email, unit)

    assert not Membership.objects.exists()
