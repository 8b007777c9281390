"""An agreement is bound to what was agreed: a change strikes it out, or is refused."""

import json
import uuid

import pytest
from django.db import transaction

from tests.library import lifecycle
from tests.library.factories import NOW, PROCESS, fire
from workflow import engine
from workflow.models import Event, Signature
from workflow.refusals import Ground
from workflow.trail import verify

pytestmark = pytest.mark.django_db


def rename(loan, by, book="Nana"):
    def change(subject):
        subject.book = book
        return engine.Noted()

    amendment = engine.Amendment(
        edit=lifecycle.RENAME, by=by, at=NOW, seen=None, key=uuid.uuid4()
    )
    with transaction.atomic():
        return engine.amend(PROCESS, loan.pk, amendment, change)


def touch(loan, by):
    """Change a fact that no approval covers."""

    def change(subject):
        subject.days = 1
        return engine.Noted()

    amendment = engine.Amendment(
        edit=lifecycle.RENAME, by=by, at=NOW, seen=None, key=uuid.uuid4()
    )
    with transaction.atomic():
        return engine.amend(PROCESS, loan.pk, amendment, change)


@pytest.fixture
def half_given(town):
    loan = town.loan_at("asked")
    fire(loan, lifecycle.GIVE, by=town.director, confirmed_at=NOW)
    return loan


def test_a_signature_keeps_what_it_covers_and_the_trail_says_it(half_given):
    signature = Signature.objects.get(case=half_given.case)

    assert set(signature.content) == {"book"}
    assert len(signature.content["book"]) == 64
    facts = json.loads(signature.event.body)["facts"]
    assert facts["content"] == signature.content


def test_to_change_it_strikes_it_out_with_the_reason(town, half_given):
    receipt = rename(half_given, town.reader)

    signature = Signature.objects.get(case=half_given.case)
    assert signature.struck_by.seq == receipt.seq
    facts = json.loads(signature.struck_by.body)["facts"]
    assert facts["fallen"] == {"give": ["le titre"]}
    half_given.case.refresh_from_db()
    assert not half_given.case.awaits_signatures
    assert verify.problems_of(half_given.case) == []
    # It is asked again, of the same person too.
    fire(half_given, lifecycle.GIVE, by=town.director, confirmed_at=NOW)
    fire(half_given, lifecycle.GIVE, by=town.mayor, confirmed_at=NOW)


def test_what_stays_the_same_strikes_nothing(town, half_given):
    rename(half_given, town.reader, book="Germinal")

    assert Signature.objects.get(case=half_given.case).struck_by is None
    half_given.case.refresh_from_db()
    assert half_given.case.awaits_signatures


def test_another_fact_strikes_nothing(town, half_given):
    touch(half_given, town.reader)

    assert Signature.objects.get(case=half_given.case).struck_by is None


def test_what_a_decision_in_effect_covers_may_not_change(town):
    loan = town.loan_at("given")
    before = Event.objects.count()

    with pytest.raises(engine.MoveRefused) as caught:
        rename(loan, town.reader)

    [refusal] = caught.value.refusals
    assert refusal.ground is Ground.CONTENT
    assert refusal.message == (
        "« Donner » a approuvé : le titre. "
        "On ne peut plus y toucher tant que cette décision tient."
    )
    assert Event.objects.count() == before


def test_an_edit_that_hides_what_it_touches_is_refused_all_the_same(town, monkeypatch):
    loan = town.loan_at("given")
    # Whatever an edit says that it touches, what it does is compared.
    monkeypatch.setattr("workflow.refusals._approved", lambda situation, edit: [])

    with pytest.raises(engine.MoveRefused) as caught:
        rename(loan, town.reader)

    assert caught.value.refusals[0].ground is Ground.CONTENT


def test_once_the_decision_is_undone_it_may_change(town):
    loan = town.loan_at("given")
    fire(loan, lifecycle.TAKE_BACK, by=town.director, reason="Erreur.")

    rename(loan, town.reader)

    loan.refresh_from_db()
    assert loan.book == "Nana"
    struck = Signature.objects.filter(case=loan.case)
    assert {(one.struck_by.move, bool(one.took_effect_by)) for one in struck} == {
        ("take_back", True)
    }


def test_what_is_given_anew_is_covered_anew(town):
    loan = town.loan_at("given")
    fire(loan, lifecycle.TAKE_BACK, by=town.director, reason="Erreur.")
    rename(loan, town.reader)
    for by in (town.director, town.mayor):
        fire(loan, lifecycle.GIVE, by=by, confirmed_at=NOW)

    with pytest.raises(engine.MoveRefused):
        rename(loan, town.reader, book="Germinal")
