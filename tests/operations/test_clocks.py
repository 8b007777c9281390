"""The delay of one task is stopped and let go on from the page of its operation."""

import html

import pytest
from django.urls import reverse
from django.utils import timezone

from erbm.cases import journal
from erbm.forms import new_key
from flows.operation import State
from flows.roles import Role
from tests.operations.factories import operation_at, person
from workflow import escalations, outbox
from workflow.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

WHY = "Le rapport de l’expert est attendu."


@pytest.fixture
def operation():
    return operation_at(State.UNDER_REVIEW)


def task_of(operation, step="review"):
    return operation.case.tasks.filter(step=step).order_by("pk").first()


def address(operation, step="review"):
    return reverse("operations:clock", args=[operation.pk, task_of(operation, step).pk])


def turn(client, operation, intent, reason=WHY, step="review"):
    typed = {"reason": reason, "on": "", "key": new_key(), "intent": intent}
    return client.post(address(operation, step), typed, follow=True)


def text(response):
    return html.unescape(response.content.decode()).replace("\N{NO-BREAK SPACE}", " ")


def shown(client, operation):
    return text(client.get(reverse("operations:detail", args=[operation.pk])))


def test_a_unit_stops_its_clock_and_lets_it_go_on(client, operation):
    client.force_login(person(operation, Role.LEAD_SERVICE))

    stopped = turn(client, operation, "stop_clock")
    assert "Le délai est suspendu." in text(stopped)
    page = shown(client, operation)
    assert "Délai suspendu" in page
    assert f"Motif : {WHY}" in page
    assert "Échéance initiale" in page
    assert task_of(operation).is_stopped

    turn(client, operation, "resume_clock")
    assert not task_of(operation).is_stopped
    assert "Délai suspendu" not in shown(client, operation)


def test_the_inbox_shows_that_the_clock_stands(client, operation):
    client.force_login(person(operation, Role.LEAD_SERVICE))
    turn(client, operation, "stop_clock")

    page = text(client.get(reverse("inbox"), {"box": "units"}))

    assert "Délai suspendu" in page
    assert WHY in page


def test_a_form_that_comes_after_another_is_told_so(client, operation):
    client.force_login(person(operation, Role.LEAD_SERVICE))
    turn(client, operation, "stop_clock")

    again = turn(client, operation, "stop_clock")

    assert again.status_code == 422
    assert "Ce délai est déjà suspendu." in text(again)
    assert Event.objects.filter(kind="clock_stop").count() == 1


def test_a_reason_is_demanded(client, operation):
    client.force_login(person(operation, Role.LEAD_SERVICE))

    assert turn(client, operation, "stop_clock", reason="").status_code == 422
    assert not task_of(operation).is_stopped


def test_who_asked_for_an_opinion_keeps_its_clock_and_who_gives_it_does_not(
    client, operation
):
    consulted = task_of(operation, "opine")
    adviser = next(
        one
        for one in [person(operation, Role.CONSULTED)]
        if consulted.unit.memberships.filter(user=one).exists()
    )
    client.force_login(adviser)
    page = text(client.get(address(operation, "opine")))
    assert "Ce délai est entre les mains de : service instructeur chef de file." in page
    assert turn(client, operation, "stop_clock", step="opine").status_code == 422
    assert address(operation, "opine") not in shown(client, operation)

    client.force_login(person(operation, Role.LEAD_SERVICE))
    assert address(operation, "opine") in shown(client, operation)
    turn(client, operation, "stop_clock", step="opine")
    assert task_of(operation, "opine").is_stopped


def test_a_delay_of_the_law_is_stopped_by_a_move_alone(client):
    operation = operation_at(State.PROPOSED)
    client.force_login(person(operation, Role.LEAD_SERVICE))

    page = text(client.get(address(operation, "check")))

    assert "Seul un geste de la procédure suspend ce délai." in page
    assert address(operation, "check") not in shown(client, operation)


def test_who_may_not_know_of_the_operation_finds_nothing(client, operation):
    client.force_login(person(operation_at(State.DRAFT), Role.OWNER))
    operation.case.parties.filter(role=Role.OWNER).delete()

    assert client.get(address(operation)).status_code == 404


def test_the_journal_tells_both_with_the_dates(client, operation):
    client.force_login(person(operation, Role.LEAD_SERVICE))
    turn(client, operation, "stop_clock")
    turn(client, operation, "resume_clock")
    events = Event.objects.select_related("text").filter(kind__startswith="clock")

    stopped, resumed = journal.read(events.order_by("seq"))

    task = "« Instruire et inscrire à l’ordre du jour »"
    assert stopped.what == f"Suspension du délai de la tâche {task}"
    assert stopped.reason == WHY
    assert resumed.what == f"Reprise du délai de la tâche {task}"
    assert dict(resumed.noted)["Échéance"]


def test_the_rungs_reached_are_shown_on_the_task(client, operation):
    client.force_login(person(operation, Role.LEAD_SERVICE))
    task = task_of(operation)

    for rung, words in (
        (0, "Relancée le"),
        (1, "Signalée au responsable de l’unité le"),
        (2, "Signalée (sous-préfet) le"),
    ):
        escalations.sweep(at=task.flow_task.ladder[rung].rings_at(task.due_at))
        assert words in shown(client, operation)
        assert words in text(client.get(reverse("inbox"), {"box": "units"}))
    rang = Event.objects.filter(case=operation.case, kind=outbox.ESCALATED)
    assert rang.count() >= 3
    assert timezone.is_aware(task_of(operation).rang_at)
