"""From the award to the closing: delays, extensions, lapses, visas, abandonments."""

import datetime

import pytest
from dateutil.relativedelta import relativedelta

from erbm.operations.models import Kind, Opinion
from flows.operation import State
from flows.roles import Role
from tests.flows.acting import (
    WHY,
    act,
    asked,
    due,
    moment,
    refusals_of,
    state_of,
    trail,
)
from tests.operations import factories
from tests.operations.factories import (
    DAY,
    again,
    operation_at,
    person,
    person_of,
)
from workflow.models import Membership, Signature
from workflow.refusals import Ground
from workflow.trail import verify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

REPORT = ("report", "owner")
"""While works go on, their owner says every quarter how."""

HEARD = {"heard_on": datetime.date(2028, 1, 10), **WHY}


def months(count):
    return relativedelta(months=count)


# The whole life


LIFE = [
    "",  # the opening
    "edit_plan",
    *["add_document"] * 3,
    "submit",
    "declare_complete",
    *["give_opinion"] * 3,
    "record_urban_study",
    "enter_agenda",
    "endorse",
    "validate",
    "validate",
    "record_notification",
    "confirm_funding",
    "start",
    "record_progress",
    "add_document",
    "deliver",
    "deliver",
    "record_settlement",
    "close",
]


@pytest.mark.parametrize("kind", Kind)
def test_an_operation_travels_from_draft_to_closed(kind):
    operation = operation_at(State.CLOSED, kind)

    lived = [
        move for move in LIFE if (kind, move) != (Kind.SUBSIDY, "record_urban_study")
    ]
    if kind == Kind.SUBSIDY:
        lived.remove("give_opinion")  # it consults two units, not three
    assert trail(operation) == lived
    assert verify.problems_of(operation.case) == []
    assert asked(operation) == set()
    days = [
        operation.received_on,
        operation.complete_on,
        operation.funded_on,
        operation.started_on,
        operation.delivered_on,
        operation.closed_on,
    ]
    assert days == sorted(days)
    assert operation.insertion_hours == 1200
    assert Opinion.objects.filter(operation=operation).count() == lived.count(
        "give_opinion"
    )


# Delays


@pytest.mark.parametrize("kind", Kind)
def test_the_award_starts_the_delay_to_begin(kind):
    operation = operation_at(State.FUNDED, kind)

    assert operation.deadline_on == operation.funded_on + months(24)
    assert due(operation, "begin") == operation.deadline_on


def test_a_rehabilitation_is_delivered_two_years_after_its_award():
    operation = operation_at(State.IN_PROGRESS)

    assert operation.deadline_on == operation.funded_on + months(24)
    assert due(operation, "deliver") == operation.deadline_on


def test_a_subsidised_project_is_completed_four_years_after_it_began():
    operation = operation_at(State.IN_PROGRESS, Kind.SUBSIDY)

    assert operation.deadline_on == operation.started_on + months(48)
    assert due(operation, "deliver") == operation.deadline_on


# Extensions


CEILINGS = [
    (Kind.REHABILITATION, State.FUNDED, 12),
    (Kind.REHABILITATION, State.IN_PROGRESS, 12),
    (Kind.SUBSIDY, State.FUNDED, 12),
    (Kind.SUBSIDY, State.IN_PROGRESS, 24),
]


@pytest.mark.parametrize(("kind", "state", "ceiling"), CEILINGS)
def test_an_extension_reaches_its_ceiling_and_no_further(kind, state, ceiling):
    operation = operation_at(state, kind)
    latest = operation.deadline_on + months(ceiling)

    for until in (operation.deadline_on, latest + DAY):
        [refusal] = refusals_of(operation, "extend", Role.PREFECT, until=until, **WHY)
        assert refusal.field == "until"
        assert f"{latest:%d/%m/%Y}" in refusal.message
    operation = act(operation, "extend", Role.PREFECT, until=latest, **WHY)

    assert operation.deadline_on == latest
    assert state_of(operation) == state
    others = asked(operation) - {REPORT}
    assert {due(operation, step) for step, _ in others} == {latest}


def test_a_delay_is_extended_once():
    operation = operation_at(State.FUNDED)
    until = operation.deadline_on + months(1)
    operation = act(operation, "extend", Role.PREFECT, until=until, **WHY)

    [refusal] = refusals_of(operation, "extend", Role.PREFECT, until=until + DAY, **WHY)

    assert refusal.ground is Ground.REQUIREMENT
    assert "déjà été prorogé" in refusal.message


def test_a_rehabilitation_never_has_more_than_thirty_six_months():
    """Both its delays run from the award: an extension is not granted for each."""
    operation = operation_at(State.FUNDED)
    latest = operation.funded_on + months(36)
    operation = act(operation, "extend", Role.PREFECT, until=latest, **WHY)

    factories.start(operation)

    operation = again(operation)
    assert operation.deadline_on == latest
    assert refusals_of(operation, "extend", Role.PREFECT, until=latest + DAY, **WHY)


