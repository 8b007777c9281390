"""The calendar of one's due dates, read back as other software does."""

import datetime
import json
import re

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from erbm.notices import commands
from erbm.notices.views import feeds as pages
from erbm.settings.logs import hide_secrets
from flows.operation import State
from flows.roles import Role
from tests.operations.factories import operation_at, person
from workflow.deadlines import local_day
from workflow.models import Entry, EntryKind, Feed, Membership, Task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture(autouse=True)
def _nothing_kept():
    cache.clear()


@pytest.fixture
def operation():
    return operation_at(State.PROPOSED)


@pytest.fixture
def lead(operation):
    return person(operation, Role.LEAD_SERVICE)


@pytest.fixture
def address(lead):
    token = commands.open_calendar(by=lead, at=timezone.now())
    return reverse("feed", args=[token])


def events(client, address):
    cache.clear()
    response = client.get(address)
    assert response.status_code == 200
    return Calendar.from_ical(response.content).walk("VEVENT")


def test_it_tells_each_due_date_without_a_session(client, address, operation):
    task = operation.case.tasks.get(step="check")

    [event] = events(client, address)

    due = local_day(task.due_at)
    assert event["UID"] == f"task.{task.pk}@erbm.invalid"
    assert event.decoded("DTSTART") == due
    assert event.decoded("DTEND") == due + datetime.timedelta(days=1)
    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert event["SUMMARY"] == f"{task.reference} · {task.label}"
    assert event["DESCRIPTION"] == operation.case.title
    assert event["URL"].endswith(f"/operations/{operation.pk}/")


def test_it_is_made_for_calendars_and_for_nobody_else(client, address, lead):
    response = client.get(address)

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Cache-Control"] == "private, max-age=300"
    assert not response.cookies
    assert lead.last_name not in response.text
    assert lead.email not in response.text
    assert "\r\nMETHOD:PUBLISH\r\n" in response.text


def test_it_follows_the_due_date_under_the_same_name(client, address):
    [before] = events(client, address)
    task = Task.objects.open().get(step="check")
    later = task.due_at + datetime.timedelta(days=7)
    Task.objects.filter(pk=task.pk).update(due_at=later, sort_at=later)

    [after] = events(client, address)

    assert after["UID"] == before["UID"]
    assert after.decoded("DTSTART") == local_day(later)


def test_it_shrinks_with_the_rights_of_the_person(client, address, lead):
    assert events(client, address)
    Membership.objects.filter(user=lead).update(ends_on=datetime.date(2025, 1, 1))

    assert events(client, address) == []


def test_what_opens_nothing_is_not_found(client, address, lead):
    assert client.get(reverse("feed", args=["inconnu"])).status_code == 404
    lead.is_active = False
    lead.save()
    assert client.get(address).status_code == 404


def test_a_revoked_address_opens_nothing_even_if_it_was_kept(client, address, lead):
    client.get(address)
    client.force_login(lead)

    response = client.post(reverse("revoke_calendar"), follow=True)

    assert "n’ouvre plus rien" in response.text
    assert client.get(address).status_code == 404


def test_the_register_knows_who_opened_an_address_and_revoked_it(client, address, lead):
    client.force_login(lead)
    client.post(reverse("open_calendar"))
    client.post(reverse("revoke_calendar"))

    entries = Entry.objects.filter(kind=EntryKind.CONFIGURED, actor=lead).order_by("pk")
    facts = [json.loads(entry.body)["facts"] for entry in entries]
    assert [one["deed"] for one in facts] == ["add", "delete", "add", "delete"]
    assert {one["table"] for one in facts} == {"workflow.feed"}


def test_the_address_is_shown_once_and_stored_nowhere(client, address, lead):
    client.force_login(lead)

    shown = client.post(reverse("open_calendar"))

    [token] = re.findall(r"/agenda/([\w-]{43})\.ics", shown.text)
    assert "no-store" in shown["Cache-Control"]
    assert client.get(reverse("feed", args=[token])).status_code == 200
    assert client.get(address).status_code == 404  # the former one
    assert token not in client.get(reverse("notice_choices")).text
    assert token not in str(list(Feed.objects.values()))
    assert Feed.objects.filter(user=lead, revoked_at=None).count() == 1


def test_the_secret_is_in_no_log(address):
    line = hide_secrets(None, "info", {"request": f"GET {address}", "n": 1})

    assert line == {"request": "GET /agenda/….ics", "n": 1}


def test_it_is_not_asked_without_end(client, address, monkeypatch):
    monkeypatch.setattr(pages, "PER_HOUR", 3)

    statuses = [client.get(address).status_code for _ in range(4)]

    assert statuses == [200, 200, 200, 429]
