"""What must be told is told, later if need be, and recognisable if told twice."""

import datetime

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tests.library import lifecycle
from tests.library.factories import NOW, UNTIL, fire
from tests.workflow.databases import dump
from workflow import outbox, tasks
from workflow.models import Case, Message

pytestmark = pytest.mark.django_db

LATER = datetime.timedelta(days=1)


def deliver(limit=100):
    """Deliver as if all the delays had passed."""
    return outbox.deliver(limit=limit, at=timezone.now() + LATER)


@pytest.fixture
def broken(listen):
    """A listener that fails until it is mended."""

    def break_down(event, *, key, at):
        break_down.keys.append(key)
        if break_down.is_broken:
            raise ConnectionError("le serveur ne répond pas")

    break_down.keys, break_down.is_broken = [], True
    return listen(break_down)


def test_each_listener_of_a_move_has_its_own_message(town, listen):
    def to_one(event, *, key, at): ...

    def to_another(event, *, key, at): ...

    listen(to_one, lifecycle.ASK)
    listen(to_another)
    town.loan_at("lent")

    messages = Message.objects.order_by("id").values_list("event__move", "listener")
    assert [(move, name.rpartition(".")[2]) for move, name in messages] == [
        ("ask", "to_one"),
        ("ask", "to_another"),
        ("lend", "to_another"),
    ]


def test_a_listener_is_told_once_of_what_happened(town, told):
    loan = town.loan_at("asked")

    assert deliver() == 1
    assert deliver() == 0
    [(event, key)] = told
    assert (event.case_id, event.move, event.actor) == (loan.pk, "ask", town.reader)
    message = Message.objects.get()
    assert key == message.key
    assert message.done_at
    assert message.lease_until is None


def test_a_listener_may_ask_for_single_signatures(town, listen):
    heard = []

    def hear(event, *, key, at):
        heard.append(event.kind)

    listen(hear, lifecycle.GIVE, kinds=(outbox.MOVED, outbox.SIGNED))
    town.loan_at("given")
    deliver()

    assert heard == ["signature", "move"]


def test_what_fails_is_tried_again_later_with_the_same_key(town, broken):
    town.loan_at("asked")

    outbox.deliver(limit=100, at=timezone.now())
    message = Message.objects.get()
    assert message.latest_error == (
        "La liaison avec le service appelé a été coupée. "
        "(ConnectionError : le serveur ne répond pas)"
    )
    assert (message.attempts, message.lease_until) == (1, None)
    wait = (message.due_at - timezone.now()).total_seconds()
    assert 20 < wait < 40
    assert outbox.deliver(limit=100, at=timezone.now()) == 0

    broken.is_broken = False
    deliver()
    message.refresh_from_db()
    assert message.done_at
    assert message.latest_error == ""
    assert broken.keys == [message.key] * 2


def test_each_failure_doubles_the_wait_until_it_is_an_incident(town, broken):
    town.loan_at("asked")
    waits = []

    for _ in range(outbox.MAX_ATTEMPTS):
        assert list(Message.objects.incidents()) == []
        deliver(1)
        due_at = Message.objects.get().due_at
        waits.append(round((due_at - timezone.now()).total_seconds() / 30))

    [incident] = Message.objects.incidents()
    assert incident.attempts == outbox.MAX_ATTEMPTS
    assert incident.done_at is None
    for number, wait in enumerate(waits[:-1]):
        assert 0.75 * 2**number <= wait <= 1.25 * 2**number
    assert deliver() == 0


def test_a_message_that_cannot_be_delivered_stops_no_other(town, listen):
    heard = []

    def hear(event, *, key, at):
        if event.case.title == "Poison":
            raise ValueError("indigeste")
        heard.append(event.case.title)

    listen(hear, lifecycle.ASK)
    for title in ("Nana", "Poison", "Pot-Bouille"):
        town.loan_at("asked", book=title)

    deliver(3)

    assert heard == ["Nana", "Pot-Bouille"]


def test_a_message_that_ends_its_worker_becomes_an_incident(town, listen):
    class PowerCut(BaseException):
        """Nothing after it is executed, as after a kill -9."""

    def end(event, *, key, at):
        raise PowerCut

    listen(end)
    town.loan_at("asked")

    for _ in range(outbox.MAX_ATTEMPTS):
        with pytest.raises(PowerCut):
            deliver()
    deliver()

    [incident] = Message.objects.incidents()
    assert incident.latest_error == "Chaque essai a été interrompu."


