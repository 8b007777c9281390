"""One takes charge of a task, gives it back, takes it over; the trail says who."""

import json

import pytest
from django.db import transaction

from tests.library import lifecycle
from tests.library.factories import NOW, UNTIL, fire, person
from tests.library.factories import town as place
from tests.library.lifecycle import PROCESS, Role
from workflow import claims, engine
from workflow.models import Case, Event, Task
from workflow.refusals import Ground
from workflow.trail import verify

pytestmark = pytest.mark.django_db

ACTS = [claims.claim, claims.take_over, claims.release]


@pytest.fixture
def loan(town):
    return town.loan_at("asked")


@pytest.fixture
def task(loan):
    return Task.objects.get(case=loan.case, step="desk")


@pytest.fixture
def colleague(town):
    return person("carla", Role.LIBRARIAN)


def act(done, task, by):
    with transaction.atomic():
        return done(task_id=task.pk, by=by, at=NOW)


def owner(task):
    return Task.objects.get(pk=task.pk).owner


def test_who_claims_a_task_has_it(town, task):
    act(claims.claim, task, town.librarian)

    task.refresh_from_db()
    assert (task.owner, task.assigned, task.status) == (
        town.librarian,
        NOW,
        "ASSIGNED",
    )


def test_to_claim_twice_changes_nothing(town, loan, task):
    act(claims.claim, task, town.librarian)
    act(claims.claim, task, town.librarian)

    assert Event.objects.filter(case=loan.case, kind="claim").count() == 1


def test_another_is_told_who_has_it(town, task, colleague):
    act(claims.claim, task, town.librarian)

    with pytest.raises(claims.AlreadyClaimed) as caught:
        act(claims.claim, task, colleague)

    assert str(caught.value) == (
        "« Répondre à la demande » est déjà pris en charge par Lena "
        "depuis le 02/03/2026 à 10:00."
    )
    assert owner(task) == town.librarian


def test_a_colleague_takes_it_over(town, task, colleague):
    act(claims.claim, task, town.librarian)

    act(claims.take_over, task, colleague)

    assert owner(task) == colleague


def test_one_gives_back_what_one_has(town, task, colleague):
    act(claims.claim, task, town.librarian)

    act(claims.release, task, town.librarian)

    task.refresh_from_db()
    assert (task.owner, task.assigned, task.status) == (None, None, "NEW")
    act(claims.claim, task, colleague)
    assert owner(task) == colleague


def test_one_does_not_give_back_what_another_has(town, task, colleague):
    act(claims.claim, task, town.librarian)

    with pytest.raises(claims.AlreadyClaimed):
        act(claims.release, task, colleague)

    assert owner(task) == town.librarian


def test_to_give_back_what_nobody_has_changes_nothing(town, loan, task):
    act(claims.release, task, town.librarian)

    assert not Event.objects.filter(case=loan.case, kind="release").exists()


def test_the_trail_says_who_took_what_from_whom(town, loan, task, colleague):
    act(claims.claim, task, town.librarian)
    act(claims.take_over, task, colleague)
    act(claims.release, task, colleague)

    events = Event.objects.filter(case=loan.case, seq__gt=2).order_by("seq")
    assert [(e.kind, e.actor, e.role) for e in events] == [
        ("claim", town.librarian, "librarian"),
        ("take_over", colleague, "librarian"),
        ("release", colleague, "librarian"),
    ]
    facts = [json.loads(event.body)["facts"] for event in events]
    assert [fact["previous"] for fact in facts] == [
        None,
        town.librarian.pk,
        colleague.pk,
    ]
    assert {fact["task"] for fact in facts} == {"desk"}
    assert verify.problems_of(loan.case) == []


def test_to_claim_makes_no_form_stale(town, loan, task):
    seen = Case.objects.get(pk=loan.pk).version
    act(claims.claim, task, town.librarian)

    receipt = fire(loan, lifecycle.LEND, by=town.librarian, seen=seen, **UNTIL)

    assert receipt.state == "lent"


def test_what_another_has_is_not_answered_over_her_shoulder(
    town, loan, task, colleague
):
    act(claims.claim, task, town.librarian)

    with pytest.raises(engine.MoveRefused) as caught:
        fire(loan, lifecycle.LEND, by=colleague, **UNTIL)

    [refusal] = caught.value.refusals
    assert refusal.ground is Ground.CLAIM
    assert "Lena" in refusal.message
    act(claims.take_over, task, colleague)
    fire(loan, lifecycle.LEND, by=colleague, **UNTIL)


def test_a_move_that_no_task_offers_needs_no_claim(town, loan, task, colleague):
    act(claims.claim, task, town.librarian)

    fire(loan, lifecycle.FREEZE, by=colleague, reason="Inventaire.")


@pytest.mark.parametrize("done", ACTS)
@pytest.mark.parametrize(
    "stranger",
    [
        lambda: person("rose"),
        lambda: person("sam", Role.MAYOR),
        lambda: person("sam", Role.LIBRARIAN, ends_on="2026-03-01"),
        lambda: person("sam", Role.LIBRARIAN, within=place("bethune")),
        lambda: person("irma"),
    ],
    ids=["reader", "mayor", "former", "elsewhere", "inspector"],
)
def test_a_task_is_hidden_from_whom_it_is_not_for(task, done, stranger):
    with pytest.raises(claims.TaskNotFound):
        act(done, task, stranger())


@pytest.mark.parametrize("done", ACTS)
def test_a_task_that_is_done_held_or_unknown_is_not_found(town, loan, task, done):
    fire(loan, lifecycle.FREEZE, by=town.librarian, reason="Inventaire.")
    finished = Task.objects.get(case=loan.case, step="wish")
    unknown = Task(pk=10**9)

    for absent in (task, finished, unknown):
        with pytest.raises(claims.TaskNotFound):
            act(done, absent, town.librarian)


def test_a_refused_claim_writes_nothing(town, loan, task):
    before = Case.objects.values().get(pk=loan.pk)

    with pytest.raises(claims.TaskNotFound):
        act(claims.claim, task, town.mayor)

    assert Case.objects.values().get(pk=loan.pk) == before


def test_a_page_says_who_has_a_task_in_a_constant_number_of_queries(
    town, loan, task, colleague, django_assert_max_num_queries
):
    act(claims.claim, task, town.librarian)

    with django_assert_max_num_queries(7):
        prospects = engine.prospects(PROCESS, loan.pk, by=colleague, at=NOW)

    taken = {
        prospect.move.name
        for prospect in prospects
        if any(refusal.ground is Ground.CLAIM for refusal in prospect.refusals)
    }
    assert taken == {"lend", "refuse", "send_back"}


@pytest.mark.parametrize("done", [claims.claim, claims.take_over])
def test_who_could_make_none_of_the_moves_takes_nothing(town, monkeypatch, done):
    loan = town.loan_at("lent")
    fire(loan, lifecycle.RETURN, by=town.reader)
    task = Task.objects.get(case=loan.case, step="receive")
    monkeypatch.setattr(task.flow_task, "offers", (lifecycle.RETURN,))
    person("rose", Role.LIBRARIAN)

    with pytest.raises(claims.ClaimRefused) as caught:
        act(done, task, town.reader)

    assert [refusal.ground for refusal in caught.value.refusals] == [Ground.SIGNATURE]
    assert owner(task) is None
