"""One follows, ranks and puts off from the pages, and what one may know of only."""

import datetime
import html
import uuid

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from erbm.desk import commands
from flows.operation import State
from tests.desk import scenes
from tests.desk.scenes import references, shown
from tests.operations import factories
from tests.operations.forms import text_of
from workflow import conflicts
from workflow.models import Case, Priority, Task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

FIXED = "\N{NO-BREAK SPACE}"


@pytest.fixture
def owner(client):
    person = scenes.owner()
    client.force_login(person)
    return person


@pytest.fixture
def operation(owner):
    return scenes.opened()[0]


@pytest.fixture
def task(operation, owner):
    task = scenes.task_of(operation)
    return commands.claim(task_id=task.pk, by=owner, at=scenes.NOW)


def page(client, **params):
    return client.get(reverse("inbox"), params)


# Follow


def test_one_follows_from_the_list_and_stops_from_the_page(client, operation):
    follow = reverse("follow", args=[operation.pk])
    assert follow in page(client).text

    response = client.post(follow, {"next": "/taches/?box=units"}, follow=True)
    assert f"Vous suivez {operation.case.reference}." in response.text
    assert shown(page(client, box="followed")) == references([operation])

    sheet = client.get(reverse("operations:detail", args=[operation.pk]))
    unfollow = reverse("unfollow", args=[operation.pk])
    assert unfollow in sheet.text
    client.post(unfollow)
    assert shown(page(client, box="followed")) == []


def test_one_follows_what_one_may_know_of_without_being_asked(client, operation):
    client.force_login(scenes.director())

    client.post(reverse("follow", args=[operation.pk]))

    response = page(client, box="followed")
    assert shown(response) == references([operation])
    counts = {tab.name: tab.count for tab in response.context["tabs"]}
    assert (counts["followed"], counts["units"]) == ("1", "0")


@pytest.mark.parametrize("name", ["follow", "unfollow"])
def test_what_one_may_not_know_of_is_not_found(client, operation, name):
    client.force_login(factories.stranger())

    assert client.post(reverse(name, args=[operation.pk])).status_code == 404


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"kind": "rehabilitation"}, 1),
        ({"kind": "subsidy"}, 0),
        ({"stage": "proposal"}, 1),
        ({"q": "cite"}, 1),
        ({"q": "introuvable"}, 0),
        ({"amount_from": "1 000"}, 1),
        ({"amount_from": "1 001"}, 0),
        ({"sort": "amount"}, 1),
        ({"sort": "priority"}, 1),
        ({"due_to": "2020-01-01"}, 1),
    ],
)
def test_what_one_follows_is_reduced_too(client, operation, filters, found):
    client.post(reverse("follow", args=[operation.pk]))

    assert len(shown(page(client, box="followed", **filters))) == found


# Filters and order


@pytest.fixture
def varied(owner):
    """Return three operations whose tasks differ."""
    operations = scenes.opened(3)
    now = timezone.now()
    for number, operation in enumerate(operations):
        Task.objects.filter(case=operation.case).update(
            created=now - (2 - number) * 20 * scenes.DAY,
            amount_cents=(1, 3, 2)[number] * 100_00,
            priority=(3, 2, 1)[number],
            sort_at=datetime.datetime(2027, 1, (9, 5, 7)[number], tzinfo=datetime.UTC),
        )
    return operations


@pytest.mark.parametrize(
    ("sort", "places"),
    [
        ("due", [1, 2, 0]),
        ("waiting", [0, 1, 2]),
        ("amount", [1, 2, 0]),
        ("priority", [2, 1, 0]),
        ("hazard", [1, 2, 0]),
    ],
)
def test_a_box_is_sorted_as_one_asks(client, varied, sort, places):
    response = page(client, box="units", sort=sort)

    assert shown(response) == references(varied[place] for place in places)


@pytest.mark.parametrize(
    ("filters", "places"),
    [
        ({"due_from": "2027-01-06"}, [2, 0]),
        ({"due_to": "2027-01-07"}, [1, 2]),
        ({"due_from": "2027-01-06", "due_to": "2027-01-08"}, [2]),
        ({"waiting": "30"}, [0]),
        ({"waiting": "7"}, [1, 0]),
        ({"priority": "1"}, [2]),
        ({"amount_from": "200"}, [1, 2]),
        ({"amount_from": "150", "amount_to": "250,00"}, [2]),
    ],
)
def test_a_box_is_reduced_by_what_tasks_are(client, varied, filters, places):
    response = page(client, box="units", **filters)

    assert shown(response) == references(varied[place] for place in places)
    counts = {tab.name: tab.count for tab in response.context["tabs"]}
    assert counts["units"] == str(len(places))


