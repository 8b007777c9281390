"""An operation can be looked at as it was."""

import datetime
import html

import pytest
from django.urls import reverse
from django.utils import timezone

from erbm import words
from erbm.cases import journal
from erbm.operations import past
from erbm.operations.models import Kind
from flows.operation import State
from flows.rehabilitation.lifecycle import PROCESS
from flows.roles import Role
from tests.operations import factories
from tests.operations.factories import again, opened, operation_at, person, stranger
from workflow import replay
from workflow.deadlines import LOCAL
from workflow.models import Event, Task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def page(client, operation, **asked):
    return client.get(reverse("operations:as_of", args=[operation.pk]), asked)


def asked_of(at):
    local = at.astimezone(LOCAL)
    return {"day": local.date().isoformat(), "time": f"{local:%H:%M}"}


def test_it_is_shown_as_it_was(client):
    operation = operation_at(State.UNDER_REVIEW)
    owner = person(operation, Role.OWNER)
    submitted = Event.objects.get(case=operation.case, move="submit")
    client.force_login(owner)

    text = html.unescape(page(client, operation, **asked_of(submitted.at)).text)

    assert operation.process.state_label(State.PROPOSED) in text
    assert "Vérifier que le dossier est complet" in text
    assert str(person(operation, Role.LEAD_SERVICE)) in text
    assert f"n°\N{NO-BREAK SPACE}{submitted.seq}</a>" in text


def test_without_a_time_the_day_is_over(client):
    operation = operation_at(State.PROPOSED)
    client.force_login(person(operation, Role.OWNER))
    day = operation.case.changed_at.astimezone(LOCAL).date()

    then = page(client, operation, day=day.isoformat()).context["then"]

    assert (then.state, then.latest.seq) == (State.PROPOSED, operation.case.latest_seq)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"day": "1999-01-01"}, "n’était pas encore ouverte"),
        ({"day": "hier"}, "date valide"),
        ({"day": ""}, "obligatoire"),
        ({"day": "2026-03-01", "time": "25:00"}, "heure valide"),
    ],
)
def test_a_moment_that_makes_no_sense_is_said(client, asked, words):
    operation = operation_at(State.PROPOSED)
    client.force_login(person(operation, Role.OWNER))

    response = page(client, operation, **asked)

    assert response.status_code == 422
    assert words in html.unescape(response.text)


def test_it_is_only_for_those_who_may_know_of_the_operation(client):
    operation = operation_at(State.PROPOSED)
    client.force_login(stranger())

    assert page(client, operation).status_code == 404


def test_the_journal_leads_to_it(client):
    operation = operation_at(State.PROPOSED)
    client.force_login(person(operation, Role.OWNER))
    address = reverse("operations:as_of", args=[operation.pk])

    for name in ("detail", "trail"):
        origin = reverse(f"operations:{name}", args=[operation.pk])
        assert address in client.get(origin).text
    assert page(client, operation).status_code == 200


@pytest.mark.parametrize("state", [State.PROPOSED, State.FUNDED, State.DELIVERED])
def test_the_present_is_what_the_operation_is(state):
    operation = operation_at(state)
    at = operation.case.changed_at + datetime.timedelta(days=1)

    then = replay.as_of(operation.case, at)

    assert then.state == state
    assert then.amount_cents == operation.case.amount_cents
    assert then.facts["requested_cents"] == str(operation.requested_cents)
    open_steps = {task.step for task in operation.case.tasks.open()}
    assert {one.step for one in then.open} == open_steps


def test_the_way_it_took_is_shown_on_the_picture(client):
    operation = operation_at(State.UNDER_REVIEW)
    client.force_login(person(operation, Role.OWNER))
    address = reverse("operations:path", args=[operation.pk])

    text = html.unescape(client.get(address).text)

    assert text.count("diagram__state--passed") == 2
    assert text.count("diagram__state--current") == 1
    assert "diagram__arrow--taken" in text
    detail = client.get(reverse("operations:detail", args=[operation.pk])).text
    assert address in detail
    client.force_login(stranger())
    assert client.get(address).status_code == 404


def test_an_answer_among_several_reads_as_the_form_asked_it():
    described = journal.describe(PROCESS, {"early_start": "none"})

    assert described == [
        ("Commencement anticipé", "Aucun commencement avant la date permise")
    ]


def present(operation):
    """Say what an operation holds now beside its columns."""
    lines = operation.lines.select_related("funder").order_by("pk")
    return (
        [
            (
                *(line.get_scheme_display(), line.amount_cents),
                line.funder.short_name if line.funder else "",
                *(line.notified_on, line.notification, line.settled_on),
            )
            for line in lines
        ],
        [(d.pk, d.title, d.sha256) for d in operation.documents.order_by("pk")],
        [
            (one.unit.name, one.get_direction_display(), one.text, one.given_on)
            for one in operation.opinions.select_related("unit").order_by("pk")
        ],
    )


def told(operation, seq):
    events = Event.objects.filter(case=operation.case, seq__lte=seq)
    held = past.held(events.select_related("text").order_by("seq"))
    return (
        [
            (
                *(line.scheme, line.amount_cents, line.funder),
                *(line.notified_on, line.notification, line.settled_on),
            )
            for line in held.plan
        ],
        [(paper.key, paper.title, paper.sha256) for paper in held.documents],
        [(one.unit, one.direction, one.text, one.on) for one in held.opinions],
    )


@pytest.mark.slow  # two whole lives, looked at after each of their moves
@pytest.mark.parametrize("kind", Kind)
def test_plan_documents_and_opinions_are_those_of_the_moment(kind, monkeypatch):
    moments = {}
    fire = factories.fire

    def watched(operation, *args, **said):
        receipt = fire(operation, *args, **said)
        moments[receipt.seq] = present(again(operation))
        return receipt

    monkeypatch.setattr(factories, "fire", watched)
    operation = operation_at(State.CLOSED, kind)

    assert len(moments) > 10
    plans, papers, opinions = zip(*moments.values(), strict=True)
    assert all(len({len(held) for held in some}) > 1 for some in (papers, opinions))
    assert any(line[-1] for line in plans[-1])
    for seq, then in moments.items():
        assert told(operation, seq) == then


def test_the_plan_is_shown_as_it_was(client):
    operation = operation_at(State.CLOSED)
    client.force_login(person(operation, Role.OWNER))
    submitted = Event.objects.get(case=operation.case, move="submit")

    then = html.unescape(page(client, operation, **asked_of(submitted.at)).text)
    now = html.unescape(page(client, operation, **asked_of(timezone.now())).text)

    assert "Aucun avis n’était reçu" in then
    assert "Aucun avis n’était reçu" not in now
    for said in ("Lignes du plan de financement", "Pièces jointes à cette date"):
        assert said in then


def test_what_was_due_is_shown_with_its_day(client):
    operation = operation_at(State.PROPOSED)
    client.force_login(person(operation, Role.OWNER))
    task = Task.objects.open().get(case=operation.case)

    text = html.unescape(page(client, operation, **asked_of(timezone.now())).text)

    assert words.day(task.due_at) in text


def test_a_plan_that_came_with_the_operation_is_told():
    noted = {"scheme": "detr", "funder": None, "amount_cents": "1000"}
    operation = opened(noted={"plan": [noted]})

    [line] = past.held(Event.objects.filter(case=operation.case)).plan

    assert (line.scheme, line.amount_cents) == ("DETR", 1000)
