"""What a move would change is said before it is made, and is what it then changes."""

import pytest

from tests.library import lifecycle
from tests.library.factories import NOW, PROCESS, WALKS, fire, person, unit
from tests.library.lifecycle import Role, State
from tests.library.models import Loan
from tests.workflow.databases import dump
from workflow import engine, situations
from workflow.models import Signature, Task

pytestmark = pytest.mark.django_db


def preview(loan, move, *, by):
    subject = Loan.objects.select_related("case").get(pk=loan.pk)
    situation = situations.situation_of(PROCESS, subject, by=by, at=NOW)
    return engine.preview(situation, move, at=NOW)


def asked(effects):
    return [(step.name, unit.code) for step, unit in effects.tasks.asked]


def steps(tasks):
    return [task.step for task in tasks]


def test_a_move_says_its_state_and_its_tasks(town):
    effects = preview(town.loan_at("asked"), lifecycle.LEND, by=town.librarian)

    assert effects.takes_effect
    assert (effects.before, effects.after) == ("asked", "lent")
    assert steps(effects.tasks.answered) == ["desk"]
    assert asked(effects) == [("home", "unit-reader")]


def test_a_first_signature_says_whose_is_awaited(town):
    loan = town.loan_at("asked")

    effects = preview(loan, lifecycle.GIVE, by=town.director)

    assert not effects.takes_effect
    assert not effects.changes_state
    assert [role for role, _ in effects.awaited] == ["mayor"]
    fire(loan, lifecycle.GIVE, by=town.director, confirmed_at=NOW)
    assert preview(loan, lifecycle.GIVE, by=town.mayor).after == "given"


def test_what_leaves_the_state_says_which_signatures_it_strikes(town):
    loan = town.loan_at("asked")
    fire(loan, lifecycle.GIVE, by=town.director, confirmed_at=NOW)

    effects = preview(loan, lifecycle.SEND_BACK, by=town.librarian)

    assert [(s.move, s.user) for s in effects.struck] == [("give", town.director)]
    assert effects.after == "wished"


def test_what_undoes_a_decision_says_which_approvals_fall(town):
    loan = town.loan_at("given")

    effects = preview(loan, lifecycle.TAKE_BACK, by=town.director)

    assert {signature.role for signature in effects.voided} == {"director", "mayor"}
    fire(loan, lifecycle.TAKE_BACK, by=town.director, reason="Erreur.")
    assert {s.struck_by.move for s in Signature.objects.filter(case=loan.case)} == {
        "take_back"
    }


def test_a_pause_says_what_it_holds_and_its_end_what_waits_again(town):
    loan = town.loan_at("lent")
    effects = preview(loan, lifecycle.FREEZE, by=town.librarian)
    assert (steps(effects.tasks.held), asked(effects)) == (
        ["home"],
        [("thaw", "unit-librarian")],
    )

    fire(loan, lifecycle.FREEZE, by=town.librarian, reason="Inventaire.")

    effects = preview(loan, lifecycle.THAW, by=town.librarian)
    assert effects.after == "lent"
    assert steps(effects.tasks.resumed) == ["home"]


def test_it_says_whom_a_listener_writes_to(town, listen):
    def write(event, *, key, at):
        """Tell the reader."""

    listen(write, lifecycle.LEND, tells="le lecteur")
    loan = town.loan_at("asked")

    assert preview(loan, lifecycle.LEND, by=town.librarian).told == ("le lecteur",)
    assert preview(loan, lifecycle.REFUSE, by=town.librarian).told == ()


def test_what_is_refused_has_no_effect_to_tell(town):
    with pytest.raises(engine.MoveRefused):
        preview(town.loan_at("asked"), lifecycle.LEND, by=town.reader)


def _said(move):
    return {"until": "2026-03-20"} if move is lifecycle.LEND else {}


ADVISED = {"asked"}
assert set(WALKS) == set(State.values)


def open_tasks(loan):
    return set(Task.objects.open().filter(case=loan.case))


@pytest.fixture
def walk(town):
    adviser = person("ada", Role.ADVISER, place=unit("wise"))

    def to(state):
        advisers = [unit("wise")] if state in ADVISED else ()
        return town.loan_at(state, advisers=advisers)

    to.actors = [town.reader, town.librarian, town.director, adviser]
    return to


def seen_from(loan, actors):
    """Return the effects of every move that somebody can make."""
    for by in actors:
        for prospect in engine.prospects(PROCESS, loan.pk, by=by, at=NOW):
            if prospect.is_open:
                yield by, preview(loan, prospect.move, by=by)


@pytest.mark.parametrize("state", State)
def test_looking_writes_nothing(walk, state):
    loan = walk(state)
    before = dump()

    list(seen_from(loan, walk.actors))

    assert dump() == before


@pytest.mark.slow  # every move that is open in a state, each on a case of its own
@pytest.mark.parametrize("state", State)
def test_what_is_seen_is_what_is_done(walk, state):
    for by, promised in list(seen_from(walk(state), walk.actors)):
        loan, move = walk(state), promised.move
        seen = preview(loan, move, by=by)
        before = open_tasks(loan)
        said = {"until": "2026-03-20"} if move is lifecycle.LEND else {}

        fire(loan, move, by=by, reason="Il le faut.", confirmed_at=NOW, inputs=said)

        after = open_tasks(loan)
        loan.case.refresh_from_db()
        assert loan.case.state == seen.after == promised.after
        assert {(task.step, task.unit.code) for task in after - before} == {
            *asked(seen),
            *((task.step, task.unit.code) for task in seen.tasks.resumed),
        }
        assert before - after == {*seen.tasks.closed, *seen.tasks.held}
