"""State, event, tasks and messages are written together, or not at all."""

import functools
import uuid

import pytest

from tests.library import lifecycle
from tests.library.factories import NOW, PROCESS, UNTIL, attempt, fire, unit
from tests.library.factories import town as place
from tests.library.models import Loan
from tests.workflow.databases import interrupt_each_write
from workflow import claims, engine, opening
from workflow.models import Case, Task

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,  # one dump of the database for each write of each move
]

SIGNED = {"confirmed_at": NOW}
DECISION = "+event +eventtext case task +message"
MOVES = [
    # where the loan is walked to, the moves then made, the last one being tried,
    # and what it writes beside a decision: `+table` inserts, `table` updates
    ("asked", [("lend", "librarian", UNTIL)], "loan +task"),
    ("asked", [("send_back", "librarian", {"reason": "Trop."})], "+task"),
    ("asked", [("refuse", "librarian", {"reason": "Abîmé."})], "journey"),
    ("asked", [("freeze", "librarian", {"reason": "Inventaire."})], "+task"),
    ("frozen", [("thaw", "librarian", {})], ""),
    (
        "asked",
        [("give", "director", SIGNED), ("give", "mayor", SIGNED)],
        "+signature signature journey",
    ),
    (
        "lent",
        [
            ("return", "reader", {}),
            ("contest_return", "librarian", {"reason": "Abîmé."}),
        ],
        "signature +task",
    ),
]


@pytest.mark.parametrize(("state", "moves", "writes"), MOVES)
def test_a_write_that_fails_leaves_nothing_of_a_move(town, told, state, moves, writes):
    loan = town.loan_at(state)
    *before, (move, by, said) = moves
    for name, role, typed in before:
        fire(loan, PROCESS.move(name), by=town.role(role), **typed)
    made = attempt(loan, PROCESS.move(move), by=town.role(by), **said)

    written = interrupt_each_write(
        functools.partial(engine.fire, PROCESS, loan.pk, made)
    )

    assert written == tables(f"{DECISION} {writes}")


def test_a_write_that_fails_leaves_nothing_of_an_amendment(town):
    loan = town.loan()
    amendment = engine.Amendment(
        edit=lifecycle.RENAME, by=town.reader, at=NOW, seen=1, key=uuid.uuid4()
    )

    def rename(subject):
        subject.book = subject.case.title = "La Débâcle"
        return engine.Noted()

    written = interrupt_each_write(
        functools.partial(engine.amend, PROCESS, loan.pk, amendment, rename)
    )

    assert written == tables("+event +eventtext case loan task")


def test_a_write_that_fails_leaves_nothing_of_an_opening(town):
    def open_two():
        new = [
            opening.NewCase(
                subject=Loan(book="Germinal"),
                title="Germinal",
                jurisdiction=place(),
                parties={"reader": [unit("unit-reader")]},
            )
            for _ in range(2)
        ]
        opening.open_cases(PROCESS, new, role="reader", by=town.reader, at=NOW)

    place(), unit("unit-reader")
    written = interrupt_each_write(open_two)

    assert written == tables(
        "+counter counter +case +loan +event +eventtext +party +journey +task"
    )
    assert Case.objects.count() == 2


def test_a_write_that_fails_leaves_nothing_of_a_claim(town):
    task = Task.objects.get(case=town.loan_at("asked").case, step="desk")

    written = interrupt_each_write(
        functools.partial(claims.claim, task_id=task.pk, by=town.librarian, at=NOW)
    )

    assert written == tables("task +event +eventtext case")


def tables(written):
    """Read the short notation of a set of writes."""
    return {
        f"{'INSERT INTO' if table[0] == '+' else 'UPDATE'} "
        f"{'library' if 'loan' in table else 'workflow'}_{table.lstrip('+')}"
        for table in written.split()
    }
