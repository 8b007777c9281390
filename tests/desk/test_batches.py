"""One move on many operations, from the inbox to the report."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from erbm.operations.models import Kind
from flows.operation import State
from flows.roles import Role
from tests.desk import scenes
from tests.operations import factories
from tests.operations.forms import text_of
from workflow import bulk
from workflow.models import Batch, Case, Outcome, Task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

OPINION = {"direction": "favourable", "opinion": "Rien à redire."}


@pytest.fixture
def operations():
    return [factories.operation_at(State.UNDER_REVIEW, Kind.SUBSIDY) for _ in range(3)]


@pytest.fixture
def consulted(client, operations):
    person = factories.person(operations[0], Role.CONSULTED)
    client.force_login(person)
    return person


def tasks_of(person):
    units = [membership.unit_id for membership in person.memberships.all()]
    return list(Task.objects.open().filter(unit__in=units, step="opine"))


def prepare(client, **said):
    said = {"key": str(uuid.uuid4()), "next": "/taches/?box=units", **said}
    return client.post(reverse("prepare_batch"), said, follow=True)


def start(client, batch, **said):
    said = {"move": "give_opinion", "key": str(uuid.uuid4()), **OPINION, **said}
    return client.post(reverse("batch", args=[batch.pk]), said, follow=True)


def test_a_move_is_chosen_foreseen_started_and_reported(client, consulted):
    tasks = tasks_of(consulted)

    page = prepare(client, task=[task.pk for task in tasks])
    batch = Batch.objects.get()
    assert "Rendre un avis" in text_of(page)
    assert [offer.count for offer in page.context["offers"]] == [3]

    page = client.get(reverse("batch", args=[batch.pk]), {"geste": "give_opinion"})
    assert "Passeraient" in text_of(page)
    assert all(verdict.passes for verdict in page.context["forecast"].verdicts)

    page = start(client, batch)
    assert "En cours" in text_of(page)
    assert 'hx-trigger="every 2s"' in page.text
    assert bulk.carry_on(limit=10, at=timezone.now()) == 3

    page = client.get(reverse("batch", args=[batch.pk]))
    assert "Achevé le" in text_of(page)
    assert "hx-trigger" not in page.text
    assert set(batch.items.values_list("outcome", flat=True)) == {Outcome.MADE}
    assert "Rendre un avis" in text_of(client.get(reverse("batches")))


def test_the_preview_says_who_does_not_pass(client, consulted, operations):
    prepare(client, task=[task.pk for task in tasks_of(consulted)])
    lead = factories.person(operations[0], Role.LEAD_SERVICE)
    factories.fire(operations[0], "suspend", by=lead, reason="Attente.")

    page = client.get(
        reverse("batch", args=[Batch.objects.get().pk]), {"geste": "give_opinion"}
    )

    passing = [verdict.passes for verdict in page.context["forecast"].verdicts]
    assert sorted(passing) == [False, True, True]
    assert bulk.CHANGED in text_of(page)


def test_a_whole_box_may_be_chosen(client, consulted):
    prepare(client, whole="1")

    assert Batch.objects.get().items.count() == 3


def test_nothing_ticked_leads_back_with_a_word(client, consulted):
    page = prepare(client)

    assert page.redirect_chain[-1][0] == "/taches/?box=units"
    assert "Aucun dossier n’est choisi" in text_of(page)


@pytest.mark.parametrize("task", ["0", "x", "9" * 30, "²"])
def test_a_task_of_others_or_of_nobody_is_not_taken(client, consulted, task):
    assert "Aucun dossier" in text_of(prepare(client, task=[task]))


def test_the_tasks_of_others_stay_out(client, consulted):
    others = Task.objects.open().filter(step="review")

    prepare(client, task=[task.pk for task in others])

    assert not Batch.objects.exists()


def test_what_is_missing_is_said_and_nothing_starts(client, consulted):
    prepare(client, task=[task.pk for task in tasks_of(consulted)])
    batch = Batch.objects.get()

    page = start(client, batch, direction="")

    assert page.status_code == 422
    assert "direction" in page.context["form"].errors
    batch.refresh_from_db()
    assert batch.started_at is None


def test_a_batch_is_hidden_from_others(client, consulted, operations):
    prepare(client, task=[task.pk for task in tasks_of(consulted)])
    batch = Batch.objects.get()
    client.force_login(factories.person(operations[0], Role.LEAD_SERVICE))

    for name in ("batch", "batch_progress"):
        assert client.get(reverse(name, args=[batch.pk])).status_code == 404
    assert start(client, batch).status_code == 404
    assert Case.objects.filter(state="under_review").count() == 3


def test_a_forged_key_is_refused(client, consulted):
    assert prepare(client, key="x").status_code == 400


def test_a_move_that_no_task_asks_is_not_offered(client, consulted):
    prepare(client, task=[task.pk for task in tasks_of(consulted)])

    page = client.get(
        reverse("batch", args=[Batch.objects.get().pk]), {"geste": "suspend"}
    )

    assert "form" not in page.context
    assert [offer.move.name for offer in page.context["offers"]] == ["give_opinion"]


def test_one_without_batches_is_told_how_to_make_one(client):
    client.force_login(scenes.owner())

    assert "Cochez plusieurs tâches" in text_of(client.get(reverse("batches")))


def test_the_inbox_lets_one_tick_tasks(client, consulted):
    page = client.get("/taches/?box=units")
    done = client.get("/taches/?box=done")

    for task in tasks_of(consulted):
        assert f'name="task" value="{task.pk}" form="lot"' in page.text
    assert f'action="{reverse("prepare_batch")}"' in page.text
    assert reverse("prepare_batch") not in done.text
