"""One person takes charge of a task; the others are told who has it."""

import pytest
from django.urls import reverse

from erbm.desk import commands
from erbm.desk.views import claims
from flows.operation import State
from flows.roles import Role
from tests.desk import scenes
from tests.operations import factories
from workflow.models import Task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

INBOX = "/taches/?box=units&kind=rehabilitation"


@pytest.fixture
def task():
    return scenes.task_of(scenes.opened(title="Cité du Bois")[0])


@pytest.fixture
def owner(client):
    person = scenes.owner()
    client.force_login(person)
    return person


def post(client, name, task, *, row=False, to=INBOX):
    headers = {"HX-Request": "true", "HX-Target": f"task-{task.pk}"} if row else {}
    return client.post(reverse(name, args=[task.pk]), {"next": to}, headers=headers)


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


def holder(task):
    return Task.objects.select_related("owner").get(pk=task.pk).owner


def claimed_by(person, task):
    commands.claim(task_id=task.pk, by=person, at=scenes.NOW)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("claim_task", None, "owner"),
        ("claim_task", "owner", "owner"),
        ("claim_task", "colleague", "colleague"),
        ("release_task", "owner", None),
        ("release_task", None, None),
        ("release_task", "colleague", "colleague"),
        ("take_over_task", "colleague", "owner"),
        ("take_over_task", None, "owner"),
    ],
)
@pytest.mark.parametrize("row", [True, False])
def test_a_click_changes_hands_or_does_not(
    client, owner, task, name, before, after, row
):
    people = {"owner": owner, "colleague": scenes.colleague(), None: None}
    if before:
        claimed_by(people[before], task)

    response = post(client, name, task, row=row)

    assert holder(task) == people[after]
    assert response.status_code == (200 if row else 302)


def test_without_script_one_comes_back_where_one_was(client, owner, task):
    response = post(client, "claim_task", task)

    assert response.url == INBOX
    (message,) = messages_of(client.get(INBOX))
    assert message.startswith("Vous avez pris en charge «")
    assert "Compléter et déposer le dossier" in message


def test_whoever_comes_second_is_told_who_has_it(client, owner, task):
    claimed_by(scenes.colleague(), task)

    post(client, "claim_task", task)

    (message,) = messages_of(client.get(INBOX))
    assert "est déjà pris en charge par Alix owner" in message


def test_the_row_of_whoever_comes_second_says_it_too(client, owner, task):
    claimed_by(scenes.colleague(), task)

    text = post(client, "claim_task", task, row=True).text

    assert text.count("est déjà pris en charge par Alix owner") == 2
    assert f"task-{task.pk}-button" not in text
    assert "<html" not in text


def test_the_row_brings_the_counts_along(client, owner, task):
    scenes.opened(commune=scenes.DOUAI)

    response = post(client, "claim_task", task, row=True)

    assert f'<tr id="task-{task.pk}">' in response.text
    assert "Rendre" in response.text
    assert 'id="count-mine" hx-swap-oob="true">1<' in response.text
    assert 'id="count-units" hx-swap-oob="true">2<' in response.text
    assert f'value="{INBOX.replace("&", "&amp;")}"' in response.text


def test_the_counts_obey_the_filters_of_the_page(client, owner, task):
    scenes.opened(commune=scenes.DOUAI)
    page = "/taches/?box=units&jurisdiction=arrondissement-lens"

    response = post(client, "claim_task", task, row=True, to=page)

    assert 'id="count-units" hx-swap-oob="true">1<' in response.text


@pytest.mark.parametrize("row", [True, False])
def test_a_task_done_meanwhile_is_said_so(client, row):
    operation = factories.operation_at(State.PROPOSED)
    done = Task.objects.get(case=operation.case, role=Role.OWNER)
    client.force_login(factories.person(operation, Role.OWNER))

    response = post(client, "claim_task", done, row=row)
    said = response.text if row else str(messages_of(client.get(INBOX)))

    assert claims.GONE in said.replace("\\xa0", "\xa0")


@pytest.mark.parametrize("name", ["claim_task", "release_task", "take_over_task"])
@pytest.mark.parametrize("row", [True, False])
@pytest.mark.parametrize(
    "stranger", [scenes.nobody, scenes.director, factories.stranger]
)
def test_whoever_may_not_do_it_may_not_know_of_it(client, task, name, stranger, row):
    client.force_login(stranger())

    response = post(client, name, task, row=row)

    assert response.status_code == 404
    assert holder(task) is None


@pytest.mark.parametrize("number", [0, 10**12, 10**17])
def test_a_task_that_does_not_exist_is_404(client, owner, number):
    response = client.post(reverse("claim_task", args=[number]))

    assert response.status_code == 404


def test_an_absurd_number_is_no_address(client, owner):
    assert client.post(f"/taches/{'9' * 30}/prendre/").status_code == 404


@pytest.mark.parametrize(
    "elsewhere", ["https://ailleurs.example/", "//ailleurs.example", "", "\x00"]
)
def test_one_is_never_led_elsewhere(client, owner, task, elsewhere):
    response = post(client, "claim_task", task, to=elsewhere)

    assert response.url == reverse("inbox")


def test_a_sign_in_that_interrupts_a_click_leads_to_the_inbox(client, owner, task):
    response = client.get(reverse("claim_task", args=[task.pk]))

    assert response.url == reverse("inbox")
    assert holder(task) is None
