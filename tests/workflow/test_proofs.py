"""What the log proves of an event, of a case, of what somebody kept; and who asks."""

import datetime

import pytest

from tests.intruder import guards_down
from tests.library import lifecycle
from tests.library.factories import NOW, Town, fire
from tests.workflow.databases import race
from tests.workflow.test_sealing import key, seal
from workflow import verifications
from workflow.models import (
    Checkpoint,
    Event,
    Leaf,
    Verification,
    VerificationRequest,
)
from workflow.trail import merkle, proofs
from workflow.trail.notes import NotANote, Note

pytestmark = pytest.mark.django_db

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def loan(town):
    """Seal two days of a library; one event more waits."""
    loan = town.loan_at("lent")
    seal()
    fire(loan, lifecycle.PROCESS.move("return"), by=town.reader)
    seal(NOW + HOUR)
    town.loan()
    return loan


def test_every_sealed_event_is_proved_and_no_other(loan):
    latest = Checkpoint.objects.latest("size")
    for event in Event.objects.all():
        found = proofs.inclusion_of(event)
        if event.case_id != loan.pk:
            assert found is None
            continue
        assert (found.holds, found.checkpoint) == (True, latest)
        assert merkle.is_included(
            bytes(event.hash), found.index, latest.size, found.path, bytes(latest.root)
        )


def test_an_event_proves_nothing_once_altered(loan):
    with guards_down():
        Event.objects.filter(case=loan.case, seq=2).update(body="{}")
        assert not proofs.inclusion_of(Event.objects.get(case=loan.case, seq=2)).holds


def test_a_case_is_under_the_latest_checkpoint(loan):
    sealed = proofs.seals_of(loan.case)

    assert (sealed.sealed, sealed.waiting, sealed.problems) == (4, 0, ())
    other = Event.objects.latest("pk").case
    assert (proofs.seals_of(other).sealed, proofs.seals_of(other).waiting) == (0, 1)


def test_a_leaf_above_every_checkpoint_is_named(loan):
    with guards_down():
        latest = Checkpoint.objects.latest("size")
        Checkpoint.objects.filter(pk=latest.pk)._raw_delete("default")

        [problem] = proofs.seals_of(loan.case).problems

    assert problem == (
        f"workflow_leaf {latest.size - 1} : aucun point de contrôle ne la signe."
    )


def test_leaves_that_miss_are_counted(loan):
    with guards_down():
        Leaf.objects.filter(index=0)._raw_delete("default")

        problems = proofs.seals_of(loan.case).problems

    assert "workflow_leaf : 1 feuille(s) manquent." in problems


def test_each_checkpoint_of_the_past_is_continued(loan):
    for checkpoint in Checkpoint.objects.all():
        found = proofs.compare(checkpoint.note)
        assert found.agrees
        assert found.is_of_this_log
        assert not found.is_ahead
        [signatory] = found.keys
        assert signatory.verifier == str(key().verifier)


def test_a_log_without_checkpoint_is_behind_any_note(loan):
    note = Checkpoint.objects.latest("size").note
    with guards_down():
        Checkpoint.objects.all()._raw_delete("default")

        found = proofs.compare(note)

    assert (found.is_ahead, found.agrees) == (True, False)


@pytest.mark.parametrize("size", [b"-1", b"x"])
def test_a_note_of_no_size_is_no_checkpoint(loan, size):
    text = Note.of(Checkpoint.objects.latest("size").note).text
    origin, _, rest = text.split("\n", 2)
    forged = f"{origin}\n{size.decode()}\n{rest}"

    with pytest.raises(NotANote):
        proofs.compare(f"{forged}\n{key().signature(forged)}")


# Who asks that everything be verified


def test_a_request_is_answered_once(loan):
    asked = verifications.ask(by=loan.case.opened_by, at=NOW)

    assert verifications.pending() == asked
    done = verifications.answer(at=NOW, clock=lambda: NOW)
    assert (verifications.pending(), done.found) == (None, 0)
    assert verifications.answer(at=NOW, clock=lambda: NOW) is None
    again = verifications.ask(by=loan.case.opened_by, at=NOW + HOUR)
    assert again != asked


def test_a_request_whose_worker_died_is_taken_up_again(loan):
    verifications.ask(by=loan.case.opened_by, at=NOW)
    VerificationRequest.objects.update(begun_at=NOW)
    later = NOW + verifications.ABANDONED + datetime.timedelta(seconds=1)

    assert verifications.answer(at=NOW + HOUR / 60, clock=lambda: NOW) is None
    assert verifications.answer(at=later, clock=lambda: later) is not None
    assert verifications.pending() is None


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_all_who_ask_at_once_ask_once_and_one_worker_answers():
    by = Town().loan().case.opened_by

    asked = race([lambda: verifications.ask(by=by, at=NOW)] * 6)
    answers = race([lambda: verifications.answer(at=NOW, clock=lambda: NOW)] * 4)

    assert {one.pk for one in asked} == {VerificationRequest.objects.get().pk}
    assert [one for one in answers if one] == [Verification.objects.get()]