def test_a_subsidised_project_extended_to_begin_may_be_extended_to_end():
    operation = operation_at(State.FUNDED, Kind.SUBSIDY)
    until = operation.deadline_on + months(12)
    operation = act(operation, "extend", Role.PREFECT, until=until, **WHY)
    factories.start(operation)
    operation = again(operation)

    until = operation.deadline_on + months(24)
    operation = act(operation, "extend", Role.PREFECT, until=until, **WHY)

    assert operation.deadline_on == operation.started_on + months(72)


def test_a_suspension_before_the_works_still_counts_after():
    operation = operation_at(State.FUNDED)
    at = operation.case.changed_at
    operation = act(operation, "suspend", Role.LEAD_SERVICE, at=at + DAY, **WHY)
    operation = act(operation, "resume", Role.LEAD_SERVICE, at=at + 31 * DAY, **WHY)

    factories.start(operation)

    operation = again(operation)
    assert operation.deadline_on == operation.funded_on + months(24) + 30 * DAY


def test_a_delay_that_a_suspension_holds_is_not_extended():
    operation = act(operation_at(State.FUNDED), "suspend", Role.LEAD_SERVICE, **WHY)
    until = operation.deadline_on + DAY

    [refusal] = refusals_of(operation, "extend", Role.PREFECT, until=until, **WHY)

    assert refusal.ground is Ground.STATE


def test_nobody_but_the_prefect_extends():
    operation = operation_at(State.FUNDED)

    for role in (Role.SUB_PREFECT, Role.FUNDER, Role.LEAD_SERVICE, Role.OWNER):
        refusals = refusals_of(
            operation, "extend", role, until=operation.deadline_on + DAY, **WHY
        )
        assert refusals[0].ground is Ground.ROLE


# Lapses


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("state", [State.FUNDED, State.IN_PROGRESS])
def test_a_lapse_is_recorded_the_day_after_the_deadline(kind, state):
    operation = operation_at(state, kind)
    last_day = operation.deadline_on

    [refusal] = refusals_of(
        operation, "record_lapse", Role.PREFECT, at=moment(last_day), **HEARD
    )
    assert refusal.ground is Ground.REQUIREMENT
    operation = act(
        operation, "record_lapse", Role.PREFECT, at=moment(last_day + DAY), **HEARD
    )

    assert state_of(operation) == State.LAPSED
    assert asked(operation) == set()


def test_time_alone_makes_nothing_lapse():
    operation = operation_at(State.FUNDED)
    long_after = moment(operation.deadline_on + 500 * DAY)

    until = operation.deadline_on + months(12)
    operation = act(
        operation, "extend", Role.PREFECT, at=long_after, until=until, **WHY
    )

    assert state_of(operation) == State.FUNDED


def test_a_lapse_wants_the_owner_heard_and_the_prefect_known():
    operation = operation_at(State.FUNDED)
    at = moment(operation.deadline_on + DAY)

    [unheard] = refusals_of(operation, "record_lapse", Role.PREFECT, at=at, **WHY)
    [unproved] = refusals_of(
        operation,
        "record_lapse",
        Role.PREFECT,
        at=at,
        confirmed_at=at - datetime.timedelta(minutes=11),
        **HEARD,
    )

    assert unheard.field == "heard_on"
    assert unproved.ground is Ground.IDENTITY


# The visa


def finished(kind):
    operation = operation_at(State.IN_PROGRESS, kind)
    factories.progress(operation)
    factories.documents(again(operation))
    return again(operation)


@pytest.mark.parametrize("kind", Kind)
def test_the_owner_declares_then_the_lead_service_endorses(kind):
    operation = act(finished(kind), "deliver", Role.OWNER)

    assert state_of(operation) == State.IN_PROGRESS
    assert asked(operation) == {("visa", "lead_service"), REPORT}
    operation = act(operation, "deliver", Role.LEAD_SERVICE)
    assert state_of(operation) == State.DELIVERED
    assert operation.deadline_on is None
    assert asked(operation) == {("settle", "lead_service"), ("settlement", "funder")}


@pytest.mark.parametrize("kind", Kind)
def test_the_funder_attests_the_settlement_and_the_lead_service_closes(kind):
    operation = operation_at(State.DELIVERED, kind)

    [refusal, *_] = refusals_of(operation, "attest_settlement", Role.FUNDER)
    assert refusal.ground is Ground.REQUIREMENT
    assert "Ligne à solder" in refusal.message
    factories.settle(operation)
    operation = act(again(operation), "attest_settlement", Role.FUNDER)

    assert state_of(operation) == State.DELIVERED
    assert asked(operation) == {("settle", "lead_service")}
    operation = act(operation, "close", Role.LEAD_SERVICE)
    assert state_of(operation) == State.CLOSED


