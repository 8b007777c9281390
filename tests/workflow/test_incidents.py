"""What was given up can be tried again, and what contradicts the rules is found."""

import datetime

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from tests.library import lifecycle
from tests.library.factories import NOW, TODAY, fire, person
from tests.library.factories import town as place
from workflow import incidents, inspections, outbox, tasks
from workflow.models import Case, Event, Journey, Membership, Message, Task, Unit
from workflow.trail import verify

pytestmark = pytest.mark.django_db

LATER = datetime.timedelta(days=1)


@pytest.fixture
def operator(town):
    return person("olga")


@pytest.fixture
def broken(listen):
    def break_down(event, *, key, at):
        break_down.keys.append(key)
        if break_down.is_broken:
            raise ConnectionError("rose@example.org : boîte pleine")

    break_down.keys, break_down.is_broken = [], True
    return listen(break_down, lifecycle.ASK)


def give_up():
    """Deliver until every message that fails is given up."""
    outbox.deliver(limit=100, at=timezone.now() + LATER)


def test_a_message_replayed_is_delivered_with_the_same_key(
    town, operator, broken, django_capture_on_commit_callbacks
):
    loan = town.loan_at("asked")
    give_up()
    [message] = incidents.parked()
    assert message.event.case == loan.case

    broken.is_broken = False
    with django_capture_on_commit_callbacks() as callbacks:
        incidents.replay(message_id=message.pk, role="operator", by=operator, at=NOW)
    give_up()

    assert len(callbacks) == 1
    assert list(incidents.parked()) == []
    assert Message.objects.get().done_at
    assert set(broken.keys) == {message.key}


def test_a_message_replayed_has_all_its_attempts_again(town, operator, broken):
    town.loan_at("asked")
    give_up()
    [message] = incidents.parked()

    incidents.replay(message_id=message.pk, role="operator", by=operator, at=NOW)
    give_up()

    assert len(broken.keys) == 2 * outbox.MAX_ATTEMPTS
    assert [again.pk for again in incidents.parked()] == [message.pk]


def test_the_trail_says_who_replayed_what(town, operator, broken):
    loan = town.loan_at("asked")
    give_up()
    [message] = incidents.parked()

    incidents.replay(message_id=message.pk, role="operator", by=operator, at=NOW)

    event = Event.objects.get(case=loan.case, kind="replay")
    assert (event.actor, event.role, event.at) == (operator, "operator", NOW)
    assert message.listener in event.body
    assert "boîte pleine" not in event.body
    assert "boîte pleine" in event.text.text
    assert verify.problems_of(loan.case) == []
    assert Case.objects.get(pk=loan.pk).version == 2


def test_what_was_not_given_up_is_not_replayed(town, operator, broken):
    town.loan_at("asked")
    [message] = Message.objects.all()

    for number in (message.pk, 10**9):
        with pytest.raises(incidents.IncidentNotFound):
            incidents.replay(message_id=number, role="operator", by=operator, at=NOW)

    assert not Event.objects.filter(kind="replay").exists()


def test_all_that_was_given_up_is_replayed_once(
    town, operator, broken, django_capture_on_commit_callbacks
):
    for _ in range(3):
        town.loan_at("asked")
    give_up()

    with django_capture_on_commit_callbacks() as wake_ups:
        assert len(incidents.replay_all(role="operator", by=operator, at=NOW)) == 3
        assert incidents.replay_all(role="operator", by=operator, at=NOW) == []

    assert len(wake_ups) == 1
    assert Event.objects.filter(kind="replay").count() == 3


def test_the_oldest_incident_comes_first(town, broken):
    loans = [town.loan_at("asked") for _ in range(3)]
    give_up()
    for days, loan in zip((2, 3, 1), loans, strict=True):
        Message.objects.filter(event__case=loan.pk).update(
            parked_at=NOW - days * datetime.timedelta(days=1)
        )

    order = [message.event.case_id for message in incidents.parked()]
    assert order == [loans[1].pk, loans[0].pk, loans[2].pk]


@pytest.mark.parametrize("state", lifecycle.State)
def test_no_state_reached_by_moves_contradicts_the_rules(town, state):
    town.loan_at(state)

    assert list(incidents.contradictions(at=NOW)) == []


