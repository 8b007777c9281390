"""What is typed for a move is kept for its author, until the move is made."""

import datetime

import pytest

from tests.library import lifecycle
from tests.library.factories import NOW, PROCESS, fire, person
from tests.library.lifecycle import Role
from tests.library.models import Loan
from workflow import drafts, situations, tasks
from workflow.engine import MoveRefused
from workflow.models import Draft, Event

pytestmark = pytest.mark.django_db
LEND = lifecycle.LEND
TYPED = {"until": "2026-03-2", "note": "À rendre propre."}


def situation(loan, by, at=NOW):
    subject = Loan.objects.select_related("case").get(pk=loan.pk)
    return situations.situation_of(PROCESS, subject, by=by, at=at)


def save(loan, by, move=LEND, values=TYPED, *, is_shared=False, at=NOW):
    return drafts.save(situation(loan, by), move, values, is_shared=is_shared, at=at)


@pytest.fixture
def loan(town):
    return town.loan_at("asked")


def test_what_was_typed_comes_back_as_it_was(town, loan):
    events = Event.objects.count()
    save(loan, town.librarian)

    draft = drafts.own(situation(loan, town.librarian), LEND)

    assert drafts.usable(draft, LEND) == TYPED
    assert draft.task.step == "desk"
    assert Event.objects.count() == events


def test_saving_again_replaces(town, loan):
    save(loan, town.librarian)
    save(loan, town.librarian, values={"note": "Autrement."})

    assert Draft.objects.get().values == {"note": "Autrement."}


def test_nothing_typed_leaves_nothing(town, loan):
    save(loan, town.librarian)
    assert save(loan, town.librarian, values={"note": "  "}) is None

    assert not Draft.objects.exists()


def test_only_the_fields_of_the_move_are_kept_never_a_password(town, loan):
    more = {"password": "secret", "key": "k", "seen": "3"}
    save(loan, town.director, lifecycle.GIVE, more | {"effective_on": "2026-03-01"})

    assert Draft.objects.get().values == {"effective_on": "2026-03-01"}


def test_it_is_the_authors_alone_until_she_shares_it(town, loan):
    colleague = person("lise", Role.LIBRARIAN)
    save(loan, town.librarian)
    assert drafts.own(situation(loan, colleague), LEND) is None
    assert drafts.shared(situation(loan, colleague), LEND) == []

    save(loan, town.librarian, is_shared=True)

    assert drafts.shared(situation(loan, colleague), LEND) == [Draft.objects.get()]
    assert drafts.shared(situation(loan, town.librarian), LEND) == []
    assert drafts.shared(situation(loan, town.reader), LEND) == []


def test_who_may_not_make_the_move_keeps_no_draft_of_it(town, loan):
    for by in (town.reader, town.inspector, town.mayor):
        with pytest.raises(MoveRefused, match="bibliothécaire"):
            save(loan, by)
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"note": "x" * 10_001}, "10000 caractères au plus"),
        ({"note": "a\0b"}, "illisible"),
    ],
)
def test_its_size_is_bounded(town, loan, values, words):
    with pytest.raises(MoveRefused, match=words):
        save(loan, town.librarian, values=values)
    assert not Draft.objects.exists()


def test_all_its_fields_together_are_bounded(town, loan, monkeypatch):
    monkeypatch.setattr(drafts, "LARGEST", 1024)

    with pytest.raises(MoveRefused, match="1 Ko au plus"):
        save(loan, town.librarian, values={"note": "é" * 600})


def test_a_draft_of_a_task_that_is_done_is_ignored_then_forgotten(town, loan):
    save(loan, town.librarian)
    colleague = person("lise", Role.LIBRARIAN)
    fire(loan, lifecycle.SEND_BACK, by=colleague, reason="Incomplet.")
    fire(loan, lifecycle.ASK, by=town.reader)

    assert drafts.own(situation(loan, town.librarian), LEND) is None
    assert forget(NOW) == 1


def test_what_the_move_asks_no_more_is_left_out(town, loan):
    draft = save(loan, town.librarian)
    draft.values = {"note": "Ici.", "colour": "rouge"}

    assert drafts.usable(draft, LEND) == {"note": "Ici."}


def test_discarding_leaves_those_of_others(town, loan):
    colleague = person("lise", Role.LIBRARIAN)
    save(loan, town.librarian)
    save(loan, colleague)

    drafts.discard(situation(loan, colleague), LEND)

    assert Draft.objects.get().user == town.librarian


def forget(at):
    return drafts.forget_stale(at=at, kept_for=datetime.timedelta(days=90), limit=10)


def test_it_is_forgotten_after_some_months(town, loan):
    save(loan, town.librarian)

    assert forget(NOW + datetime.timedelta(days=89)) == 0
    assert forget(NOW + datetime.timedelta(days=91)) == 1
    assert not Draft.objects.exists()


def test_the_night_forgets_it(town, loan, settings):
    settings.DRAFTS_KEPT_DAYS = 30
    save(loan, town.librarian)  # in March: long ago

    assert tasks.forget_stale_drafts() == 1
    assert not Draft.objects.exists()
