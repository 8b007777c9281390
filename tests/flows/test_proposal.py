"""From the draft to the agenda: checks sent back, opinions asked, clocks stopped."""

import datetime
import functools

import pytest

from erbm.funding import commands as funding
from erbm.operations import commands
from erbm.operations.models import Kind
from flows.operation import RUNNING, State
from flows.roles import Role
from tests.flows.acting import (
    AGENDA,
    NEXT_SITTING,
    WHY,
    act,
    asked,
    due,
    moment,
    refusals_of,
    state_of,
)
from tests.operations import factories
from tests.operations.factories import DAY, START, again, operation_at, people, person
from workflow.models import Membership
from workflow.refusals import Ground
from workflow.schedules import NO_DUE_DATE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

SUBMITTED = datetime.datetime(2026, 3, 2, 10, tzinfo=datetime.UTC)
WANTED = {"documents": "Plan de masse", "answer_by": datetime.date(2026, 4, 10), **WHY}


def submitted(kind=Kind.REHABILITATION):
    operation = operation_at(State.DRAFT, kind)
    return act(operation, "submit", Role.OWNER, at=SUBMITTED)


def supplied(operation, at):
    for request in operation.requested_documents.filter(document=None):
        factories.join(operation, answers=request.pk)
    return act(operation, "supply_documents", Role.OWNER, at=at)


# The clock of the check


def test_the_check_is_due_two_months_after_the_receipt_or_three():
    assert due(submitted(), "check") == datetime.date(2026, 5, 2)
    assert due(submitted(Kind.SUBSIDY), "check") == datetime.date(2026, 6, 2)


def test_the_clock_of_the_check_stops_while_documents_are_awaited():
    operation = submitted()
    operation = act(
        operation,
        "ask_for_documents",
        Role.LEAD_SERVICE,
        at=SUBMITTED + 10 * DAY,
        **WANTED,
    )

    assert asked(operation) == {("supply", "owner")}
    assert due(operation, "supply") == WANTED["answer_by"]
    operation = supplied(operation, SUBMITTED + 25 * DAY)

    assert asked(operation) == {("check", "lead_service")}
    assert due(operation, "check") == datetime.date(2026, 5, 17)
    task = operation.case.tasks.get(step="check")
    assert task.original_due_at.date() == datetime.date(2026, 5, 2)


def test_a_second_request_stops_the_same_clock_again():
    operation = submitted()
    for days in (5, 20):
        at = SUBMITTED + days * DAY
        operation = act(
            operation, "ask_for_documents", Role.LEAD_SERVICE, at=at, **WANTED
        )
        operation = supplied(operation, at + 3 * DAY)

    assert due(operation, "check") == datetime.date(2026, 5, 8)
    assert operation.case.tasks.filter(step="check").count() == 1


def test_a_suspension_while_documents_are_awaited_stops_both_clocks():
    operation = submitted()
    operation = act(
        operation,
        "ask_for_documents",
        Role.LEAD_SERVICE,
        at=SUBMITTED + 10 * DAY,
        **WANTED,
    )
    at = SUBMITTED + 12 * DAY
    operation = act(operation, "suspend", Role.LEAD_SERVICE, at=at, **WHY)
    operation = act(operation, "resume", Role.LEAD_SERVICE, at=at + 6 * DAY, **WHY)

    assert state_of(operation) == State.INCOMPLETE
    assert due(operation, "supply") == WANTED["answer_by"] + 6 * DAY
    operation = supplied(operation, SUBMITTED + 30 * DAY)
    assert due(operation, "check") == datetime.date(2026, 5, 22)
    assert operation.case.returns_to == ""


def test_a_withdrawal_while_documents_are_awaited_leaves_no_task_behind():
    operation = act(operation_at(State.INCOMPLETE), "withdraw", Role.OWNER, **WHY)

    assert not operation.case.tasks.unfinished().exists()


def test_a_plan_may_be_put_right_while_documents_are_awaited():
    operation = operation_at(State.INCOMPLETE)

    factories.plan(operation)

    assert again(operation).financing_gap_cents() == 0