@pytest.mark.parametrize("kind", Kind)
def test_a_refused_visa_asks_the_owner_again(kind):
    operation = act(finished(kind), "deliver", Role.OWNER)

    operation = act(operation, "refuse_visa", Role.LEAD_SERVICE, **WHY)

    assert asked(operation) == {("deliver", "owner"), REPORT}
    struck = Signature.objects.get(case=operation.case, move="deliver")
    assert struck.struck_by.move == "refuse_visa"
    operation = act(operation, "deliver", Role.OWNER)
    operation = act(operation, "deliver", Role.LEAD_SERVICE)
    assert state_of(operation) == State.DELIVERED


def test_there_is_no_visa_to_refuse_before_the_owner_declares():
    [refusal] = refusals_of(
        finished(Kind.REHABILITATION), "refuse_visa", Role.LEAD_SERVICE, **WHY
    )

    assert refusal.ground is Ground.SIGNATURE


def test_the_lead_service_does_not_deliver_first():
    [refusal] = refusals_of(finished(Kind.REHABILITATION), "deliver", Role.LEAD_SERVICE)

    assert refusal.ground is Ground.SIGNATURE
    assert "porteur" in refusal.message


def test_one_person_does_not_declare_and_endorse():
    operation = finished(Kind.REHABILITATION)
    owner = person(operation, Role.OWNER)
    service = operation.case.parties.get(role=Role.LEAD_SERVICE).unit
    Membership.objects.create(
        user=owner,
        unit=service,
        role=Role.LEAD_SERVICE,
        starts_on=datetime.date(2026, 1, 1),
    )
    operation = act(operation, "deliver", Role.OWNER, by=owner)

    refusals = refusals_of(operation, "deliver", Role.LEAD_SERVICE, by=owner)

    assert [one.ground for one in refusals] == [Ground.SIGNATURE, Ground.FOUR_EYES]


def test_to_report_something_else_strikes_the_declaration_out():
    operation = act(finished(Kind.REHABILITATION), "deliver", Role.OWNER)
    operation = act(
        operation,
        "record_progress",
        Role.OWNER,
        dwellings_delivered=150,
        dwellings_withdrawn=3,
    )

    refusal, *_ = refusals_of(operation, "deliver", Role.LEAD_SERVICE)

    assert refusal.ground is Ground.SIGNATURE
    assert refusal.message.endswith("celle de : porteur de l’opération.")
    [signature] = Signature.objects.filter(case=operation.case, move="deliver")
    assert signature.struck_by.move == "record_progress"
    assert ("deliver", "owner") in asked(operation)


# Abandonment


@pytest.mark.parametrize("state", [State.FUNDING, State.FUNDED, State.IN_PROGRESS])
def test_an_abandonment_takes_effect_when_the_sub_prefect_signs(state):
    operation = operation_at(state)
    before = asked(operation)

    operation = act(operation, "abandon", Role.OWNER, **WHY)
    assert state_of(operation) == state
    assert asked(operation) == before | {("abandonment", "sub_prefect")}
    operation = act(operation, "abandon", Role.SUB_PREFECT, **WHY)

    assert state_of(operation) == State.ABANDONED
    assert not operation.case.tasks.unfinished().exists()


def test_a_refused_abandonment_may_be_asked_again():
    operation = act(operation_at(State.FUNDED), "abandon", Role.OWNER, **WHY)

    operation = act(operation, "refuse_abandonment", Role.SUB_PREFECT, **WHY)

    assert state_of(operation) == State.FUNDED
    assert asked(operation) == {("begin", "owner")}
    operation = act(operation, "abandon", Role.OWNER, **WHY)
    assert ("abandonment", "sub_prefect") in asked(operation)


def test_the_owner_does_not_sign_for_the_sub_prefect():
    operation = act(operation_at(State.FUNDED), "abandon", Role.OWNER, **WHY)
    colleague = person_of(operation.owner, Role.OWNER, "colleague")

    [refusal] = refusals_of(operation, "abandon", Role.OWNER, by=colleague, **WHY)

    assert refusal.ground is Ground.SIGNATURE


def test_works_that_start_meanwhile_strike_the_abandonment():
    operation = act(operation_at(State.FUNDED), "abandon", Role.OWNER, **WHY)

    factories.start(operation)

    assert asked(operation) == {("deliver", "owner"), REPORT}
    assert (
        Signature.objects.get(case=operation.case, move="abandon").struck_by.move
        == "start"
    )


def test_delivery_and_abandonment_do_not_wait_side_by_side():
    operation = act(finished(Kind.REHABILITATION), "abandon", Role.OWNER, **WHY)

    operation = act(operation, "deliver", Role.OWNER)

    assert asked(operation) == {("visa", "lead_service"), REPORT}
    operation = act(operation, "abandon", Role.OWNER, **WHY)
    assert asked(operation) == {
        ("deliver", "owner"),
        ("abandonment", "sub_prefect"),
        REPORT,
    }
