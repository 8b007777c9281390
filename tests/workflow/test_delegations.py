"""Somebody prepares, and hands back; whoever asked decides, and nobody else."""

import datetime
import json

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from tests.library import lifecycle
from tests.library.factories import NOW, TODAY, UNTIL, fire, person, stands_in, unit
from tests.library.lifecycle import PROCESS, Role
from workflow import claims, delegations, engine
from workflow.delegations import (
    AlreadyClaimed,
    DelegationNotFound,
    DelegationRefused,
    Request,
    TaskNotFound,
)
from workflow.models import Case, Delegation, Event, Task
from workflow.refusals import Ground
from workflow.standing import memberships_of, visible_cases
from workflow.trail import preparations, verify

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture
def loan(town):
    return town.loan_at("asked")


@pytest.fixture
def task(loan):
    return Task.objects.get(case=loan.case, step="desk")


@pytest.fixture
def expert(town):
    return person("elsa", "archivist")


@pytest.fixture
def asked(town, task, expert):
    return delegate(task, expert, by=town.librarian)


def delegate(task, to, *, by, instructions="Est-il en rayon ?", due_on=None):
    request = Request(to=to, instructions=instructions, due_on=due_on)
    with transaction.atomic():
        return delegations.delegate(task_id=task.pk, request=request, by=by, at=NOW)


def hand_back(asked, *, by, answer="Oui, au fond."):
    with transaction.atomic():
        return delegations.hand_back(
            delegation_id=asked.pk, answer=answer, by=by, at=NOW
        )


def withdraw(asked, *, by):
    with transaction.atomic():
        return delegations.withdraw(delegation_id=asked.pk, by=by, at=NOW)


def faults():
    return [*preparations.check(Case.objects.all())]


def awaited_of(user):
    return list(delegations.awaited_of(user, memberships_of(user, TODAY)))


def sees(user, loan):
    return visible_cases(memberships_of(user, TODAY)).filter(pk=loan.pk).exists()


def test_who_is_asked_finds_it_and_reads_the_case(loan, expert, asked):
    assert awaited_of(expert) == [asked]
    assert sees(expert, loan)


def test_every_member_of_a_unit_that_is_asked_finds_it(town, loan, task):
    members = [person(name, "archivist") for name in ("elsa", "eric")]

    asked = delegate(task, unit("unit-archivist"), by=town.librarian)

    for member in members:
        assert awaited_of(member) == [asked]
        assert sees(member, loan)
    assert not sees(person("otto", "archivist", place=unit("elsewhere")), loan)


def test_who_prepares_makes_no_move(loan, expert, asked):
    prospects = engine.prospects(PROCESS, loan.pk, by=expert, at=NOW)

    assert not any(prospect.is_open for prospect in prospects)
    with pytest.raises(engine.MoveRefused) as caught:
        fire(loan, lifecycle.LEND, by=expert, **UNTIL)
    assert {refusal.ground for refusal in caught.value.refusals} == {Ground.ROLE}
    with pytest.raises(TaskNotFound), transaction.atomic():
        claims.claim(task_id=asked.task_id, by=expert, at=NOW)


def test_who_asked_has_the_task_and_alone_decides(town, loan, task, asked):
    colleague = person("carla", Role.LIBRARIAN)
    assert Task.objects.get(pk=task.pk).owner == town.librarian

    with pytest.raises(engine.MoveRefused) as caught:
        fire(loan, lifecycle.LEND, by=colleague, **UNTIL)

    assert [refusal.ground for refusal in caught.value.refusals] == [Ground.CLAIM]
    fire(loan, lifecycle.LEND, by=town.librarian, **UNTIL)


def test_it_comes_back_with_its_answer(town, loan, expert, asked):
    hand_back(asked, by=expert, answer=" Oui, au fond. ")

    asked.refresh_from_db()
    assert (asked.answer, asked.returned_by) == ("Oui, au fond.", expert)
    assert awaited_of(expert) == []
    assert not sees(expert, loan)
    assert Task.objects.get(pk=asked.task_id).owner == town.librarian


def test_a_unit_s_answer_comes_from_one_of_its_people(town, task, expert):
    asked = delegate(task, unit("unit-archivist"), by=town.librarian)

    hand_back(asked, by=expert)

    asked.refresh_from_db()
    assert asked.returned_by == expert


def test_it_can_be_withdrawn_while_it_is_awaited(town, loan, expert, asked):
    withdraw(asked, by=town.librarian)

    assert awaited_of(expert) == []
    assert not sees(expert, loan)
    with pytest.raises(DelegationNotFound):
        hand_back(asked, by=expert)


def test_who_takes_the_task_over_may_withdraw(town, task, asked):
    colleague = person("carla", Role.LIBRARIAN)
    with pytest.raises(DelegationNotFound):
        withdraw(asked, by=colleague)
    with transaction.atomic():
        claims.take_over(task_id=task.pk, by=colleague, at=NOW)

    withdraw(asked, by=colleague)

    asked.refresh_from_db()
    assert asked.withdrawn_by == colleague


def test_nothing_is_awaited_once_the_task_is_done(town, loan, expert, asked):
    fire(loan, lifecycle.LEND, by=town.librarian, **UNTIL)

    assert awaited_of(expert) == []
    assert not sees(expert, loan)
    with pytest.raises(DelegationNotFound):
        hand_back(asked, by=expert)