def test_a_box_is_reduced_by_epci(client, owner):
    lens = scenes.opened()[0]
    scenes.opened(commune=scenes.DOUAI)
    epci = lens.communes.get().epci

    response = page(client, box="units", epci=epci.siren)

    assert shown(response) == references([lens])
    assert epci.short_name in response.text


# Priority


def test_the_unit_sets_the_priority_of_its_task(client, operation, owner):
    task = scenes.task_of(operation)
    address = reverse("arrange_task", args=[task.pk])
    assert address in page(client).text

    response = client.post(
        address, {"intent": "priority", "priority": "1"}, follow=True
    )

    assert "priorité urgente" in response.text
    assert "Priorité urgente" in page(client, box="units").text
    sheet = client.get(reverse("operations:detail", args=[operation.pk]))
    words = "Priorité « Urgente » donnée à la tâche «"
    assert words in html.unescape(sheet.text).replace(FIXED, " ")


@pytest.mark.parametrize("stranger", [scenes.director, factories.stranger])
def test_nobody_else_reaches_a_task(client, operation, stranger):
    task = scenes.task_of(operation)
    client.force_login(stranger())
    address = reverse("arrange_task", args=[task.pk])

    assert client.get(address).status_code == 404
    posted = client.post(address, {"intent": "priority", "priority": "1"})
    assert posted.status_code == 404
    task.refresh_from_db()
    assert task.priority == Priority.NORMAL


def test_who_is_kept_away_is_told_why_she_sets_no_priority(client, operation, owner):
    task = scenes.task_of(operation)
    said = conflicts.Statement(
        about=owner, by=owner, at=timezone.now(), reason="Parente.", key=uuid.uuid4()
    )
    with transaction.atomic():
        conflicts.declare(operation.process, operation.pk, said)
    address = reverse("arrange_task", args=[task.pk])

    response = client.post(address, {"intent": "priority", "priority": "1"})

    assert response.status_code == 422
    assert "Vous avez un conflit d’intérêts" in text_of(response)


def test_the_project_director_sets_the_priority_of_an_operation(client):
    operation = factories.operation_at(State.UNDER_REVIEW)
    client.force_login(scenes.director())
    address = reverse("prioritise_case", args=[operation.pk])
    sheet = client.get(reverse("operations:detail", args=[operation.pk]))
    assert address in sheet.text

    response = client.post(address, {"priority": "2"}, follow=True)

    assert "Priorité haute" in response.text
    assert Case.objects.get(pk=operation.pk).priority == Priority.HIGH


def test_others_are_told_whose_it_is(client, operation):
    address = reverse("prioritise_case", args=[operation.pk])
    sheet = client.get(reverse("operations:detail", args=[operation.pk]))
    assert address not in sheet.text

    response = client.post(address, {"priority": "2"})

    assert response.status_code == 422
    assert "directeur de projet ERBM" in response.text
    assert Case.objects.get(pk=operation.pk).priority == Priority.NORMAL


def test_the_priority_of_what_one_may_not_know_of_is_not_found(client, operation):
    client.force_login(factories.stranger())
    address = reverse("prioritise_case", args=[operation.pk])

    assert client.post(address, {"priority": "2"}).status_code == 404


# Put off


def test_a_task_put_off_says_until_when(client, task):
    until = timezone.localdate() + datetime.timedelta(days=9)
    address = reverse("arrange_task", args=[task.pk])

    client.post(address, {"intent": "put_off", "until": until.isoformat()})

    response = page(client, box="later")
    assert shown(response) == [task.reference]
    assert "Remis au" in response.text
    assert shown(page(client, box="mine")) == []
    assert "Remis au" in page(client, box="units").text
    client.post(address, {"intent": "bring_back"})
    assert shown(page(client, box="mine")) == [task.reference]


@pytest.mark.parametrize("until", ["", "hier", "2020-01-01", "2199-01-01"])
def test_a_day_that_will_not_do_is_said(client, task, until):
    address = reverse("arrange_task", args=[task.pk])

    response = client.post(address, {"intent": "put_off", "until": until})

    assert response.status_code == 422
    assert shown(page(client, box="mine")) == [task.reference]


def test_what_nobody_has_put_off_has_no_tab(client, task):
    names = [tab.name for tab in page(client).context["tabs"]]

    assert names == ["mine", "units", "overdue", "followed", "done"]


def test_one_is_told_to_take_a_task_before_putting_it_off(client, operation):
    task = scenes.task_of(operation)
    address = reverse("arrange_task", args=[task.pk])

    assert "Prenez d’abord la tâche en charge" in client.get(address).text
    posted = client.post(address, {"intent": "put_off", "until": "2027-01-01"})
    assert posted.status_code == 404


def test_one_is_led_back_to_a_page_of_ours_only(client, operation):
    follow = reverse("follow", args=[operation.pk])

    assert client.post(follow, {"next": "https://ailleurs.example/"}).url == "/taches/"
    assert client.get(follow).url == "/taches/"
