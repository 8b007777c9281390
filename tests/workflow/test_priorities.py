"""A priority is set by those who may, goes along, and stays in the trail."""

import json

import pytest
from django.db import transaction

from tests.library import lifecycle
from tests.library.factories import NOW, fire, person
from workflow import priorities
from workflow.models import Case, Event, Priority, Task
from workflow.priorities import MoveRefused, TaskNotFound
from workflow.trail import verify

pytestmark = pytest.mark.django_db


def on_task(loan, priority, by, step="desk"):
    task = Task.objects.get(case=loan.case, step=step, finished=None)
    with transaction.atomic():
        return priorities.set_on_task(task_id=task.pk, priority=priority, by=by, at=NOW)


def on_case(loan, priority, by):
    with transaction.atomic():
        return priorities.set_on_case(case=loan.case, priority=priority, by=by, at=NOW)


def latest(loan):
    event = Event.objects.filter(case=loan.case).latest("seq")
    return event.kind, event.actor, json.loads(event.body)["facts"]


def test_whoever_may_act_on_a_task_sets_its_priority(town):
    loan = town.loan_at("asked")
    version = loan.case.version

    on_task(loan, Priority.URGENT, town.librarian)

    assert Task.objects.get(step="desk").priority == Priority.URGENT
    kind, actor, facts = latest(loan)
    assert (kind, actor) == ("priority", town.librarian)
    assert facts["priority"] == [Priority.NORMAL, Priority.URGENT]
    assert facts["task"] == "desk"
    case = Case.objects.get(pk=loan.pk)
    assert (case.priority, case.version) == (Priority.NORMAL, version)
    assert not verify.problems_of(case)


def test_nobody_else_sets_it(town):
    loan = town.loan_at("asked")

    for by in (town.reader, town.inspector, person("ella")):
        with pytest.raises(TaskNotFound):
            on_task(loan, Priority.URGENT, by)
    assert Task.objects.get(step="desk").priority == Priority.NORMAL


def test_the_same_priority_again_is_nothing_new(town):
    loan = town.loan_at("asked")
    before = Event.objects.count()

    on_task(loan, Priority.NORMAL, town.librarian)
    on_case(loan, Priority.NORMAL, town.director)

    assert Event.objects.count() == before


def test_the_priority_of_a_case_is_that_of_what_it_asks_now_and_later(town):
    loan = town.loan_at("asked")

    on_case(loan, Priority.HIGH, town.director)
    fire(loan, lifecycle.SEND_BACK, by=town.librarian, reason="Illisible.")

    assert set(Task.objects.filter(case=loan.case).values_list("step", "priority")) >= {
        ("desk", Priority.HIGH),
        ("wish", Priority.HIGH),
    }
    case = Case.objects.get(pk=loan.pk)
    assert case.priority == Priority.HIGH
    assert not verify.problems_of(case)


def test_the_overseers_of_a_procedure_set_the_priority_of_a_case(town):
    loan = town.loan_at("asked")

    with pytest.raises(MoveRefused, match="directeur"):
        on_case(loan, Priority.HIGH, town.librarian)


def test_a_case_that_is_over_has_its_priority_for_good(town):
    loan = town.loan_at("refused")

    with pytest.raises(MoveRefused, match="Refusé"):
        on_case(loan, Priority.HIGH, town.director)


def test_the_unit_may_differ_from_the_case(town):
    loan = town.loan_at("asked")
    on_case(loan, Priority.HIGH, town.director)
    on_task(loan, Priority.LOW, town.librarian)

    assert Task.objects.get(step="desk").priority == Priority.LOW
