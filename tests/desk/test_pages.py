"""The frame of every page, and the pages that say something went wrong."""

import datetime
import re
from types import SimpleNamespace

import pytest
from django.db import connection
from django.template import TemplateSyntaxError
from django.test import Client
from django.urls import path, reverse
from django.utils import timezone

from erbm import errors, urls
from erbm.accounts.models import User
from erbm.desk import navigation, styles
from flows.roles import Role
from workflow.models import Membership, Unit

PUBLIC = ("account_login", "accessibility", "legal", "plan", "source")


def broken(request):
    raise RuntimeError


def conflict(request):
    return errors.conflict(
        request,
        case=SimpleNamespace(reference="REH-1", title="Cité des Ormes"),
        changes=[errors.Change("Camille Durand", timezone.now(), "Déclarer complet")],
        kept=[errors.Typed("Motif", "Deux\nlignes <b>")],
        resume_url="/operations/1/",
    )


urlpatterns = [
    *urls.urlpatterns,
    path("casse/", broken),
    path("conflit/", conflict),
    path("styles/", styles.page),
]
handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler500 = urls.handler500


@pytest.fixture(autouse=True)
def _with_broken_pages(settings):
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def person(db):
    person = User.objects.create_user(
        "c@x.example", first_name="Camille", last_name="D"
    )
    unit = Unit.objects.create(code="ddtm-62", name="DDTM", short_name="DDTM 62")
    Membership.objects.create(
        user=person,
        unit=unit,
        role=Role.LEAD_SERVICE,
        starts_on=datetime.date(2020, 1, 1),
    )
    return person


@pytest.mark.django_db
@pytest.mark.parametrize("name", PUBLIC)
def test_public_pages_need_no_sign_in(client, name):
    response = client.get(reverse(name))

    assert response.status_code == 200
    assert '<html lang="fr"' in response.text


@pytest.mark.django_db
def test_every_other_page_asks_for_a_sign_in(client):
    response = client.get(reverse("home"))

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_the_header_says_who_one_is_and_for_whom(client, person):
    client.force_login(person)

    response = client.get(reverse("plan"))

    assert "Camille D" in response.text
    assert "DDTM 62" in response.text


def test_a_page_asks_once_for_its_visitor(
    client, person, django_assert_max_num_queries
):
    client.force_login(person)
    client.get(reverse("plan"))  # the first page of a session writes it

    with django_assert_max_num_queries(4):  # session, user, memberships, unread
        client.get(reverse("plan"))


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/styles/", "/conflit/", reverse("account_login")])
def test_no_page_has_inline_scripts_or_styles(client, person, address):
    if address == "/conflit/":
        client.force_login(person)
    html = client.get(address).text

    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", html)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', html)


@pytest.mark.django_db
def test_the_policy_allows_nothing_from_elsewhere(client):
    policy = client.get(reverse("plan")).headers["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.django_db
def test_the_brand_is_neutral_unless_a_setting_says_otherwise(client, settings):
    neutral = client.get(reverse("plan")).text
    settings.BRAND = "state"
    state = client.get(reverse("plan")).text

    assert "République" not in neutral
    assert "neutral.css" in neutral
    assert "République" in state
    assert "neutral.css" not in state


@pytest.mark.django_db
def test_the_source_is_offered(client, settings):
    settings.SOURCE_URL = "https://source.example/erbm"

    assert "https://source.example/erbm" in client.get(reverse("source")).text
    assert reverse("source") in client.get(reverse("plan")).text


@pytest.mark.django_db
def test_an_unknown_address_is_404_in_french(client, person):
    client.force_login(person)

    response = client.get("/nulle-part/")

    assert response.status_code == 404
    assert "Cette page est introuvable" in response.text


def test_a_forbidden_page_is_403_in_french(rf, person):
    request = rf.get("/")
    request.user = person

    response = errors.forbidden(request, PermissionError())

    assert response.status_code == 403
    assert "Vous n’avez pas accès" in response.text


def test_a_failure_is_500_without_asking_the_database(rf):
    with connection.execute_wrapper(lambda *_: pytest.fail("asked")):
        response = errors.server_error(rf.get("/"))

    assert response.status_code == 500
    assert "Le service a rencontré une erreur" in response.text


def test_a_failure_never_shows_a_traceback(db, person):
    client = Client(raise_request_exception=False)
    client.force_login(person)

    response = client.get("/casse/")

    assert response.status_code == 500
    assert "RuntimeError" not in response.text
    assert "n’a pas été enregistré" in response.text


def test_the_last_words_need_no_template(rf, monkeypatch):
    def fail(name):
        raise TemplateSyntaxError

    monkeypatch.setattr(errors.loader, "render_to_string", fail)

    response = errors.server_error(rf.get("/"))

    assert response.status_code == 500
    assert "Rien n’a été enregistré" in response.text


def test_a_malformed_request_is_400_in_french(client):
    response = client.get(reverse("plan"), headers={"host": "intrus.example"})

    assert response.status_code == 400
    assert "n’a pas été comprise" in response.text


@pytest.mark.django_db
def test_an_expired_form_is_said_in_french():
    client = Client(enforce_csrf_checks=True)

    response = client.post(reverse("account_login"), {"login": "a@b.example"})

    assert response.status_code == 403
    assert "Ce formulaire a expiré" in response.text


def test_a_conflict_says_who_changed_what_and_keeps_what_was_typed(client, person):
    client.force_login(person)

    response = client.get("/conflit/")

    assert response.status_code == 409
    assert "Camille Durand" in response.text
    assert "Déclarer complet" in response.text
    assert "Deux<br>lignes &lt;b&gt;" in response.text
    assert 'href="/operations/1/"' in response.text


@pytest.mark.parametrize("name", ["400.html", "403_csrf.html", "429.html", "500.html"])
def test_pages_without_context_stand_alone(name):
    page = errors.loader.render_to_string(name)

    assert '<html lang="fr"' in page
    assert "{{" not in page


@pytest.mark.parametrize(
    ("roles", "name"),
    [
        ({Role.LEAD_SERVICE}, "inbox"),
        ({Role.PROJECT_DIRECTOR}, "dashboard"),
        ({Role.SUB_PREFECT}, "own_arrondissement"),
        ({Role.PROJECT_DIRECTOR, Role.CONSULTED}, "inbox"),
        ({Role.AUDITOR}, "audit:search"),
        ({Role.COMMITTEE_MEMBER}, "operations:list"),
        ({Role.ADMINISTRATOR}, "admin:index"),
        (set(), "inbox"),
    ],
)
def test_the_day_starts_where_there_is_something_to_do(roles, name):
    assert navigation.home_of(roles) == name


def test_home_leads_there(client, person):
    client.force_login(person)

    assert client.get(reverse("home")).url == reverse("inbox")
