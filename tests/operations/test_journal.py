"""The journal of an operation: every event, in words, and whether it holds."""

import json

import pytest
from django.db import transaction
from django.utils import timezone

from erbm.cases import journal
from erbm.desk import commands as desk
from erbm.operations.models import Kind
from flows.operation import State
from flows.roles import Role
from tests.accounts.factories import administrator
from tests.intruder import guards_down
from tests.operations.factories import (
    DAY,
    auditor,
    operation_at,
    person,
    stranger,
)
from tests.operations.forms import address, text_of
from workflow import claims, delegations, substitutions
from workflow.models import Event, EventText, Message, Task
from workflow.substitutions import Absence

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
TEXTS = ("Le plan est faible.", "L’aide est à rejeter.")


def lines_of(operation):
    events = Event.objects.filter(case=operation.case).select_related("text")
    return journal.read(events.order_by("seq"))


def plain(details):
    fixed = str.maketrans({"\u202f": " ", "\xa0": " "})
    return {label: value.translate(fixed) for label, value in details}


def test_what_was_said_is_told_with_its_labels():
    operation = operation_at(State.IN_PROGRESS, Kind.SUBSIDY)
    lines = {line.what: line for line in lines_of(operation)}

    opened = plain(lines["Ouverture du dossier"].details)
    assert opened["Coût"] == "9 780 000,00 €"
    planned = plain(lines["Modifier le plan de financement"].details)
    assert "FNADT 4 890 000,00 €" in planned["Plan de financement"]
    started = plain(lines["Déclarer le commencement"].details)
    assert started["Premier acte juridique"] == "Marché de travaux"
    assert started["Date de cet acte"].endswith("février 2026")
    complete = plain(lines["Déclarer le dossier complet"].details)
    assert complete["Commencement des travaux"].startswith("Aucun commencement")
    joined = plain(lines["Joindre une pièce : Calendrier prévisionnel"].details)
    assert joined["Nature"] == "Calendrier prévisionnel"


def test_a_reason_a_change_of_state_and_an_identity_are_told():
    operation = operation_at(State.LAPSED)

    line = lines_of(operation)[-1]

    assert (line.from_state, line.to_state) == ("Financée", "Caduque")
    assert line.reason == "Aucun commencement."
    assert "Identité confirmée" in plain(line.details)


def test_who_took_a_task_is_told():
    operation = operation_at(State.PROPOSED)
    task = Task.objects.open().get(case=operation.case)
    by = person(operation, Role.LEAD_SERVICE)
    desk.claim(task_id=task.pk, by=by, at=operation.case.changed_at + DAY)

    line = lines_of(operation)[-1]

    assert line.what == (
        "Prise en charge de la tâche « Vérifier que le dossier est complet »"
    )
    assert line.to_state == ""


def test_a_letter_sent_again_is_told():
    operation = operation_at(State.PROPOSED)
    message = Message.objects.filter(event__case=operation.case).first()
    Message.objects.filter(pk=message.pk).update(parked_at=operation.case.changed_at)
    at = operation.case.changed_at + DAY
    desk.replay(message_id=message.pk, by=administrator(), at=at)

    line = lines_of(operation)[-1]

    assert line.what == "Relance d’un envoi resté en panne"
    assert line.to_state == ""


def test_texts_that_were_erased_leave_the_rest_readable():
    operation = operation_at(State.PROPOSED)
    events = Event.objects.filter(case=operation.case)
    EventText.objects.filter(event__in=events).update(text="")

    assert {line.actor for line in lines_of(operation)} == {"identité effacée"}


def test_its_page_tells_everything_and_that_the_chain_holds(client):
    operation = operation_at(State.CLOSED)
    client.force_login(auditor())

    response = client.get(address("trail", operation))

    text = text_of(response)
    assert "La chaîne est intacte" in text
    assert bytes(operation.case.latest_hash).hex() in text
    for event in Event.objects.filter(case=operation.case):
        assert f"n° {event.seq} " in text
        assert bytes(event.hash).hex() in response.content.decode()


def test_a_falsified_event_is_denounced(client):
    operation = operation_at(State.PROPOSED)
    event = Event.objects.filter(case=operation.case, move="submit").get()
    body = json.loads(event.body) | {"role": "prefect"}
    with guards_down():
        Event.objects.filter(pk=event.pk).update(body=json.dumps(body))
    client.force_login(auditor())

    text = text_of(client.get(address("trail", operation)))

    assert "La chaîne est rompue" in text
    assert "le corps a été modifié" in text


def test_it_is_only_for_those_who_may_know_of_the_operation(client):
    operation = operation_at(State.PROPOSED)
    client.force_login(stranger())

    assert client.get(address("trail", operation)).status_code == 404


def test_it_costs_the_same_however_long(client, django_assert_max_num_queries):
    short, long = operation_at(State.PROPOSED), operation_at(State.CLOSED)
    client.force_login(auditor())
    client.get(address("trail", short))

    with django_assert_max_num_queries(11) as few:
        client.get(address("trail", short))
    with django_assert_max_num_queries(11) as many:
        client.get(address("trail", long))

    assert len(many) == len(few)


def test_it_says_for_whom_and_between_whom_a_task_was_shared():
    operation = operation_at(State.PROPOSED)
    lead = person(operation, Role.LEAD_SERVICE)
    elsewhere = person(operation, Role.OWNER)
    now, today = timezone.now(), timezone.localdate()
    task = Task.objects.open().filter(case=operation.case).first()
    request = delegations.Request(to=elsewhere, instructions="Relire.", due_on=today)
    absence = Absence(
        principal=lead, substitute=elsewhere, first_day=today, last_day=today
    )
    with transaction.atomic():
        delegations.delegate(task_id=task.pk, request=request, by=lead, at=now)
        substitutions.substitute(absence=absence, by=lead, at=now)
        claims.take_over(task_id=task.pk, by=elsewhere, at=now)

    asked, taken = lines_of(operation)[-2:]

    assert taken.who == f"{elsewhere} pour {lead}"
    assert asked.what.startswith("Demande de préparation pour la tâche « ")
    assert ("À préparer par", str(elsewhere)) in asked.said
    assert "Attendue le" in dict(asked.said)
    assert "Consigne" not in dict(asked.said)


def test_what_is_prepared_is_read_by_those_between_whom_it_went(client):
    operation = operation_at(State.PROPOSED)
    lead, at = person(operation, Role.LEAD_SERVICE), timezone.now()
    elsewhere = person(operation, Role.PROJECT_DIRECTOR)
    task = Task.objects.open().filter(case=operation.case).first()
    request = delegations.Request(to=elsewhere, instructions="Le plan est faible.")
    with transaction.atomic():
        asked = delegations.delegate(task_id=task.pk, request=request, by=lead, at=at)
        given = {"delegation_id": asked.pk, "by": elsewhere, "at": at}
        delegations.hand_back(answer="L’aide est à rejeter.", **given)

    def read(by):
        client.force_login(by)
        pages = [client.get(address(name, operation)) for name in ("detail", "trail")]
        told = [text_of(page) for page in pages]
        return [text in page for page in told for text in TEXTS]

    assert read(lead) == read(elsewhere) == [True] * 4
    assert read(person(operation, Role.OWNER)) == read(auditor()) == [False] * 4
