"""Signing in and out, and passwords, as a person does it."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from erbm.accounts.models import User

PASSWORD = "terril-de-loos-en-gohelle"
ANOTHER = "chevalement-de-wallers"


@pytest.fixture
def person(db):
    return User.objects.create_user(
        "camille@demo.example",
        PASSWORD,
        first_name="Camille",
        last_name="Durand",
        position="Agente de la DDTM",
    )


def sign_in(client, login="camille@demo.example", password=PASSWORD, to="", **how):
    said = {"login": login, "password": password, "next": to}
    return client.post(reverse("account_login"), said, **how)


def test_one_signs_in_by_e_mail_whatever_its_case(client, person):
    response = sign_in(client, login="Camille@Demo.example")

    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(person.pk)


def test_one_comes_back_to_the_page_one_asked_for(client, person):
    assert sign_in(client, to="/plan-du-site/").url == "/plan-du-site/"


def test_one_is_never_sent_to_another_site(client, person):
    assert sign_in(client, to="https://intrus.example/").url == "/"


@pytest.mark.parametrize("login", ["camille@demo.example", "nobody@demo.example"])
def test_a_refusal_does_not_say_whether_the_account_exists(client, person, login):
    response = sign_in(client, login=login, password="faux")

    assert response.status_code == 200
    assert "ne sont pas corrects" in response.text
    assert "_auth_user_id" not in client.session


def test_a_closed_account_cannot_sign_in(client, person):
    User.objects.update(is_active=False)

    sign_in(client)

    assert "_auth_user_id" not in client.session


def test_signing_out_takes_a_post(client, person):
    client.force_login(person)

    assert client.get(reverse("account_logout")).status_code == 200
    assert "_auth_user_id" in client.session
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


def test_nobody_opens_an_account_for_oneself(client):
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")


def test_accounts_of_the_demonstration_are_shown_in_the_demonstration_only(
    client, person, settings
):
    User.objects.create_user("vrai@service.example", first_name="Vrai")
    settings.DEMO_PASSWORD = PASSWORD
    settings.DEMO = False
    assert PASSWORD not in client.get(reverse("account_login")).text

    settings.DEMO = True
    page = client.get(reverse("account_login")).text

    assert "Agente de la DDTM" in page
    assert PASSWORD in page
    assert "vrai@service.example" not in page


def test_a_forgotten_password_is_replaced_by_a_link_that_serves_once(client, person):
    client.post(reverse("account_reset_password"), {"email": person.email})
    [letter] = mail.outbox
    link = re.search(r"http://testserver(/\S+)", letter.body).group(1)

    form = client.get(link, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": ANOTHER, "password2": ANOTHER})

    person.refresh_from_db()
    assert letter.subject == "Choisir un nouveau mot de passe (ERBM)"
    assert person.check_password(ANOTHER)
    assert "n’est plus valable" in client.get(link, follow=True).text


def test_asking_for_an_unknown_address_looks_the_same(client, person):
    known = client.post(reverse("account_reset_password"), {"email": person.email})
    unknown = client.post(
        reverse("account_reset_password"), {"email": "nobody@demo.example"}
    )

    assert known.url == unknown.url


def test_one_changes_ones_password(client, person):
    client.force_login(person)

    response = client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": ANOTHER, "password2": ANOTHER},
        follow=True,
    )

    person.refresh_from_db()
    assert person.check_password(ANOTHER)
    assert "Votre mot de passe est changé." in response.text


def test_a_weak_password_is_refused_with_the_reason(client, person):
    client.force_login(person)

    response = client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": "court", "password2": "court"},
    )

    assert "12 caractères" in response.text
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_one_proves_who_one_is_before_a_grave_decision(client, person):
    sign_in(client)

    wrong = client.post(reverse("account_reauthenticate"), {"password": "faux"})
    right = client.post(
        reverse("account_reauthenticate"),
        {"password": PASSWORD, "next": "/plan-du-site/"},
    )

    assert wrong.status_code == 200
    assert right.url == "/plan-du-site/"


@pytest.mark.parametrize(
    "name",
    [
        "account_login",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
        "account_inactive",
    ],
)
def test_pages_before_sign_in_are_in_french_and_without_placeholders(client, db, name):
    page = client.get(reverse(name)).text

    assert "placeholder" not in page
    assert "<h1>" in page
    assert not re.search(r"\b(Password|Sign In|Email|your)\b", page)


def test_failures_are_counted_whatever_the_host_one_says(client, person):
    cache.clear()
    refused = [
        sign_in(
            client,
            password="faux",
            headers={"host": f"localhost:{number}"},
            REMOTE_ADDR=f"192.0.2.{number}",
        )
        for number in range(1, 7)
    ]

    assert "Trop d’essais" not in refused[4].text
    assert "Trop d’essais" in refused[5].text


def test_a_stranger_who_fails_keeps_nobody_from_proving_who_she_is(client, person):
    cache.clear()
    client.force_login(person)
    for number in range(6):
        sign_in(Client(), password="faux", REMOTE_ADDR=f"192.0.2.{number}")

    proof = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    assert proof.status_code == 302


def test_one_who_is_signed_in_does_not_try_passwords_for_ever(client, person):
    cache.clear()
    client.force_login(person)
    tried = [
        client.post(
            reverse("account_reauthenticate"),
            {"password": "faux"},
            REMOTE_ADDR=f"192.0.2.{number}",
        )
        for number in range(6)
    ]

    assert "Trop d’essais" not in tried[4].text
    assert "Trop d’essais" in tried[5].text
