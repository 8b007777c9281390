"""Receipts are given after a decision, sent with it, and kept at an address."""

import re

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from flows.operation import State
from flows.roles import Role
from tests.operations.factories import (
    auditor,
    opened,
    operation_at,
    person,
    stranger,
)
from tests.operations.forms import address, text_of
from workflow import outbox
from workflow.models import Checkpoint, Event
from workflow.trail import receipts, sealing
from workflow.trail.notes import Signer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def page_of(event):
    return reverse("receipt", args=[event.case.reference, event.seq])


def seal():
    key = Signer.of_pem("erbm.invalid/journal", Signer.new_pem())
    return sealing.seal(by=key, at=timezone.now())


@pytest.fixture
def event():
    operation = operation_at(State.PROPOSED)
    return Event.objects.filter(case=operation.case).latest("seq")


def test_its_address_is_made_of_what_the_paper_says(event):
    assert page_of(event) == f"/recus/{event.case.reference}/{event.seq}/"


def test_it_says_that_it_waits_then_what_seals_it(client, event):
    client.force_login(auditor())

    waiting = text_of(client.get(page_of(event)))
    seal()
    sealed = text_of(client.get(page_of(event)))

    assert "En attente de sceau" in waiting
    assert bytes(event.hash).hex() in waiting
    assert f"Par le point de contrôle {Checkpoint.objects.get().size}" in sealed
    assert str(receipts.of_event(event)).replace("\xa0", " ") in sealed.replace(
        "\xa0", " "
    )


def test_whoever_may_not_know_of_the_operation_gets_none(client, event):
    client.force_login(stranger())

    assert client.get(page_of(event)).status_code == 404
    client.logout()
    assert client.get(page_of(event)).status_code == 302


@pytest.mark.parametrize("place", ["{ref}/99/", "R-1999-00001/1/", "{ref}/0/"])
def test_there_is_no_receipt_of_nothing(client, event, place):
    client.force_login(auditor())

    url = f"/recus/{place.format(ref=event.case.reference)}"
    assert client.get(url).status_code == 404


def test_one_is_led_to_it_after_a_decision_and_from_the_journal(client):
    operation = opened()
    owner = person(operation, Role.OWNER)
    client.force_login(owner)
    form = client.get(address("edit", operation)).context["form"]
    said = {name: form[name].value() or "" for name in form.fields}
    said["title"] = "Autre intitulé"

    response = client.post(address("edit", operation), said, follow=True)

    event = Event.objects.filter(case=operation.case).latest("seq")
    assert f'<a href="{page_of(event)}">Garder ce reçu</a>' in response.text
    journal = client.get(address("trail", operation)).text
    for one in operation.case.events.all():
        assert f'href="{page_of(one)}"' in journal


def test_letters_of_a_decision_bear_its_receipt(event, settings):
    settings.BASE_URL = "https://erbm.example"
    mail.outbox.clear()

    outbox.deliver(limit=200, at=timezone.now())

    told = [m for m in mail.outbox if page_of(event) in m.body]
    assert told
    for letter in told:
        found = re.search(r"Reçu[^:]*\xa0: (.+)", letter.body)
        assert receipts.problems(receipts.read(found[1])) == []
        assert receipts.read(found[1]).seq == event.seq
        assert f"https://erbm.example{page_of(event)}" in letter.body
