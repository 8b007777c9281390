"""Administrators see what went wrong, and have it done again; nobody else knows."""

import datetime
import html
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from erbm.desk import commands as desk
from erbm.desk.templatetags.desk import LISTENERS
from flows.roles import Role
from tests.desk import scenes
from tests.intruder import guards_down
from tests.operations import factories
from tests.workflow.test_sealing import key
from workflow import incidents, inspections, outbox, tasks, testimonies
from workflow.failures import reason_of
from workflow.models import Event, Inspection, Message, Task
from workflow.trail import sealing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

TELL = "erbm.operations.notifications.tell_the_owner"


def administrator():
    body = factories.unit("direction-projet-erbm")
    return factories.person_of(body, Role.ADMINISTRATOR)


@pytest.fixture
def admin(client):
    person = administrator()
    client.force_login(person)
    return person


def parked(count=1):
    """Give up one message for each of some new operations."""
    events = Event.objects.filter(case__in=[o.pk for o in scenes.opened(count)])
    return Message.objects.bulk_create(
        Message(
            event=event,
            listener=TELL,
            key=f"{event.pk}.{TELL}",
            due_at=scenes.NOW,
            attempts=6,
            latest_error=reason_of(SMTPServerDisconnected("Connection closed")),
            parked_at=scenes.NOW,
        )
        for event in events.order_by("id")
    )


def page_of(client, **params):
    response = client.get(reverse("incidents"), params)
    assert response.status_code == 200
    return response


def said_after(client):
    (message,) = page_of(client).context["messages"]
    return str(message)