@pytest.mark.parametrize(
    ("state", "spoil", "sentence"),
    [
        (
            "refused",
            lambda case: case.tasks.filter(step="desk").update(
                finished=None, worked_days=None, status="NEW"
            ),
            "est à l’état « Refusé », qui est final, et a encore une tâche.",
        ),
        (
            "asked",
            lambda case: case.tasks.filter(step="desk").update(
                finished=NOW, status="CANCELED"
            ),
            "est à l’état « Demandé » et n’attend personne.",
        ),
        (
            "asked",
            lambda case: case.tasks.filter(step="desk").update(held_at=NOW),
            "est à l’état « Demandé » et n’attend personne.",
        ),
        (
            "given",
            lambda case: Journey.objects.filter(case=case).update(finished=None),
            "est à l’état « Donné », mais son parcours continue.",
        ),
        (
            "lent",
            lambda case: Journey.objects.filter(case=case).update(finished=NOW),
            "est à l’état « Prêté », mais son parcours est fini.",
        ),
    ],
)
def test_a_case_that_contradicts_the_rules_is_named(town, state, spoil, sentence):
    town.loan_at(state)
    case = town.loan_at(state).case

    assert spoil(case) == 1

    [found] = incidents.contradictions(at=NOW)
    assert found.case == case
    assert found.message == f"{case.reference} {sentence}"


def test_contradictions_ask_nine_queries(town, django_assert_num_queries):
    for _ in range(3):
        town.loan_at("refused")
    Task.objects.update(finished=None, worked_days=None, status="NEW")

    with django_assert_num_queries(9):
        assert len(list(incidents.contradictions(at=NOW))) == 3


def found():
    return [one.message for one in incidents.contradictions(at=NOW)]


def test_a_case_that_no_version_declares_is_found(town):
    loan = town.loan_at("lent")
    Case.objects.filter(pk=loan.pk).update(process_version=7)

    (message,) = found()

    assert message == (
        f"{loan.case.reference} suit la procédure loan v7 à l’état lent, "
        "que rien ne déclare."
    )


def test_a_case_in_a_state_of_another_version_is_found(town):
    loan = town.loan_at("lent")
    Case.objects.filter(pk=loan.pk).update(process_version=2)

    assert len(found()) == 1


def members():
    return Membership.objects.filter(role="librarian")


DESERTED = {
    "the unit is closed": lambda: Unit.objects.filter(code="unit-librarian").update(
        is_active=False
    ),
    "she left": lambda: members().update(ends_on=TODAY - LATER),
    "she is yet to come": lambda: members().update(starts_on=TODAY + LATER),
    "she works elsewhere": lambda: members().update(jurisdiction=place("arras")),
    "she has another role": lambda: members().update(role="director"),
    "her account is closed": lambda: (
        get_user_model()
        .objects.filter(email="lena@example.org")
        .update(is_active=False)
    ),
}


@pytest.mark.parametrize("why", DESERTED)
def test_a_case_that_nobody_can_move_is_found(town, why):
    case = town.loan_at("asked").case
    assert found() == []

    assert DESERTED[why]() == 1

    [message] = found()
    assert message == (
        f"{case.reference} est à l’état « Demandé » et attend de "
        "« Unit-librarian » le rôle « bibliothécaire », que personne n’y tient."
    )


def test_a_role_held_there_until_today_is_held(town):
    town.loan_at("asked")
    members().update(jurisdiction=place(), ends_on=TODAY)

    assert found() == []


@pytest.mark.parametrize("awaits", [True, False])
def test_a_case_that_lies_about_its_signatures_is_found(town, awaits):
    loan = town.loan_at("lent")
    if not awaits:
        fire(loan, lifecycle.RETURN, by=town.reader)
    Case.objects.filter(pk=loan.pk).update(awaits_signatures=awaits)

    (message,) = found()

    assert ("sans aucune" in message) is awaits


def test_an_inspection_keeps_what_it_found(town, operator):
    _, stuck = town.loans(2)
    Task.objects.filter(case=stuck.case).update(finished=NOW, status="CANCELED")

    done = inspections.inspect(by=operator, at=NOW, clock=lambda: NOW + LATER)

    assert (done.cases, done.found, done.asked_by) == (2, 1, operator)
    assert (done.started_at, done.ended_at) == (NOW, NOW + LATER)
    (finding,) = done.findings.all()
    assert finding.case == stuck.case
    assert inspections.latest() == done


def test_an_inspection_counts_all_and_keeps_the_first(town, monkeypatch):
    monkeypatch.setattr(inspections, "KEPT", 2)
    town.loans(5)
    Task.objects.update(finished=NOW, status="CANCELED")

    done = inspections.inspect(by=None, at=NOW, clock=lambda: NOW)

    assert (done.found, done.findings.count()) == (5, 2)


def test_the_night_asks_for_it():
    tasks.inspect()

    assert inspections.latest().asked_by is None


def test_a_message_given_up_keeps_a_sentence_and_no_local_variable(town, listen):
    def leak(event, *, key, at):
        secret = "mot de passe de Rose"
        assert secret
        raise ConnectionError("boîte pleine")

    listen(leak, lifecycle.ASK)
    town.loan_at("asked")
    for _ in range(outbox.MAX_ATTEMPTS):
        give_up()

    (message,) = incidents.parked()
    written = [str(value) for value in vars(message).values()]
    assert message.latest_error.endswith("(ConnectionError : boîte pleine)")
    assert not any("mot de passe" in text or "Traceback" in text for text in written)
