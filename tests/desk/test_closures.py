"""Who heads a unit says when it is closed; who works there reads it."""

import datetime
import html

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.desk import scenes
from workflow.models import Closure, Membership

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

DAY = datetime.timedelta(days=1)


@pytest.fixture
def head(client):
    person = scenes.owner()
    Membership.objects.filter(user=person).update(is_head=True)
    client.force_login(person)
    return person


@pytest.fixture
def unit(head):
    return head.memberships.get().unit


def days(first=10, last=14, label="Congés d’été"):
    today = timezone.localdate()
    return {
        "first_on": (today + first * DAY).isoformat(),
        "last_on": (today + last * DAY).isoformat(),
        "label": label,
    }


def add(client, unit, **said):
    typed = {f"{unit.pk}-{name}": value for name, value in days(**said).items()}
    return client.post(reverse("add_closure", args=[unit.pk]), typed)


def page(client):
    return html.unescape(client.get(reverse("closures")).content.decode())


def remove(client, unit, closure):
    return client.post(reverse("remove_closure", args=[unit.pk, closure.pk]))


def test_a_head_closes_her_unit_and_opens_it_again(client, unit):
    assert add(client, unit).status_code == 302
    closure = Closure.objects.get()
    assert (closure.unit, closure.label) == (unit, "Congés d’été")
    assert "Congés d’été" in page(client)

    remove(client, unit, closure)
    assert not Closure.objects.exists()
    assert "Aucune fermeture à venir." in page(client)


def test_the_page_of_the_unit_leads_to_it(client, unit):
    shown = client.get(reverse("unit", args=[unit.pk])).content.decode()

    assert f'href="{reverse("closures")}"' in shown


def test_who_works_there_reads_it_and_changes_nothing(client, unit):
    add(client, unit)
    client.force_login(scenes.colleague())

    assert "Congés d’été" in page(client)
    assert "Inscrire la fermeture" not in page(client)
    assert add(client, unit, first=20, last=21).status_code == 404
    assert remove(client, unit, Closure.objects.get()).status_code == 404
    assert Closure.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"first": 14, "last": 10}, "ne peut finir avant de commencer"),
        ({"first": -9, "last": -3}, "déjà finie"),
        ({"label": ""}, "Motif"),
    ],
)
def test_what_makes_no_sense_is_shown_again_with_the_reason(client, unit, said, words):
    response = add(client, unit, **said)

    assert response.status_code == 422
    assert words in html.unescape(response.content.decode())
    assert not Closure.objects.exists()


def test_a_closure_that_a_colleague_took_back_meanwhile_is_told(client, unit):
    add(client, unit)
    closure = Closure.objects.get()
    remove(client, unit, closure)

    response = client.post(
        reverse("remove_closure", args=[unit.pk, closure.pk]), follow=True
    )

    assert "déjà été retirée" in html.unescape(response.content.decode())


@pytest.mark.parametrize("name", ["add_closure", "remove_closure"])
def test_an_address_followed_without_form_leads_to_the_page(client, unit, name):
    args = [unit.pk] if name == "add_closure" else [unit.pk, 1]

    assert client.get(reverse(name, args=args)).url == reverse("closures")
