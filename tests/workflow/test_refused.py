"""What is refused leaves a line in the register, and never keeps anybody waiting."""

import datetime
import json

import pytest

from tests.library.factories import NOW, attempt
from tests.library.lifecycle import PROCESS
from workflow import engine, refused
from workflow.engine import MoveRefused
from workflow.models import Entry, EntryKind
from workflow.trail import register

pytestmark = pytest.mark.django_db


def tried(loan, move, *, by, at=NOW, **said):
    """Make a move as a command does."""
    wanted = attempt(loan, PROCESS.move(move), by=by, at=at, **said)
    with refused.kept(move, by=by, at=at, pk=loan.pk):
        return engine.fire(PROCESS, loan.pk, wanted)


def refuse(loan, by, at=NOW):
    with pytest.raises(MoveRefused) as caught:
        tried(loan, "lend", by=by, at=at)
    return caught.value


def test_a_move_refused_leaves_the_codes_of_its_reasons(town):
    loan = town.loan()

    why = refuse(loan, town.reader)

    entry = Entry.objects.get()
    body = json.loads(entry.body)
    assert (entry.kind, entry.actor, entry.case) == (
        "move_refused",
        town.reader,
        loan.case,
    )
    assert body["facts"] == {
        "move": "lend",
        "grounds": sorted({one.ground.value for one in why.refusals}),
        "fields": ["until"],
        "case_version": loan.case.version,
    }
    assert body["facts"]["grounds"]
    assert json.loads(entry.text.text)["reasons"] == "\n".join(
        one.message for one in why.refusals
    )


def test_a_move_made_leaves_none(town):
    tried(town.loan(), "ask", by=town.reader)

    assert not Entry.objects.exists()


def test_a_thousand_tries_leave_one_line_and_the_next_hour_another(town):
    loan = town.loan()
    for second in range(30):
        refuse(loan, town.reader, at=NOW + datetime.timedelta(seconds=second))
    assert Entry.objects.count() == 1

    refuse(loan, town.reader, at=NOW + datetime.timedelta(hours=1))

    assert Entry.objects.count() == 2


def test_another_case_and_another_person_leave_their_own(town):
    loans = [town.loan(), town.loan()]
    for loan in loans:
        refuse(loan, town.reader)
        with pytest.raises(MoveRefused):
            tried(loan, "ask", by=town.librarian)

    assert Entry.objects.count() == 4


def test_a_flood_stops_and_says_so(town, monkeypatch):
    monkeypatch.setattr(register, "IN_ALL", 3)
    for _ in range(5):
        refuse(town.loan(), town.reader)

    limits = [json.loads(e.body)["facts"].get("limit") for e in Entry.objects.all()]
    assert limits == [None, None, 600]


def test_a_flood_about_others_hides_nobody(town, monkeypatch):
    monkeypatch.setattr(register, "IN_ALL", 3)

    def failed(account):
        return register.enter_sparingly(
            EntryKind.SIGN_IN_FAILED,
            by=None,
            at=NOW,
            facts={"account": account, "level": "password"},
            apart="account",
        )

    assert [bool(failed(account)) for account in (None, 7, 77, None, None, None)] == [
        *(True, True, True),
        *(False, False, False),
    ]
    assert all(failed(number) for number in (1, 11, 111, 8))
    assert [bool(failed(7)) for _ in range(3)] == [True, True, False]


def test_a_register_that_cannot_be_written_does_not_keep_the_answer(
    town, monkeypatch, caplog
):
    def broken(*args, **kwargs):
        raise OSError("the disk is full")

    monkeypatch.setattr(refused, "note", broken)

    assert refuse(town.loan(), town.reader).refusals
    assert "not in the register" in caplog.text