def test_a_listener_that_no_longer_exists_is_an_incident_with_its_name(
    town, told, listen, monkeypatch
):
    town.loan_at("asked")
    monkeypatch.setattr(outbox, "_listeners", {})

    for _ in range(outbox.MAX_ATTEMPTS):
        deliver()

    [incident] = Message.objects.incidents()
    assert "hear" in incident.latest_error


def test_a_lease_that_lapsed_is_taken_by_another_with_the_same_key(town, told):
    town.loan_at("asked")
    lost = outbox._lease(timezone.now())

    assert outbox.deliver(limit=100, at=timezone.now()) == 0
    assert outbox.deliver(limit=100, at=lost.lease_until) == 0
    assert deliver() == 1
    assert [key for _, key in told] == [lost.key]
    assert Message.objects.get().attempts == 2


@pytest.mark.parametrize("ends_well", [True, False])
def test_who_lost_her_lease_records_nothing(town, told, caplog, ends_well):
    town.loan_at("asked")
    lost = outbox._lease(timezone.now())
    held = outbox._lease(timezone.now() + LATER)

    if ends_well:
        outbox._perform(lost)
    else:
        outbox._postpone(lost, ValueError("trop tard"), timezone.now())

    message = Message.objects.get()
    assert (message.done_at, message.latest_error) == (None, "")
    assert message.lease_until == held.lease_until
    assert "outbox.lease_lost" in caplog.text


def test_the_variables_of_a_failure_are_kept_nowhere(town, listen):
    def connect(event, *, key, at):
        password = "correct horse battery staple"
        raise PermissionError(f"refusé ({len(password)} caractères)")

    listen(connect)
    town.loan_at("asked")
    deliver()

    assert Message.objects.get().latest_error.endswith("refusé (28 caractères))")
    assert "correct horse" not in str(dump())


def test_a_long_error_is_cut(town, listen):
    def fail(event, *, key, at):
        raise ValueError("a" * 10_000)

    listen(fail)
    town.loan_at("asked")
    deliver()

    assert len(Message.objects.get().latest_error) == 500


def test_a_decision_wakes_a_worker_once_it_is_committed(
    town, told, monkeypatch, django_capture_on_commit_callbacks
):
    calls = []
    monkeypatch.setattr(outbox.bell, "send", lambda: calls.append("awake"))

    with django_capture_on_commit_callbacks(execute=True):
        town.loan_at("asked")
        assert calls == []

    assert calls == ["awake"]


def test_nobody_is_woken_for_a_move_that_nobody_listens_to(
    town, listen, monkeypatch, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as callbacks:
        town.loan_at("lent")

    assert callbacks == []


def test_a_broker_that_is_down_does_not_spoil_a_decision(
    town, told, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    def refuse(**options):
        raise ConnectionRefusedError("pas de courtier")

    monkeypatch.setattr(tasks.deliver, "apply_async", refuse)
    loan = town.loan_at("asked")

    with django_capture_on_commit_callbacks(execute=True):
        receipt = fire(loan, lifecycle.LEND, by=town.librarian, **UNTIL)

    assert receipt.state == Case.objects.get(pk=loan.pk).state == "lent"
    assert "outbox.wake_up_failed" in caplog.text
    assert tasks.sweep() == 2
    assert [event.move for event, _ in told] == ["ask", "lend"]


def test_a_worker_that_is_woken_delivers_some(town, told):
    for _ in range(3):
        town.loan_at("asked")

    assert tasks.deliver(limit=2, from_a_later_version=True) == 2
    assert len(told) == 2


def test_a_message_is_not_due_before_its_event(town, told):
    town.loan_at("asked", at=NOW)

    assert outbox.deliver(limit=10, at=NOW - datetime.timedelta(seconds=1)) == 0


def test_an_effect_has_the_same_message_id_each_time():
    assert outbox.message_id("7.mail") == f"<7.mail@{settings.MAIL_DOMAIN}>"


def test_a_worker_is_woken_once_for_a_whole_transaction(
    db, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as callbacks:
        outbox.bell.ring()
        outbox.bell.ring()

    assert len(callbacks) == 1


def test_a_wake_up_undone_with_its_savepoint_is_asked_again(
    town, told, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as callbacks:
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            outbox.bell.ring()
            raise ZeroDivisionError
        outbox.bell.ring()

    assert len(callbacks) == 1
