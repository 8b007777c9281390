"""Those who watch learn what is wrong, by name."""

import datetime

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone

from erbm.tasks import HEARTBEAT, beat_heart
from tests.intruder import guards_down
from tests.library.factories import Town
from workflow import verifications
from workflow.models import Event, Inspection, Message, Task

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _beating():
    beat_heart()
    yield
    cache.clear()


def test_anyone_may_ask_whether_the_process_lives(client):
    assert client.get("/healthz").status_code == 200


def test_it_is_ready_when_all_is_well(client):
    response = client.get("/readyz")

    assert (response.status_code, response.json()["ready"]) == (200, True)


def test_a_broker_that_is_away_is_named(client, monkeypatch):
    def away(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("kombu.Connection.ensure_connection", away)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["broker"] == "ConnectionRefusedError"
    assert response.json()["database"] == "ok"


def test_a_beat_never_seen_is_named(client):
    cache.delete(HEARTBEAT)

    assert client.get("/readyz").json()["beat"] == "never seen"


def test_a_beat_that_stopped_is_named(client):
    cache.set(HEARTBEAT, timezone.now() - datetime.timedelta(minutes=3))

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["beat"].startswith("latest seen 18")


def test_messages_that_nobody_delivers_are_named(client):
    Town().loan_at("asked")
    Message.objects.create(
        event=Event.objects.first(),
        listener="tests.nobody",
        key="late",
        due_at=timezone.now() - datetime.timedelta(minutes=6),
    )

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["messages"].startswith("oldest due 0:06")


def test_the_inspection_of_the_cases_is_told_without_turning_anyone_away(client):
    def told():
        response = client.get("/readyz")
        assert response.status_code == 200
        return response.json()["inspection"]

    assert told() == "never run"
    call_command("inspect_cases")
    assert told() == "ok"
    late = timezone.now() - datetime.timedelta(hours=27)
    Inspection.objects.update(started_at=late)
    assert told().startswith("latest run 1 day, 3:00")
    loan = Town().loan()
    Task.objects.filter(case=loan.case).update(finished=late, status="CANCELED")
    with pytest.raises(SystemExit):
        call_command("inspect_cases")
    assert told() == "1 found"


def test_a_trail_that_lies_is_red_for_those_who_watch(client):
    town = Town()
    town.loan()
    with guards_down():
        Event.objects.update(role="mayor")
    verifications.verify_all(at=timezone.now(), clock=timezone.now)

    response = client.get("/watchz")

    assert response.status_code == 503
    assert response.json()["trail"] == "1 faults"
    assert client.get("/readyz").status_code == 200


def test_nothing_to_watch_is_green(client):
    call_command("inspect_cases")
    verifications.verify_all(at=timezone.now(), clock=timezone.now)

    assert client.get("/watchz").status_code == 200