def test_a_plan_is_frozen_once_it_is_checked():
    operation = operation_at(State.UNDER_REVIEW)

    with pytest.raises(funding.MoveRefused) as caught:
        factories.plan(operation)

    assert {refusal.ground for refusal in caught.value.refusals} == {Ground.STATE}


# Nobody decides on what she submitted


@pytest.mark.parametrize("kind", Kind)
def test_whoever_submitted_does_not_declare_complete(kind):
    operation = operation_at(State.PROPOSED, kind)
    owner = person(operation, Role.OWNER)
    Membership.objects.create(
        user=owner,
        unit=operation.case.parties.get(role=Role.LEAD_SERVICE).unit,
        role=Role.LEAD_SERVICE,
        starts_on=START.date(),
    )

    refusals = refusals_of(
        operation, "declare_complete", Role.LEAD_SERVICE, by=owner, early_start="none"
    )

    # She made the move, and belongs to the unit that carries the operation.
    assert [refusal.ground for refusal in refusals] == [Ground.FOUR_EYES] * 2


# Opinions


def opinions_asked(operation):
    tasks = again(operation).case.tasks.open().filter(step="opine")
    return set(tasks.values_list("unit__code", flat=True))


def test_each_consulted_unit_answers_for_itself():
    operation = operation_at(State.UNDER_REVIEW)
    first, *others = people(operation, Role.CONSULTED)
    units = opinions_asked(operation)
    assert len(units) == 3

    operation = act(
        operation, "give_opinion", Role.CONSULTED, by=first, direction="favourable"
    )

    left = {m.unit.code for other in others for m in other.memberships.all()}
    assert opinions_asked(operation) == left
    assert operation.opinions.get().given_by == first


def test_the_agenda_waits_for_opinions_that_may_still_come():
    operation = operation_at(State.UNDER_REVIEW)

    refusals = refusals_of(operation, "enter_agenda", Role.LEAD_SERVICE, **AGENDA)

    assert len(refusals) == 3
    assert {refusal.ground for refusal in refusals} == {Ground.REQUIREMENT}
    assert all("Avis attendu" in refusal.message for refusal in refusals)


@pytest.mark.parametrize(("late", "refused"), [(0, True), (1, False)])
def test_the_agenda_no_longer_waits_once_their_time_is_over(late, refused):
    operation = operation_at(State.UNDER_REVIEW)
    at = moment(due(operation, "opine") + late * DAY)

    if refused:
        assert refusals_of(
            operation, "enter_agenda", Role.LEAD_SERVICE, at=at, **AGENDA
        )
    else:
        operation = act(operation, "enter_agenda", Role.LEAD_SERVICE, at=at, **AGENDA)
        assert state_of(operation) == State.ON_AGENDA
        assert asked(operation) == {("committee", "committee_secretary")}


def test_the_agenda_waits_for_an_opinion_that_nothing_makes_due():
    operation = operation_at(State.UNDER_REVIEW)
    first, *_ = operation.case.tasks.open().filter(step="opine")
    later = moment(due(operation, "opine") + DAY)
    first.due_at, first.sort_at = None, NO_DUE_DATE
    first.save()

    [refusal] = refusals_of(
        operation, "enter_agenda", Role.LEAD_SERVICE, at=later, **AGENDA
    )

    assert refusal.message == f"Avis attendu : {first.unit}."


def test_a_late_opinion_is_kept():
    operation = operation_at(State.UNDER_REVIEW)
    at = moment(due(operation, "opine") + 20 * DAY)

    operation = act(
        operation, "give_opinion", Role.CONSULTED, at=at, direction="unfavourable"
    )

    assert operation.opinions.get().given_on == at.date()
    assert len(opinions_asked(operation)) == 2


def test_units_that_answered_are_not_asked_again_after_an_adjournment():
    operation = operation_at(State.ON_AGENDA)

    operation = act(operation, "adjourn", Role.SUB_PREFECT, **NEXT_SITTING, **WHY)

    assert asked(operation) == {("review", "lead_service")}
    operation = act(operation, "enter_agenda", Role.LEAD_SERVICE, **AGENDA)
    assert state_of(operation) == State.ON_AGENDA


