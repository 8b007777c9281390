"""The register keeps who comes in, how surely, and who fails to."""

import datetime
import json

import pytest
from django.urls import reverse
from django.utils import timezone

from erbm.accounts.models import Appointment, User
from erbm.sessions import SEEN
from tests.accounts import factories
from tests.accounts.test_sign_in import PASSWORD, person, sign_in
from workflow.models import Entry

__all__ = ["person"]  # a fixture, which is looked up by its name

pytestmark = pytest.mark.usefixtures("person")


def said():
    entries = Entry.objects.order_by("pk")
    return [(one.kind, one.actor, json.loads(one.body)["facts"]) for one in entries]


def test_who_comes_in_is_written_with_her_level(client, person):
    sign_in(client)

    assert said() == [("signed_in", person, {"level": "password"})]


def test_who_leaves_is_written(client, person):
    sign_in(client)
    client.post(reverse("account_logout"))

    assert said()[1] == ("signed_out", person, {"why": "asked"})


def test_a_session_that_ends_by_itself_is_written_once(client, person, settings):
    sign_in(client)
    session = client.session
    session[SEEN] = (timezone.now() - datetime.timedelta(days=1)).timestamp()
    session.save()

    client.get("/")
    client.get("/")

    assert said()[1:] == [("signed_out", person, {"why": "idle"})]


@pytest.mark.parametrize("login", ["camille@demo.example", "nobody@demo.example"])
def test_who_fails_to_come_in_is_written_without_what_she_typed(client, person, login):
    sign_in(client, login=login, password="terril-faux")

    [(kind, actor, facts)] = said()
    account = person.pk if login == person.email else None
    assert (kind, actor) == ("sign_in_failed", None)
    assert facts == {"account": account, "level": "password"}
    entry = Entry.objects.get()
    assert "terril" not in entry.body + entry.text.text
    assert login not in entry.body + entry.text.text


def test_who_fails_to_prove_who_she_is_again_is_named(client, person):
    sign_in(client)
    client.post(reverse("account_reauthenticate"), {"password": f"{PASSWORD}!"})

    assert said()[-1][:2] == ("sign_in_failed", person)


def configured():
    """Return what the register says of each change, and the texts kept apart."""
    entries = Entry.objects.filter(kind="configured").order_by("pk")
    return [
        (json.loads(one.body)["facts"], json.loads(one.text.text)) for one in entries
    ]


@pytest.fixture
def administrator(client):
    administrator = factories.administrator()
    client.force_login(administrator)
    return administrator


NAMES = {"first_name": "Noa", "last_name": "Petit", "position": ""}


def test_an_account_opened_is_written_and_its_name_kept_apart(client, administrator):
    client.post(reverse("admin:accounts_user_add"), {"email": "noa@x.example", **NAMES})

    [(facts, texts)] = configured()
    noa = User.objects.get(email="noa@x.example")
    assert facts == {
        "table": "accounts.user",
        "row": noa.pk,
        "deed": "add",
        "changes": {
            "email": None,
            "first_name": None,
            "last_name": None,
            "position": None,
        },
    }
    assert texts["last_name.after"] == "Petit"
    entry = Entry.objects.get(kind="configured")
    assert entry.actor == administrator
    assert "Petit" not in entry.body
    assert "noa@" not in entry.body


def test_an_account_closed_is_written_before_and_after(client, administrator, person):
    page = reverse("admin:accounts_user_change", args=[person.pk])
    said = {"email": person.email, **NAMES}

    client.post(page, said)

    [(facts, texts)] = configured()
    assert facts["deed"] == "change"
    assert facts["changes"] == {
        "first_name": None,
        "last_name": None,
        "position": None,
        "is_active": [True, False],
    }
    assert (texts["last_name.before"], texts["last_name.after"]) == ("Durand", "Petit")


def test_a_page_saved_without_change_writes_nothing(client, administrator, person):
    page = reverse("admin:accounts_user_change", args=[person.pk])
    names = {n: getattr(person, n) for n in NAMES}

    client.post(page, {"email": person.email, "is_active": "on", **names})

    assert configured() == []


def test_a_role_given_and_given_up_is_written_by_its_references(
    client, administrator, person
):
    unit = factories.office()
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    client.post(
        reverse("admin:accounts_appointment_add"),
        {"user": person.pk, "unit": unit.pk, "role": "owner", "starts_on": tomorrow},
    )
    given = Appointment.objects.get(user=person)
    client.post(
        reverse("admin:accounts_appointment_delete", args=[given.pk]), {"post": "yes"}
    )

    [(added, _), (deleted, _)] = configured()
    assert added["changes"]["role"] == [None, "owner"]
    assert added["changes"]["user"] == [None, person.pk]
    assert added["changes"]["starts_on"] == [None, f"{tomorrow}"]
    assert (deleted["deed"], deleted["row"]) == ("delete", given.pk)
    assert deleted["changes"]["unit"] == [unit.pk, None]
