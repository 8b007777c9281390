"""A signature that does not say what its event says is found."""

import datetime

import pytest
from django.core.management import call_command

from tests.intruder import guards_down
from tests.library.factories import NOW, fire
from tests.library.lifecycle import CONTEST_RETURN, RETURN
from workflow import verifications
from workflow.models import Case, Event, Signature
from workflow.trail import agreements, verify

pytestmark = pytest.mark.django_db

LATER = NOW + datetime.timedelta(hours=1)


def problems():
    return [*agreements.check(Case.objects.all())]


@pytest.fixture
def given(town):
    """Give a book to somebody: two signatures, the second of which takes effect."""
    town.loan_at("given")
    return Signature.objects.order_by("pk")


def test_signatures_given_spent_and_struck_out_are_in_order(town, given):
    loan = town.loan_at("lent")
    fire(loan, RETURN, by=town.reader)
    fire(loan, CONTEST_RETURN, by=town.librarian, reason="Il manque une page.")

    assert Signature.objects.filter(struck_by__isnull=False).exists()
    assert problems() == []


FORGED = {
    "move": {"move": "return"},
    "role": {"role": "reader"},
    "principal": {"principal_id": lambda: Event.objects.latest("pk").actor_id},
    "at": {"at": LATER},
    "content": {"content": {"book": "0" * 64}},
    "user": {"user_id": lambda: Event.objects.earliest("pk").actor_id},
    "took_effect_by": {"took_effect_by_id": lambda: Event.objects.earliest("pk").pk},
    "struck_by": {"struck_by_id": lambda: Event.objects.earliest("pk").pk},
    "event": {"event_id": 0},
}


def test_what_is_laid_to_a_case_that_does_not_exist_is_named(given):
    first, nowhere = given[0], 10**6
    given_by = first.event
    with guards_down():
        Signature.objects.filter(pk=first.pk).update(case=nowhere)
        signed = problems()
        Event.objects.filter(pk=given_by.pk).update(case=nowhere)
        astray = list(verify.astray())
        # What follows must find whole tables again.
        Event.objects.filter(pk=given_by.pk).update(case=given_by.case_id)
        Signature.objects.filter(pk=first.pk).update(case=given_by.case_id)

    assert signed == [
        f"workflow_signature {first.pk}, colonne case : son événement est d’un autre."
    ]
    assert astray == [
        f"workflow_event ?/{given_by.seq}, colonne case : ce dossier n’existe pas."
    ]
    assert problems() == list(verify.astray()) == []


@pytest.mark.parametrize("column", FORGED)
def test_a_column_that_is_altered_is_named(given, column):
    values = {k: v() if callable(v) else v for k, v in FORGED[column].items()}
    first = given[0]
    with guards_down():
        Signature.objects.filter(pk=first.pk).update(**values)
        found = problems()
        if column == "event":  # what follows must find a whole table again
            Signature.objects.filter(pk=first.pk).update(event_id=first.event_id)

    where = f"workflow_signature {first.pk}, colonne {column}"
    assert any(problem.startswith(where) for problem in found), found


@pytest.mark.parametrize("number", [0, 1])
def test_a_signature_that_is_torn_out_is_missed(given, number, capsys):
    lost = given[number]
    with guards_down():
        Signature.objects.filter(pk=lost.pk)._raw_delete("default")

    missing = f"celle de l’événement {lost.case.reference}/{lost.event.seq} manque"
    assert any(missing in problem for problem in problems())
    with pytest.raises(SystemExit):
        call_command("verify_trail")
    assert missing in capsys.readouterr().err
    assert verifications.verify_all(at=NOW, clock=lambda: NOW).found >= 1
