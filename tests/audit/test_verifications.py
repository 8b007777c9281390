"""Auditors see the latest verification of the whole trail, and ask for another."""

import pytest
from django.urls import reverse
from django.utils import timezone

from flows.operation import State
from tests.audit.pages import page, text
from tests.desk import scenes
from tests.intruder import guards_down
from tests.operations.factories import operation_at
from tests.operations.forms import text_of
from tests.workflow.test_sealing import seal
from workflow import verifications
from workflow.models import Event, Membership, Verification, VerificationRequest
from workflow.tasks import verify_if_asked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def case():
    case = operation_at(State.PROPOSED).case
    seal()
    return case


def ask(client):
    return client.post(reverse("audit:verify"), follow=True)


def progress(client):
    headers = {"HX-Request": "true"}
    return text_of(client.get(reverse("audit:verify"), headers=headers))


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", [scenes.owner, scenes.director])
def test_nobody_else_asks_for_one(client, method, who):
    client.force_login(who())

    assert getattr(client, method)(reverse("audit:verify")).status_code == 404
    assert not VerificationRequest.objects.exists()


def test_before_the_first_night_one_may_ask(client, auditor, case):
    assert "Il n’a pas encore été vérifié" in text(client, "search")


def test_a_verification_is_asked_for_then_made_by_a_worker(client, auditor, case):
    asked = text_of(ask(client))
    assert "La vérification du journal entier est demandée" in asked
    assert f"Demandée par {auditor}" in asked
    assert "en attente d’un ouvrier" in progress(client)
    assert not Verification.objects.exists()

    assert verify_if_asked() is True

    assert "Intact" in progress(client)
    assert "Demandée par" not in progress(client)
    assert verify_if_asked() is False
    assert VerificationRequest.objects.get().verification == Verification.objects.get()


def test_to_ask_twice_asks_once(client, auditor, case):
    ask(client)
    ask(client)

    assert VerificationRequest.objects.count() == 1


def test_what_is_under_way_says_so_and_is_left_alone(client, auditor, case):
    ask(client)
    now = timezone.now()
    VerificationRequest.objects.update(begun_at=now)

    assert "en cours" in progress(client)
    assert verify_if_asked() is False
    VerificationRequest.objects.update(begun_at=now - verifications.ABANDONED * 2)
    assert verify_if_asked() is True


def test_the_faults_are_named_to_who_audits_everything_alone(client, auditor, case):
    with guards_down():
        Event.objects.filter(case=case, seq=2).update(role="mayor")
    ask(client)
    verify_if_asked()
    named = f"workflow_event {case.reference}/2, colonne role"

    assert "1 défaut" in text(client, "search")
    assert named in text(client, "search")
    Membership.objects.filter(user=auditor).update(jurisdiction=case.jurisdiction)
    assert named not in text(client, "search")
    assert "vérifiez vos dossiers un à un" in text(client, "search")


def test_a_night_that_did_not_happen_is_told(client, auditor, case):
    at = timezone.now() - verifications.OVERDUE * 2
    verifications.verify_all(at=at, clock=lambda: at)

    assert "demandez-la maintenant" in text(client, "search")


def test_without_its_page_the_progress_leads_to_it(client, auditor):
    response = client.get(reverse("audit:verify"))

    assert (response.status_code, response.url) == (302, reverse("audit:search"))
    assert page(client, "search").context["progress"].pending is None
