"""Those kept away from a case are those that its events declare, and nobody else."""

import pytest
from django.core.management import call_command

from tests.library.factories import NOW
from tests.workflow.test_conflicts import declare, lift
from tests.workflow.test_sealing import seal
from workflow import verifications
from workflow.models import Case, Conflict, Event
from workflow.trail import recusals

pytestmark = pytest.mark.django_db


def problems():
    return [*recusals.check(Case.objects.all())]


@pytest.fixture
def loan(town):
    """Keep the librarian away, let her come back, and keep her away again."""
    loan = town.loan_at("asked")
    declare(loan, about=town.librarian, by=town.librarian)
    lift(loan, about=town.librarian, by=town.director)
    declare(loan, about=town.librarian, by=town.librarian)
    return loan


def last():
    return Conflict.objects.filter(pk=Conflict.objects.latest("pk").pk)


def events(kind):
    return Event.objects.filter(kind=kind).order_by("pk")


def test_conflicts_declared_and_lifted_are_in_order(loan, town):
    assert problems() == []
    lift(loan, about=town.librarian, by=town.director)
    assert problems() == []


def test_a_conflict_that_is_removed_is_missed_by_every_verification(loan, capsys):
    last().delete()
    Case.objects.update(has_conflicts=False)
    seal()

    told = f"celui de l’événement {loan.case.reference}/5 manque."
    night = verifications.verify_all(at=NOW, clock=lambda: NOW)
    assert night.faults.get().message == f"workflow_conflict : {told}"
    with pytest.raises(SystemExit):
        call_command("verify_trail", case=loan.case.reference)
    assert told in capsys.readouterr().err


SPOILT = {
    "cet événement n’écarte pas": lambda town: last().update(user=town.mayor),
    "cet événement ne lève pas": lambda town: last().update(
        lifted_by=events("move").first()
    ),
    "colonne lifted_by : plusieurs": lambda town: last().update(
        lifted_by=events("conflict_lifted").get()
    ),
    "colonne declared_by : plusieurs": lambda town: last().update(
        declared_by=events("conflict").first()
    ),
    "/5 manque": lambda town: last().update(declared_by=events("conflict").first()),
    "/4 n’en lève aucun": lambda town: (
        last().delete(),
        Conflict.objects.update(lifted_by=None),
    ),
    "colonne has_conflicts": lambda town: Case.objects.update(has_conflicts=False),
}


@pytest.mark.parametrize("sentence", SPOILT)
def test_a_conflict_that_its_events_do_not_tell_of_is_found(loan, town, sentence):
    SPOILT[sentence](town)

    assert any(sentence in problem for problem in problems()), problems()


def test_a_lifting_before_the_declaration_lifts_nothing(loan):
    first = Conflict.objects.earliest("pk")
    early, first.lifted_by = first.lifted_by, None
    last().update(lifted_by=early)

    assert any("ne lève pas ce conflit" in problem for problem in problems())
