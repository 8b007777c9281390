"""A case keeps the rules of the version it follows, and a version its rules."""

import dataclasses

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from tests.library import lifecycle
from tests.library.factories import NOW, UNTIL, Town, attempt, fire
from tests.library.models import Loan
from tests.library.v2 import lifecycle as second
from workflow import cases, checks, engine, journeys
from workflow.journeys import flow_of
from workflow.models import Case, Event, Task
from workflow.process import UnknownMove
from workflow.trail import verify


@pytest.fixture
def town(db):
    return Town()


def make(loan, move, **said):
    """Make a move as it is declared in some version, whatever the loan follows."""
    with transaction.atomic():
        return engine.fire(second.PROCESS, loan.pk, attempt(loan, move, **said))


def again(loan):
    return Loan.objects.select_related("case").get(pk=loan.pk)


def lent(town, process, moves):
    loan = town.loan(process=process)
    make(loan, moves["ask"], by=town.reader)
    make(loan, moves["lend"], by=town.librarian, **UNTIL)
    return again(loan)


FIRST = {move.name: move for move in lifecycle.PROCESS.moves}


def test_the_latest_version_is_the_one_under_which_cases_open():
    assert cases.latest_of("loan") is second.PROCESS
    with pytest.raises(cases.UnknownProcess):
        cases.latest_of("gift")


def test_two_versions_live_side_by_side(town):
    former = lent(town, lifecycle.PROCESS, FIRST)
    newer = lent(town, second.PROCESS, second.MOVES)

    assert (former.case.state, newer.case.state) == ("lent", "on_loan")
    assert cases.process_of(former.case).state_label("lent") == "Prêté"
    assert cases.process_of(newer.case).state_label("on_loan") == "En prêt"
    assert {t.step for t in Task.objects.open().filter(case=former.case)} == {"home"}
    assert {t.step for t in Task.objects.open().filter(case=newer.case)} == {"reading"}
    assert former.due_on == newer.due_on


def test_a_case_ends_under_the_version_it_was_opened_under(town):
    loan = lent(town, lifecycle.PROCESS, FIRST)

    make(loan, lifecycle.RETURN, by=town.reader)
    make(loan, lifecycle.RETURN, by=town.librarian)

    assert again(loan).case.state == "returned"
    events = Event.objects.filter(case=loan.case)
    assert not events.exclude(body__contains='"process_version":1').exists()
    digests = {lifecycle.PROCESS.digest in e.body for e in events if e.kind == "move"}
    assert digests == {True}
    assert verify.problems_of(again(loan).case) == []


@pytest.mark.parametrize("name", ["lose", "return"])
def test_a_case_does_not_obey_the_moves_of_another_version(town, name):
    loan = lent(town, lifecycle.PROCESS, FIRST)

    with pytest.raises(UnknownMove):
        make(loan, second.PROCESS.move(name), by=town.librarian, reason="Perdu.")

    assert again(loan).case.state == "lent"


def test_what_one_may_do_is_said_in_the_version_of_the_case(town):
    loan = lent(town, lifecycle.PROCESS, FIRST)

    for process in (lifecycle.PROCESS, second.PROCESS):
        found = engine.prospects(process, loan.pk, by=town.librarian, at=NOW)
        assert [prospect.move for prospect in found] == [*lifecycle.PROCESS.moves]


def test_the_versions_of_a_procedure_move_the_same_model(monkeypatch):
    other = dataclasses.replace(cases._bindings["loan", 2], model=Case)
    monkeypatch.setitem(cases._bindings, ("loan", 2), other)

    (found,) = checks.every_version_moves_the_same_model()

    assert (found.id, "Case, Loan" in found.msg) == ("workflow.E009", True)


def test_an_event_of_another_version_without_a_migration_is_named(town):
    loan = town.loan()
    Case.objects.filter(pk=loan.pk).update(process_version=2)
    fire(again(loan), second.MOVES["ask"], by=town.reader)

    [problem] = verify.problems_of(again(loan).case)

    assert problem.endswith("la procédure change de version sans acte.")


# What is frozen


@pytest.fixture
def freeze(tmp_path, capsys):
    def run(*arguments):
        file = tmp_path / "frozen.json"
        call_command("freeze_processes", "loan", *arguments, file=file)
        return capsys.readouterr().out

    run()
    return run


def declare(monkeypatch, **changes):
    """Change what the first version says of itself."""
    binding = cases._bindings["loan", 1]
    process = dataclasses.replace(binding.process, **changes)
    changed = dataclasses.replace(binding, process=process)
    monkeypatch.setitem(cases._bindings, ("loan", 1), changed)


def test_a_version_left_as_it_was_is_frozen(freeze):
    assert "telles qu’elles ont été figées" in freeze("--check")
    assert "2 versions figées." in freeze()


@pytest.mark.parametrize("arguments", [(), ("--check",)])
def test_a_frozen_version_that_changes_is_refused(freeze, monkeypatch, arguments):
    declare(monkeypatch, moves=lifecycle.PROCESS.moves[::-1])

    with pytest.raises(CommandError, match="loan v1 a changé") as caught:
        freeze(*arguments)

    assert "loan v2" not in str(caught.value)
    assert "déclarez une nouvelle version" in str(caught.value)


def test_a_journey_that_changes_is_refused_too(freeze, monkeypatch):
    step = next(s for s in flow_of("loan", 1).steps() if s.name == "home")
    monkeypatch.setattr(step, "task_title", "Rapporter le livre")

    with pytest.raises(CommandError, match=r"loan v1 a changé .* : demandes"):
        freeze("--check")


def test_before_the_first_release_one_may_freeze_again(freeze, monkeypatch):
    declare(monkeypatch, readers=frozenset())

    assert "2 versions figées." in freeze("--again")
    assert "telles qu’elles ont été figées" in freeze("--check")


def test_a_version_that_is_not_frozen_is_pointed_out(freeze, monkeypatch):
    newer = dataclasses.replace(second.PROCESS, version=3)
    bound = dataclasses.replace(cases._bindings["loan", 2], process=newer)
    monkeypatch.setitem(cases._bindings, ("loan", 3), bound)
    monkeypatch.setitem(journeys._flows, ("loan", 3), flow_of("loan", 2))

    with pytest.raises(CommandError, match="loan v3 n’est pas figée"):
        freeze("--check")

    assert "3 versions figées." in freeze()


def test_a_frozen_version_stays_declared(freeze, monkeypatch):
    monkeypatch.delitem(cases._bindings, ("loan", 1))

    with pytest.raises(CommandError, match="loan v1 est figée, mais plus rien"):
        freeze()


def test_an_unknown_procedure_is_said():
    with pytest.raises(CommandError, match="Procédure inconnue : gift"):
        call_command("freeze_processes", "gift")