def test_units_that_stayed_silent_do_not_block_a_second_passage():
    operation = operation_at(State.UNDER_REVIEW)
    at = moment(due(operation, "opine") + DAY)
    operation = act(operation, "enter_agenda", Role.LEAD_SERVICE, at=at, **AGENDA)

    operation = act(operation, "adjourn", Role.SUB_PREFECT, **NEXT_SITTING, **WHY)

    assert opinions_asked(operation) == set()
    operation = act(operation, "give_opinion", Role.CONSULTED, direction="favourable")
    operation = act(operation, "enter_agenda", Role.LEAD_SERVICE, **AGENDA)
    assert state_of(operation) == State.ON_AGENDA


def test_a_protected_cite_takes_the_opinion_of_the_architect():
    operation = operation_at(State.UNDER_REVIEW, is_protected=True)

    assert opinions_asked(operation) == {
        "region",
        "departement-62",
        "udap-62",
        "epci-246200364",
    }


# Suspension


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("state", [s for s in State if s in RUNNING])
def test_a_suspended_operation_returns_to_where_it_was(kind, state):
    operation = operation_at(state, kind)
    waiting = asked(operation)
    days = {t.step: t.due_at for t in operation.case.tasks.open() if t.due_at}
    deadline = operation.deadline_on
    at = operation.case.changed_at + DAY

    operation = act(operation, "suspend", Role.LEAD_SERVICE, at=at, **WHY)
    assert asked(operation) == {("resume", "lead_service")}
    operation = act(operation, "resume", Role.LEAD_SERVICE, at=at + 40 * DAY, **WHY)

    assert state_of(operation) == state
    assert asked(operation) == waiting
    assert operation.case.returns_to == ""
    assert operation.deadline_on == (deadline + 40 * DAY if deadline else None)
    for task in operation.case.tasks.open():
        if task.due_at:
            assert task.due_at.date() == (days[task.step] + 40 * DAY).date()


def test_a_suspension_does_not_end_before_it_began():
    operation = operation_at(State.FUNDED)
    at = operation.case.changed_at + 5 * DAY
    operation = act(operation, "suspend", Role.LEAD_SERVICE, at=at, **WHY)

    [refusal] = refusals_of(
        operation,
        "resume",
        Role.LEAD_SERVICE,
        effective_on=at.date() - DAY,
        **WHY,
    )

    assert refusal.field == "effective_on"


# Dates of effect


def test_nothing_takes_effect_before_the_operation_was_opened():
    operation = operation_at(State.DRAFT)

    [refusal] = refusals_of(
        operation, "submit", Role.OWNER, effective_on=datetime.date(1950, 1, 1)
    )

    assert refusal.field == "effective_on"
    operation = act(
        operation, "submit", Role.OWNER, effective_on=operation.case.opened_at.date()
    )
    assert state_of(operation) == State.PROPOSED


def test_the_past_of_a_copy_may_be_told_in_its_order(monkeypatch):
    """As for a project imported long after it was submitted."""
    draft = functools.partial(commands.Draft, is_copy=True)
    monkeypatch.setattr(commands, "Draft", draft)
    operation = operation_at(State.DRAFT)
    received_on = operation.case.opened_at.date() - 500 * DAY

    operation = act(operation, "submit", Role.OWNER, effective_on=received_on)

    assert operation.received_on == received_on
    for days, refused in [(-1, True), (0, False)]:
        said = {"effective_on": received_on + days * DAY, "early_start": "none"}
        if refused:
            [refusal] = refusals_of(
                operation, "declare_complete", Role.LEAD_SERVICE, **said
            )
            assert f"depuis le {received_on:%d/%m/%Y}" in refusal.message
        else:
            operation = act(operation, "declare_complete", Role.LEAD_SERVICE, **said)
    assert operation.complete_on == received_on


def test_nothing_takes_effect_tomorrow():
    operation = operation_at(State.DRAFT)
    at = operation.case.changed_at + DAY

    [refusal] = refusals_of(
        operation, "submit", Role.OWNER, at=at, effective_on=at.date() + DAY
    )

    assert refusal.field == "effective_on"
