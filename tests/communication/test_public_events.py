"""Visits and inaugurations: who announces them, who sees them, what stays of them."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from erbm.communication.models import PublicEvent
from flows.operation import State
from flows.roles import Role
from tests.operations.factories import operation_at, person, stranger
from workflow.models import Entry
from workflow.models.register import EntryKind

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

TYPED = {
    "occasion": "visit",
    "title": "Visite du logement témoin",
    "on": "2026-03-10",
    "from_time": "14:30",
    "to_time": "16:00",
    "place": "12, rue du Coron, Lens",
    "note": "Presse locale invitée.",
}


@pytest.fixture
def operation():
    return operation_at(State.UNDER_REVIEW)


def announced(client, operation, **typed):
    client.force_login(person(operation, Role.OWNER))
    answer = client.post(
        reverse("communication:new", args=[operation.pk]), TYPED | typed
    )
    assert answer.status_code == 302
    return PublicEvent.objects.latest("pk")


def test_the_owner_announces_a_visit_that_its_page_then_shows(client, operation):
    event = announced(client, operation)

    assert event.organiser == operation.owner
    assert event.starts_at == datetime.datetime(
        2026, 3, 10, 13, 30, tzinfo=datetime.UTC
    )
    page = client.get(reverse("operations:detail", args=[operation.pk]))
    assert "Visite du logement témoin" in page.content.decode()


def test_an_event_that_ends_before_it_begins_is_refused(client, operation):
    client.force_login(person(operation, Role.OWNER))

    answer = client.post(
        reverse("communication:new", args=[operation.pk]), TYPED | {"to_time": "14:00"}
    )

    assert answer.status_code == 422
    assert "La fin doit suivre le début." in answer.content.decode()
    assert not PublicEvent.objects.exists()


def test_who_only_gives_an_opinion_announces_nothing_and_it_is_kept(client, operation):
    client.force_login(person(operation, Role.CONSULTED))
    address = reverse("communication:new", args=[operation.pk])

    assert (
        '<form method="post"\n          class'
        not in client.get(address).content.decode()
    )
    answer = client.post(address, TYPED)

    assert answer.status_code == 422
    assert not PublicEvent.objects.exists()
    assert Entry.objects.filter(kind=EntryKind.MOVE_REFUSED).count() == 1


def test_a_stranger_neither_sees_nor_announces(client, operation):
    event = announced(client, operation)
    client.force_login(stranger())

    shown = client.get(reverse("communication:index"), {"month": "2026-03"})

    assert event.title not in shown.content.decode()
    for name, args in (
        ("new", [operation.pk]),
        ("revise", [operation.pk, event.pk]),
        ("call_off", [operation.pk, event.pk]),
        ("ics", [operation.pk, event.pk]),
    ):
        address = reverse(f"communication:{name}", args=args)
        assert client.get(address).status_code == 404


def test_the_calendar_shows_a_month_and_leads_to_its_neighbours(client, operation):
    announced(client, operation)
    announced(client, operation, on="2026-04-01", title="Inauguration")

    march = client.get(reverse("communication:index"), {"month": "2026-03"})

    assert [event.title for event in march.context["events"]] == [TYPED["title"]]
    assert "?month=2026-02" in march.content.decode()
    assert "?month=2026-04" in march.content.decode()


@pytest.mark.parametrize("month", ["2026-13", "x", "99999-01", "2026-03-01"])
def test_a_month_that_does_not_exist_is_left_out(client, operation, month):
    client.force_login(person(operation, Role.OWNER))

    page = client.get(reverse("communication:index"), {"month": month})

    assert page.status_code == 200


def test_what_is_revised_says_something_else(client, operation):
    event = announced(client, operation)

    client.post(
        reverse("communication:revise", args=[operation.pk, event.pk]),
        TYPED | {"place": "Mairie de Lens", "to_time": ""},
    )

    event.refresh_from_db()
    assert (event.place, event.ends_at) == ("Mairie de Lens", None)


def test_what_is_called_off_stays_with_its_reason_and_changes_no_more(
    client, operation
):
    event = announced(client, operation)
    client.post(
        reverse("communication:call_off", args=[operation.pk, event.pk]),
        {"reason": "Intempéries"},
    )

    event.refresh_from_db()
    page = client.get(reverse("communication:index"), {"month": "2026-03"})
    again = client.post(
        reverse("communication:revise", args=[operation.pk, event.pk]), TYPED
    )

    assert event.is_called_off
    assert "Intempéries" in page.content.decode()
    assert again.status_code == 404


def test_an_event_of_another_operation_is_none_of_this_one(client, operation):
    event, other = announced(client, operation), operation_at(State.DRAFT)
    client.force_login(person(other, Role.OWNER))

    for name in ("revise", "call_off", "ics"):
        address = reverse(f"communication:{name}", args=[other.pk, event.pk])
        assert client.get(address).status_code == 404


def test_one_takes_an_event_to_ones_own_agenda(client, operation):
    event = announced(client, operation)

    answer = client.get(reverse("communication:ics", args=[operation.pk, event.pk]))

    calendar = answer.content.decode()
    assert answer["Content-Type"].startswith("text/calendar")
    assert "DTSTART:20260310T133000Z" in calendar
    assert "DTEND:20260310T150000Z" in calendar


def test_the_database_refuses_an_end_before_the_start_and_a_reason_that_lacks(
    client, operation
):
    event = announced(client, operation)
    rows = PublicEvent.objects.filter(pk=event.pk)
    before = event.starts_at - datetime.timedelta(hours=1)

    for wrong in ({"ends_at": before}, {"called_off_at": before}, {"occasion": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)