@pytest.mark.parametrize("person", [scenes.director, scenes.owner, scenes.nobody])
@pytest.mark.parametrize("name", ["incidents", "inspect", "replay_all", "replay"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_else_knows_of_them(client, person, name, method):
    (message,) = parked()
    client.force_login(person())

    args = [message.pk] if name == "replay" else []
    response = getattr(client, method)(reverse(name, args=args))

    assert response.status_code in {404, 405}
    assert incidents.parked().count() == 1


def test_whoever_stands_in_for_an_administrator_administers_nothing(client):
    (message,) = parked()
    deputy, today = scenes.owner(), timezone.localdate()
    principal = administrator()
    desk.substitute(
        absence=desk.Absence(
            principal=principal, substitute=deputy, first_day=today, last_day=today
        ),
        by=principal,
        at=timezone.now(),
    )
    client.force_login(deputy)

    assert client.get(reverse("incidents")).status_code == 404
    assert client.post(reverse("replay_all")).status_code == 404
    assert incidents.parked().get() == message


def test_an_incident_says_all_that_one_needs(client, admin):
    (message,) = parked()

    text = html.unescape(page_of(client).text)

    for words in (
        message.event.case.reference,
        "Courriel au porteur",
        "Le serveur de courriel a coupé la liaison.",
        "(SMTPServerDisconnected : Connection closed)",
        ">6</td>",
        "23\N{NO-BREAK SPACE}novembre 2026 à 10\N{NO-BREAK SPACE}h",
    ):
        assert words in text


def test_it_leads_to_the_operation_only_for_whoever_may_see_it(client, admin):
    (message,) = parked()
    link = reverse("operations:detail", args=[message.event.case_id])
    without = page_of(client).text
    body = factories.unit("mission-audit")
    factories.Membership.objects.create(
        user=admin, unit=body, role=Role.AUDITOR, starts_on=datetime.date(2020, 1, 1)
    )

    assert link not in without
    assert link in page_of(client).text


def test_one_incident_is_replayed(client, admin):
    first, second = parked(2)

    client.post(reverse("replay", args=[first.pk]))

    assert [*incidents.parked()] == [second]
    assert Message.objects.get(pk=first.pk).attempts == 0
    assert said_after(client) == "L’envoi est relancé."


def test_all_incidents_are_replayed(client, admin):
    parked(3)

    client.post(reverse("replay_all"))

    assert not incidents.parked().exists()
    assert said_after(client) == "3 envois sont relancés."


def test_what_another_has_replayed_is_said_so(client, admin):
    (message,) = parked()
    client.post(reverse("replay", args=[message.pk]))
    page_of(client)

    client.post(reverse("replay", args=[message.pk]))

    assert said_after(client) == "Cet envoi a déjà été relancé."


def test_looking_replays_nothing(client, admin):
    (message,) = parked()

    for address in (reverse("replay_all"), reverse("replay", args=[message.pk])):
        assert client.get(address).url == reverse("incidents")

    assert incidents.parked().count() == 1


def test_many_incidents_have_pages(client, admin, django_assert_max_num_queries):
    messages = parked(45)
    page_of(client)  # the first page of a session writes it

    with django_assert_max_num_queries(11):
        response = page_of(client)
    pages = [response.context["page"].rows]
    while url := response.context["next_url"]:
        response = client.get(url)
        pages.append(response.context["page"].rows)

    assert [message for page in pages for message in page] == messages
    assert "(45)" in page_of(client).text


def test_a_case_that_nobody_is_asked_about_is_listed(client, admin):
    sound, stuck = scenes.opened(2)
    Task.objects.filter(case=stuck.case).update(finished=scenes.NOW, status="CANCELED")
    before = page_of(client).text

    client.post(reverse("inspect"))

    assert stuck.case.reference not in before
    assert said_after(client) == "Contrôle fait : 1 constat."
    text = page_of(client).text
    assert f"{stuck.case.reference} est à l’état" in text
    assert f"demandé par {admin}" in text
    assert sound.case.reference not in text


def test_looking_inspects_nothing(client, admin):
    assert client.get(reverse("inspect")).url == reverse("incidents")

    assert not Inspection.objects.exists()
    assert "Aucun contrôle n’a encore eu lieu" in page_of(client).text


def test_the_page_reads_what_was_found_and_looks_at_no_case(
    client, admin, django_assert_max_num_queries
):
    client.post(reverse("inspect"))
    page_of(client)

    # session, person, roles, messages and their count, inspection and its findings,
    # verification, what is unread
    with django_assert_max_num_queries(9) as queries:
        page_of(client)

    read = [q["sql"] for q in queries if 'FROM "workflow_task"' in q["sql"]]
    assert read == []


def test_a_night_without_inspection_is_told(client, admin):
    long_ago = timezone.now() - datetime.timedelta(hours=27)
    inspections.inspect(by=None, at=long_ago, clock=lambda: long_ago)

    text = page_of(client).text

    assert "fait pendant la nuit" in text
    assert "Le contrôle de la nuit n’a pas eu lieu" in text


def test_a_corruption_is_red_and_told_after_one_night_then_mended(client, admin):
    [subject] = scenes.opened(1)
    first = Event.objects.get(case=subject.case_id, seq=1)
    with guards_down():
        Event.objects.filter(pk=first.pk).update(role="mayor")

    tasks.verify()

    assert client.get("/watchz").status_code == 503
    text = page_of(client).text
    assert "Le journal a été altéré" in text
    assert f"{subject.case.reference}/1, colonne role" in text
    with guards_down():
        Event.objects.filter(pk=first.pk).update(role=first.role)
    tasks.verify()
    assert client.get("/watchz").json()["trail"] == "ok"
    assert "Le journal se vérifie tout entier" in page_of(client).text


def test_a_witness_that_was_not_told_is_named_to_administrators_alone(
    client, admin, settings, monkeypatch
):
    settings.WITNESS_EMAILS = ["cour@comptes.example"]
    scenes.opened(1)
    now = timezone.now()
    monkeypatch.setattr(testimonies, "LATE", datetime.timedelta())
    sealing.seal(by=key(), at=now)
    refused = SMTPRecipientsRefused({"cour@comptes.example": (550, b"inconnu")})
    monkeypatch.setattr(EmailMessage, "send", lambda self: _raise(refused))
    testimonies.give_due(at=now)

    told = client.get("/watchz").text
    assert "email not told" in told
    assert "cour@" not in told
    assert "cour@comptes.example" in page_of(client).text


def _raise(error):
    raise error


def test_when_all_is_well_it_is_said(client, admin):
    client.post(reverse("inspect"))

    text = page_of(client).text

    assert "Aucun envoi n’est abandonné" in text
    assert "Aucun dossier ne contredit les règles" in text
    assert "Tout relancer" not in text


def test_every_listener_has_a_name():
    subscribed = {
        listener
        for process, _move, listener in outbox.subscriptions()
        if process in {"rehabilitation", "subsidy"}
    }

    assert subscribed
    assert subscribed <= set(LISTENERS)


def test_a_listener_that_has_gone_is_shown_by_its_code(client, admin):
    parked()
    Message.objects.update(listener="erbm.old.gone")

    assert "erbm.old.gone" in page_of(client).text
