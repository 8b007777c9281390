"""Who is written to when a task is due soon, or late, and why it is them."""

import datetime

import pytest
from django.core import mail
from django.utils import timezone

from erbm.cases import journal
from flows.operation import State
from flows.roles import Role
from tests.operations.factories import operation_at, people, person
from workflow import escalations, outbox
from workflow.models import Event, Membership, Message, Task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def task():
    """The review of a file that is complete, and nobody has taken."""
    operation = operation_at(State.UNDER_REVIEW)
    task = operation.case.tasks.get(step="review")
    people(operation, Role.LEAD_SERVICE)
    people(operation, Role.SUB_PREFECT)
    Task.objects.exclude(pk=task.pk).update(next_ring_at=None)
    return task


def letters(task, rung):
    """Ring a rung, and return the letters that it sends."""
    ladder = task.flow_task.ladder
    at = ladder[rung].rings_at(task.due_at)
    Task.objects.filter(pk=task.pk).update(rung=rung, next_ring_at=at)
    Message.objects.update(done_at=timezone.now())
    assert escalations.sweep(at=at) >= 1
    mail.outbox.clear()
    outbox.deliver(limit=50, at=at + datetime.timedelta(hours=1))
    assert not Message.objects.filter(done_at=None).exists()
    return list(mail.outbox)


def squeezed(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_unit_is_reminded_five_worked_days_before(task):
    [letter] = letters(task, 0)

    assert all(address.startswith("lead-service.") for address in letter.to)
    body = squeezed(letter.body)
    assert "Une tâche attend encore une réponse." in body
    assert f"cette tâche est demandée à votre unité ({task.unit})" in body


def test_who_took_it_in_charge_is_reminded_alone(task):
    owner = person(task.case.operation, Role.LEAD_SERVICE)
    Task.objects.filter(pk=task.pk).update(owner=owner, status="ASSIGNED")

    [letter] = letters(task, 0)

    assert letter.to == [owner.email]
    assert "vous avez pris cette tâche en charge" in letter.body


def test_the_head_of_the_unit_is_told_on_the_day(task):
    head = person(task.case.operation, Role.LEAD_SERVICE)
    Membership.objects.filter(user=head, unit=task.unit).update(is_head=True)

    [letter] = letters(task, 1)

    assert letter.to == [head.email]
    assert f"vous êtes responsable de l’unité {task.unit}" in letter.body
    assert "à signaler" in letter.subject


def test_a_unit_without_head_is_told_itself(task):
    task.unit.email = "boite@example.org"
    task.unit.save()

    [letter] = letters(task, 1)

    assert letter.to == ["boite@example.org"]


def test_the_competent_arbiter_is_told_five_worked_days_after(task):
    [letter] = letters(task, 2)

    assert all(address.startswith("sub-prefect.") for address in letter.to)
    assert "ce retard est signalé à : sous-préfet" in letter.body
    assert "en retard de" in squeezed(letter.body)


def test_what_is_answered_before_the_letter_leaves_is_not_told(task):
    at = task.next_ring_at
    Message.objects.update(done_at=timezone.now())
    escalations.sweep(at=at)
    Task.objects.filter(pk=task.pk).update(finished=at, status="CANCELED")
    mail.outbox.clear()

    outbox.deliver(limit=50, at=at)

    assert mail.outbox == []


@pytest.mark.parametrize(
    ("rung", "what"),
    [
        (0, "Relance de l’unité sollicitée"),
        (1, "Signalement au responsable de l’unité"),
        (2, "Signalement à : sous-préfet"),
    ],
)
def test_the_journal_says_it_and_that_the_clock_did(task, rung, what):
    letters(task, rung)
    event = Event.objects.select_related("text").get(kind=outbox.ESCALATED)

    [line] = journal.read([event])

    assert line.what == f"{what} : « Instruire et inscrire à l’ordre du jour »"
    assert line.actor == "L’horloge"
    assert line.noted[0][0] == "Échéance"


def test_the_owner_is_reminded_of_the_documents_asked():
    operation = operation_at(State.INCOMPLETE)
    task = operation.case.tasks.get(step="supply")
    Task.objects.exclude(pk=task.pk).update(next_ring_at=None)
    people(operation, Role.OWNER)

    sent = letters(task, 1)

    assert {address for letter in sent for address in letter.to}
    assert "Échéance : " in squeezed(sent[0].body)


def test_the_prefect_is_told_when_the_delay_of_an_aid_is_over():
    operation = operation_at(State.FUNDED)
    task = operation.case.tasks.get(step="begin")
    people(operation, Role.PREFECT)

    [letter] = letters(task, 3)

    assert all(address.startswith("prefect.") for address in letter.to)
    operation.case.refresh_from_db()
    # The machine says so, and records no lapse.
    assert operation.case.state == State.FUNDED
