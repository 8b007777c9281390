"""A request is acknowledged by e-mail, once, and what was sent is kept."""

import hashlib
import json
import logging

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from erbm import printing
from erbm.grants import notifications
from erbm.grants.models import Acknowledgement
from flows.roles import Role
from tests.grants import factories
from tests.grants.factories import again, person
from workflow import outbox
from workflow.models import Entry, EntryKind, Event, Message, Unit

pytestmark = pytest.mark.django_db
LISTENER = "erbm.grants.notifications.acknowledge"


@pytest.fixture
def grant(reference):
    operation = factories.operation()
    Unit.objects.filter(pk=operation.owner_id).update(email="mairie@commune.example")
    Message.objects.all().delete()
    mail.outbox.clear()
    return factories.requested(operation, "fnadt")


def deliver():
    outbox.deliver(limit=20, at=timezone.now())


def sent():
    return [one for one in mail.outbox if one.attachments]


def test_article_r112_5_a_request_is_acknowledged_by_letter(client, grant):
    deliver()

    [letter] = sent()
    [(name, pdf, kind)] = letter.attachments
    assert letter.to == ["mairie@commune.example"]
    assert (name, kind) == (f"{grant.case.reference}-accuse.pdf", "application/pdf")
    for said in ("Demande reçue le", "Service chargé du dossier", "réputée rejetée"):
        assert said in letter.body
    kept = Acknowledgement.objects.get(grant=grant)
    entry = Entry.objects.get(kind=EntryKind.LETTER_SENT, case=grant.pk)
    facts = json.loads(entry.body)["facts"]
    assert facts["sha256"] == kept.sha256 == hashlib.sha256(pdf).hexdigest()
    assert facts["message_id"] == kept.message_id == letter.extra_headers["Message-ID"]
    assert "mairie@commune.example" in entry.text.text
    assert "mairie@commune.example" not in entry.body
    client.force_login(person(grant, Role.OWNER))
    page = client.get(reverse("grants:detail", args=[grant.pk]))
    assert "Accusé de réception envoyé au bénéficiaire" in page.text
    given = client.get(reverse("grants:receipt_pdf", args=[grant.pk]))
    assert given.content == pdf


@pytest.fixture
def drawn(monkeypatch):
    """Print nothing: what a sheet looks like is tested above."""
    monkeypatch.setattr(printing, "print_out", lambda document, *, at: b"%PDF-")


def event_of(grant):
    return Event.objects.get(case=grant.pk, kind="opening")


def test_it_is_sent_once_whatever_the_worker_does(drawn, grant):
    for _ in range(2):
        notifications.acknowledge(event_of(grant), key="k", at=timezone.now())

    assert len(sent()) == 1
    assert Acknowledgement.objects.count() == 1


def test_a_letter_that_could_not_leave_is_not_said_to_have_left(
    drawn, grant, monkeypatch
):
    def fail(self, **said):
        raise ConnectionRefusedError

    monkeypatch.setattr(mail.EmailMessage, "send", fail)
    deliver()

    message = Message.objects.get(event=event_of(grant), listener=LISTENER)
    assert message.done_at is None
    assert message.latest_error
    assert not Acknowledgement.objects.exists()
    assert not Entry.objects.filter(kind=EntryKind.LETTER_SENT).exists()


def test_without_a_mailbox_its_people_are_written_to(drawn, grant):
    Unit.objects.filter(pk=grant.owner_id).update(email="")

    notifications.acknowledge(event_of(grant), key="k", at=timezone.now())

    assert person(grant, Role.OWNER).email in sent()[0].to


def test_a_beneficiary_that_nobody_can_reach_is_told_apart(
    client, drawn, grant, caplog
):
    Unit.objects.filter(pk=grant.owner_id).update(email="")
    person(grant, Role.OWNER).memberships.all().delete()
    grant.owner.memberships.all().delete()

    with caplog.at_level(logging.WARNING):
        notifications.acknowledge(event_of(grant), key="k", at=timezone.now())

    assert "nobody_to_acknowledge" in caplog.text
    assert not sent()
    client.force_login(person(grant, Role.LEAD_SERVICE))
    page = client.get(reverse("grants:detail", args=[grant.pk]))
    assert "non envoyé par courriel" in page.text
    assert again(grant).case.version == grant.case.version