def test_the_trail_tells_it_all_and_keeps_the_texts_apart(town, loan, expert, asked):
    hand_back(asked, by=expert)
    again = delegate(asked.task, unit("unit-archivist"), by=town.librarian)
    withdraw(again, by=town.librarian)

    events = Event.objects.filter(case=loan.case, seq__gt=2).order_by("seq")
    assert [(event.kind, event.actor) for event in events] == [
        ("delegation", town.librarian),
        ("return", expert),
        ("delegation", town.librarian),
        ("withdrawal", town.librarian),
    ]
    texts = [json.loads(event.text.text) for event in events]
    assert texts[2]["delegate"] == "Unit-archivist"
    bodies = "".join(event.body for event in events)
    assert not [t for t in ("rayon", "fond", "Elsa", "Lena") if t in bodies]
    assert not [t for t in ("rayon", "fond") if t in repr(texts)]
    assert verify.problems_of(loan.case) == faults() == []


def test_texts_written_over_are_found_and_those_erased_are_not(loan, expert, asked):
    hand_back(asked, by=expert)
    Delegation.objects.update(instructions="", instructions_salt=b"", answer="Non.")

    assert faults() == [
        f"workflow_delegation {asked.pk}, colonne answer : le texte a été modifié."
    ]
    with pytest.raises(SystemExit):
        call_command("verify_trail")
    Delegation.objects.all().delete()
    assert [fault.rpartition("/")[2] for fault in faults()] == [
        "3 manque.",
        "4 manque.",
    ]


def test_the_texts_are_for_those_between_whom_it_went(town, loan, task, expert):
    asked = delegate(task, unit("unit-archivist"), by=town.librarian)
    names = ("lena", "carla", "elsa", "dora", "rose", "marie", "irma")
    person("carla", Role.LIBRARIAN)
    stands_in(person("dora", "archivist", place=unit("elsewhere")), town.librarian)
    stands_in(town.mayor, expert)

    readers = [
        name
        for name in names
        if delegations.may_read(
            asked, person(name), memberships_of(person(name), TODAY)
        )
    ]

    assert readers == ["lena", "carla", "elsa", "dora"]


def test_a_substitute_asks_in_the_name_of_who_is_away(town, task, expert):
    deputy = person("dora", "archivist", place=unit("elsewhere"))
    stands_in(deputy, town.librarian)

    delegate(task, expert, by=deputy)

    assert Event.objects.get(kind="delegation").who == "Dora pour Lena"


def test_a_substitute_prepares_nothing_in_another_s_name(town, expert, asked):
    deputy = person("dora", "archivist", place=unit("elsewhere"))
    stands_in(deputy, expert)

    assert awaited_of(deputy) == []
    with pytest.raises(DelegationNotFound):
        hand_back(asked, by=deputy)


def test_it_makes_no_form_stale(town, loan, task, expert):
    seen = loan.case.version

    hand_back(delegate(task, expert, by=town.librarian), by=expert)

    fire(loan, lifecycle.LEND, by=town.librarian, seen=seen, **UNTIL)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"instructions": " "}, "Consigne : à renseigner."),
        ({"due_on": TODAY - DAY}, "La date attendue est passée."),
        ({"to": "lena"}, "Ce que l’on prépare soi-même ne se délègue pas."),
        ({"to": "nora"}, "Nora ne peut rien préparer"),
    ],
)
def test_what_makes_no_sense_is_refused(town, task, expert, said, reason):
    person("nora")
    to = person(said.pop("to", "elsa"))

    with pytest.raises(DelegationRefused, match=reason):
        delegate(task, to, by=town.librarian, **said)

    assert Task.objects.get(pk=task.pk).owner is None
    assert not Delegation.objects.exists()


def test_nobody_is_asked_twice_for_the_same(town, task, expert, asked):
    with pytest.raises(DelegationRefused, match="Elsa prépare déjà cette tâche"):
        delegate(task, expert, by=town.librarian)

    asked.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        asked.save(force_insert=True)


def test_who_has_not_the_task_asks_nothing(town, task, expert):
    colleague = person("carla", Role.LIBRARIAN)
    with transaction.atomic():
        claims.claim(task_id=task.pk, by=colleague, at=NOW)

    with pytest.raises(AlreadyClaimed):
        delegate(task, expert, by=town.librarian)
    for stranger in (town.mayor, town.inspector, expert):
        with pytest.raises(TaskNotFound):
            delegate(task, expert, by=stranger)


@pytest.mark.parametrize("name", ["lena", "marie", "irma", "otto"])
def test_nobody_hands_back_what_another_was_asked(town, asked, name):
    person("otto", "archivist")

    with pytest.raises(DelegationNotFound):
        hand_back(asked, by=person(name))


def test_an_empty_answer_is_not_handed_back(expert, asked):
    with pytest.raises(DelegationRefused, match="Réponse : à renseigner"):
        hand_back(asked, by=expert, answer="\n")


def test_what_one_may_know_stays_one_query(
    town, expert, asked, django_assert_num_queries
):
    held = memberships_of(expert, TODAY)

    with django_assert_num_queries(1):
        assert list(visible_cases(held)) == [asked.case]
