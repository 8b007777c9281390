"""A task is given to a colleague who could answer it, and to nobody else."""

import json

import pytest
from django.db import transaction

from tests.library import lifecycle
from tests.library.factories import NOW, UNTIL, fire, person, stands_in, unit
from tests.library.factories import town as place
from tests.library.lifecycle import Role
from workflow import claims
from workflow.models import Event, Membership, Task
from workflow.refusals import Ground
from workflow.trail import verify

pytestmark = pytest.mark.django_db


@pytest.fixture
def loan(town):
    return town.loan_at("asked")


@pytest.fixture
def task(loan):
    return Task.objects.get(case=loan.case, step="desk")


@pytest.fixture
def colleague(town):
    return person("carla", Role.LIBRARIAN)


def assign(task, to, by):
    with transaction.atomic():
        return claims.assign(task_id=task.pk, to=to, by=by, at=NOW)


def refused(task, to, by):
    with pytest.raises(claims.AssigneeRefused) as caught:
        assign(task, to, by)
    assert Task.objects.get(pk=task.pk).owner is None
    return caught.value


def owner(task):
    return Task.objects.get(pk=task.pk).owner


def test_a_member_gives_a_task_to_a_colleague(town, task, colleague):
    assign(task, colleague, by=town.librarian)

    assert owner(task) == colleague


def test_a_task_that_somebody_has_is_given_to_another(town, task, colleague):
    third = person("theo", Role.LIBRARIAN)
    assign(task, colleague, by=town.librarian)

    assign(task, third, by=town.librarian)

    assert owner(task) == third


def test_the_head_of_the_unit_gives_what_she_could_not_do(town, task, colleague):
    head = person("hugo", "archivist", place=unit("unit-librarian"))
    Membership.objects.filter(user=head).update(is_head=True)

    assign(task, colleague, by=head)

    assert owner(task) == colleague


def test_who_is_given_a_task_answers_it(town, loan, task, colleague):
    assign(task, colleague, by=town.librarian)

    fire(loan, lifecycle.LEND, by=colleague, **UNTIL)


def test_the_trail_says_who_gave_it_to_whom(town, loan, task, colleague):
    assign(task, colleague, by=town.librarian)

    event = Event.objects.get(case=loan.case, kind="assign")
    facts, texts = json.loads(event.body)["facts"], json.loads(event.text.text)
    assert (event.actor, facts["assignee"]) == (town.librarian, colleague.pk)
    assert texts["assignee"] == "Carla"
    assert "Carla" not in event.body
    assert verify.problems_of(loan.case) == []


def test_a_substitute_gives_it_in_the_name_of_who_is_away(town, task, colleague):
    deputy = person("dora", "archivist")
    stands_in(deputy, town.librarian)

    assign(task, colleague, by=deputy)

    assert Event.objects.get(kind="assign").who == "Dora pour Lena"


def test_to_give_it_to_who_has_it_changes_nothing(town, loan, task, colleague):
    assign(task, colleague, by=town.librarian)
    assign(task, colleague, by=town.librarian)

    assert Event.objects.filter(case=loan.case, kind="assign").count() == 1


def test_a_person_of_another_unit_is_refused(town, task):
    outsider = person("otto", Role.LIBRARIAN, place=unit("elsewhere"))

    error = refused(task, outsider, by=town.librarian)

    assert str(error) == (
        "Otto ne peut y répondre. Ce geste revient à : bibliothécaire (Unit-librarian)."
    )


def test_a_person_of_another_unit_that_is_asked_answers_for_her_own_alone(town):
    loan = town.loan_at("asked", advisers=[unit("wise"), unit("hasty")])
    wise = person("willa", Role.ADVISER, place=unit("wise"))
    hasty = person("hana", Role.ADVISER, place=unit("hasty"))
    asked = Task.objects.get(case=loan.case, unit=unit("wise"), step="advice")

    error = refused(asked, hasty, by=wise)

    assert "« Donner un conseil » revient à : conseiller (Wise)." in str(error)


@pytest.mark.parametrize(
    "outsider",
    [
        lambda: person("marie"),
        lambda: person("sam", Role.LIBRARIAN, ends_on="2026-03-01"),
        lambda: person("sam", Role.LIBRARIAN, within=place("bethune")),
    ],
    ids=["another role", "former", "elsewhere"],
)
def test_who_does_not_hold_the_role_is_refused(town, task, outsider):
    [refusal] = refused(task, outsider(), by=town.librarian).refusals

    assert refusal.ground is Ground.ROLE


def test_who_could_make_one_of_the_moves_is_accepted(town, task):
    person("rose", Role.LIBRARIAN)  # she asked: she may not lend, but may refuse

    assign(task, town.reader, by=town.librarian)

    assert owner(task) == town.reader


def test_who_could_make_none_is_refused_in_the_words_of_the_move(town, monkeypatch):
    loan = town.loan_at("lent")
    fire(loan, lifecycle.RETURN, by=town.reader)
    task = Task.objects.get(case=loan.case, step="receive")
    monkeypatch.setattr(task.flow_task, "offers", (lifecycle.RETURN,))
    person("rose", Role.LIBRARIAN)

    error = refused(task, town.reader, by=town.librarian)

    [refusal] = error.refusals
    assert refusal.ground is Ground.SIGNATURE
    assert str(error) == (
        "Rose ne peut y répondre. "
        "Vous avez déjà signé ; la signature d’une autre personne est attendue."
    )


def test_the_eyes_of_who_is_away_count_for_her_substitute(
    town, loan, task, monkeypatch
):
    monkeypatch.setattr(task.flow_task, "offers", (lifecycle.LEND,))
    person("rose", Role.LIBRARIAN)
    deputy = person("dora", "archivist")
    stands_in(deputy, town.reader)

    [refusal] = refused(task, deputy, by=town.librarian).refusals

    assert refusal.ground is Ground.FOUR_EYES
    assert refusal.message.startswith("Rose, pour qui vous agissez")


@pytest.mark.parametrize("name", ["marie", "irma", "hugo"])
def test_a_stranger_to_the_unit_gives_nothing(town, task, colleague, name):
    head = person("hugo", "archivist", place=unit("elsewhere"))
    Membership.objects.filter(user=head).update(is_head=True)

    with pytest.raises(claims.TaskNotFound):
        assign(task, colleague, by=person(name))


def test_what_is_done_or_held_is_given_to_nobody(town, loan, task, colleague):
    fire(loan, lifecycle.FREEZE, by=town.librarian, reason="Inventaire.")

    with pytest.raises(claims.TaskNotFound):
        assign(task, colleague, by=town.librarian)
