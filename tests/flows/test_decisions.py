"""Committee, arbitration, COPIL: who decides, together with whom, and what follows."""

import pytest

from erbm.operations.commands import StaleCase
from erbm.operations.models import Kind
from flows.operation import State
from flows.roles import Role
from tests.flows.acting import (
    AGENDA,
    COMMITTEE,
    COPIL,
    NEXT_SITTING,
    POSITIONS,
    WHY,
    act,
    asked,
    due,
    refusals_of,
    state_of,
    trail,
)
from tests.operations.factories import (
    COPIL_DAY,
    DAY,
    again,
    join_act,
    operation_at,
    person,
    person_of,
)
from workflow.models import Journey, Membership, Signature
from workflow.refusals import Ground

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

REOPENED = {"legal_ground": "Recours gracieux.", "act": "2026-12", **WHY}
BOTH_ASKED = {("copil_state", "copil_state"), ("copil_region", "copil_region")}


def also(somebody, operation, role):
    """Let a person hold one more role, in the unit that plays it."""
    Membership.objects.create(
        user=somebody,
        unit=operation.case.parties.get(role=role).unit,
        role=role,
        starts_on=operation.case.opened_at.date(),
    )
    return somebody


# The committee


@pytest.mark.parametrize("role", [Role.COMMITTEE_SECRETARY, Role.SUB_PREFECT])
@pytest.mark.parametrize(
    ("name", "said", "state"),
    [
        ("endorse", COMMITTEE | {"quorum": True}, State.AWAITING_COPIL),
        ("adjourn", NEXT_SITTING | WHY, State.UNDER_REVIEW),
        ("refer_to_arbitration", POSITIONS | WHY, State.ARBITRATION),
        ("decline", COMMITTEE | WHY, State.REJECTED),
    ],
)
def test_the_committee_decides_in_four_ways(role, name, said, state):
    operation = act(operation_at(State.ON_AGENDA), name, role, **said)

    assert state_of(operation) == state


def test_a_sitting_without_quorum_endorses_nothing():
    [refusal] = refusals_of(
        operation_at(State.ON_AGENDA), "endorse", Role.SUB_PREFECT, **COMMITTEE
    )

    assert refusal.field == "quorum"


def test_the_lead_service_refers_what_the_committee_cannot_settle():
    operation = operation_at(State.ON_AGENDA)

    operation = act(
        operation, "refer_to_arbitration", Role.LEAD_SERVICE, **POSITIONS, **WHY
    )

    assert asked(operation) == {("arbitrate", "sub_prefect")}


@pytest.mark.parametrize("name", ["adjourn", "decline", "refer_to_arbitration"])
def test_what_the_committee_refuses_it_explains(name):
    [refusal] = refusals_of(
        operation_at(State.ON_AGENDA),
        name,
        Role.SUB_PREFECT,
        reason=" \n ",
        **NEXT_SITTING,
        **POSITIONS,
    )

    assert refusal.field == "reason"


# Arbitration


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("arbitrate_for", State.AWAITING_COPIL),
        ("arbitrate_back", State.UNDER_REVIEW),
        ("arbitrate_against", State.REJECTED),
    ],
)
@pytest.mark.parametrize("kind", Kind)
def test_the_sub_prefect_arbitrates_in_three_ways(kind, name, state):
    operation = operation_at(State.ARBITRATION, kind)
    assert due(operation, "arbitrate") == operation.case.changed_at.date() + 15 * DAY

    operation = act(operation, name, Role.SUB_PREFECT, **WHY)

    assert state_of(operation) == state


def test_what_is_sent_back_may_reach_the_committee_again():
    operation = operation_at(State.ARBITRATION)
    operation = act(operation, "arbitrate_back", Role.SUB_PREFECT, **WHY)

    operation = act(operation, "enter_agenda", Role.LEAD_SERVICE, **AGENDA)

    assert asked(operation) == {("committee", "committee_secretary")}


def test_an_arbitration_is_refused_without_reason_or_proof_of_identity():
    operation = operation_at(State.ARBITRATION)

    [unexplained] = refusals_of(operation, "arbitrate_for", Role.SUB_PREFECT)
    [unproved] = refusals_of(
        operation, "arbitrate_for", Role.SUB_PREFECT, confirmed_at=None, **WHY
    )

    assert unexplained.field == "reason"
    assert unproved.ground is Ground.IDENTITY


@pytest.mark.parametrize(
    "role", [Role.COMMITTEE_SECRETARY, Role.LEAD_SERVICE, Role.PROJECT_DIRECTOR]
)
def test_nobody_else_arbitrates(role):
    refusals = refusals_of(
        operation_at(State.ARBITRATION), "arbitrate_for", role, **WHY
    )

    assert refusals[0].ground is Ground.ROLE
    assert "sous-préfet" in refusals[0].message


def test_a_sub_prefect_does_not_arbitrate_what_she_submitted():
    operation = operation_at(State.ARBITRATION)
    owner = also(person(operation, Role.OWNER), operation, Role.SUB_PREFECT)

    refusals = refusals_of(
        operation, "arbitrate_for", Role.SUB_PREFECT, by=owner, **WHY
    )

    # She made the move, and belongs to the unit that carries the operation.
    assert [refusal.ground for refusal in refusals] == [Ground.FOUR_EYES] * 2


# The COPIL


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("first", [Role.COPIL_STATE, Role.COPIL_REGION])
def test_the_copil_validates_when_both_co_chairs_have_signed(kind, first):
    [second] = {Role.COPIL_STATE, Role.COPIL_REGION} - {first}
    operation = act(
        operation_at(State.AWAITING_COPIL, kind), "validate", first, **COPIL
    )

    assert state_of(operation) == State.AWAITING_COPIL
    assert asked(operation) == {(str(second), str(second))}
    operation = act(operation, "validate", second, **COPIL)
    assert state_of(operation) == State.FUNDING
    assert operation.copil_on == COPIL["sitting_on"]
    assert asked(operation) == {("fund", "funder")}


def test_a_co_chair_does_not_sign_twice():
    operation = operation_at(State.AWAITING_COPIL)
    operation = act(operation, "validate", Role.COPIL_STATE, **COPIL)
    colleague = person_of(
        operation.case.parties.get(role=Role.COPIL_STATE).unit,
        Role.COPIL_STATE,
        "colleague",
    )

    [refusal] = refusals_of(
        operation, "validate", Role.COPIL_STATE, by=colleague, **COPIL
    )

    assert refusal.ground is Ground.SIGNATURE
    assert "président de la Région" in refusal.message


def test_one_person_does_not_sign_for_both_co_chairs():
    operation = operation_at(State.AWAITING_COPIL)
    both = also(person(operation, Role.COPIL_STATE), operation, Role.COPIL_REGION)
    operation = act(operation, "validate", Role.COPIL_STATE, by=both, **COPIL)

    [refusal] = refusals_of(operation, "validate", Role.COPIL_REGION, by=both, **COPIL)

    assert refusal.ground is Ground.SIGNATURE


def test_two_co_chairs_who_disagree_never_leave_it_to_nobody():
    """Each new decision strikes out the other’s, and asks it of the other again."""
    operation = operation_at(State.AWAITING_COPIL)

    for name, role, other in [
        ("validate", Role.COPIL_STATE, Role.COPIL_REGION),
        ("reject", Role.COPIL_REGION, Role.COPIL_STATE),
        ("validate", Role.COPIL_STATE, Role.COPIL_REGION),
        ("reject", Role.COPIL_REGION, Role.COPIL_STATE),
    ]:
        operation = act(operation, name, role, **COPIL, **WHY)
        assert state_of(operation) == State.AWAITING_COPIL
        assert asked(operation) == {(str(other), str(other))}
        pending = Signature.objects.filter(
            case=operation.case, struck_by=None, took_effect_by=None
        )
        assert [(s.move, s.role) for s in pending] == [(name, role)]

    operation = act(operation, "reject", Role.COPIL_STATE, **COPIL, **WHY)
    assert state_of(operation) == State.REJECTED


def test_a_co_chair_may_change_his_mind_before_the_other_signs():
    operation = operation_at(State.AWAITING_COPIL)
    operation = act(operation, "validate", Role.COPIL_STATE, **COPIL)

    operation = act(operation, "reject", Role.COPIL_STATE, **COPIL, **WHY)
    operation = act(operation, "reject", Role.COPIL_REGION, **COPIL, **WHY)

    assert state_of(operation) == State.REJECTED
    struck = Signature.objects.get(case=operation.case, move="validate")
    assert struck.struck_by.move == "reject"


@pytest.mark.parametrize("role", [Role.COPIL_STATE, Role.COPIL_REGION])
def test_either_co_chair_sends_back_and_the_signatures_fall(role):
    operation = operation_at(State.AWAITING_COPIL)
    operation = act(operation, "validate", Role.COPIL_STATE, **COPIL)

    operation = act(operation, "return_to_review", role, **COPIL, **WHY)

    assert state_of(operation) == State.UNDER_REVIEW
    assert Signature.objects.get(case=operation.case).struck_by is not None
    operation = act(operation, "enter_agenda", Role.LEAD_SERVICE, **AGENDA)
    operation = act(operation, "endorse", Role.SUB_PREFECT, quorum=True, **COMMITTEE)
    assert asked(operation) == BOTH_ASKED


def test_a_suspension_strikes_out_the_signatures_given_at_the_copil():
    operation = operation_at(State.AWAITING_COPIL)
    operation = act(operation, "validate", Role.COPIL_STATE, **COPIL)

    operation = act(operation, "suspend", Role.LEAD_SERVICE, **WHY)
    operation = act(operation, "resume", Role.LEAD_SERVICE, **WHY)

    assert asked(operation) == BOTH_ASKED
    assert not operation.case.awaits_signatures


# Withdrawal and reopening


@pytest.mark.parametrize(
    "state",
    [
        State.DRAFT,
        State.PROPOSED,
        State.INCOMPLETE,
        State.UNDER_REVIEW,
        State.ON_AGENDA,
        State.ARBITRATION,
        State.AWAITING_COPIL,
        State.FUNDING,
    ],
)
def test_the_owner_withdraws_what_is_not_funded(state):
    operation = act(operation_at(state), "withdraw", Role.OWNER, **WHY)

    assert state_of(operation) == State.WITHDRAWN
    assert asked(operation) == set()
    assert not operation.case.tasks.unfinished().exists()
    assert Journey.objects.get(case=operation.case).finished


@pytest.mark.parametrize(
    "state", [State.FUNDED, State.IN_PROGRESS, State.DELIVERED, State.CLOSED]
)
def test_the_owner_does_not_withdraw_what_is_funded(state):
    [refusal] = refusals_of(operation_at(state), "withdraw", Role.OWNER, **WHY)

    assert refusal.ground is Ground.STATE


def test_what_was_rejected_is_reopened_on_a_legal_ground():
    operation = operation_at(State.REJECTED)
    join_act(operation)

    operation = act(operation, "reopen", Role.PROJECT_DIRECTOR, **REOPENED)

    assert state_of(operation) == State.UNDER_REVIEW
    assert asked(operation) == {("review", "lead_service")}
    assert Journey.objects.get(case=operation.case).finished is None
    assert trail(operation)[-3:] == ["decline", "join_act", "reopen"]


def test_it_is_not_reopened_on_an_act_that_nobody_joined():
    [refusal] = refusals_of(
        operation_at(State.REJECTED), "reopen", Role.PROJECT_DIRECTOR, **REOPENED
    )

    assert refusal.message == (
        "L’acte qui fonde la réouverture n’est pas joint au dossier."
    )


def test_a_rejection_signed_by_both_falls_when_the_operation_is_reopened():
    operation = operation_at(State.AWAITING_COPIL)
    for role in (Role.COPIL_STATE, Role.COPIL_REGION):
        operation = act(operation, "reject", role, **COPIL, **WHY)
    join_act(operation)

    operation = act(operation, "reopen", Role.PROJECT_DIRECTOR, **REOPENED)

    struck = Signature.objects.filter(case=operation.case, move="reject")
    assert {one.struck_by.move for one in struck} == {"reopen"}


@pytest.mark.parametrize("lacking", ["legal_ground", "act", "reason"])
def test_it_is_not_reopened_without_ground_act_and_reason(lacking):
    operation = operation_at(State.REJECTED)
    join_act(operation)

    [refusal] = refusals_of(
        operation,
        "reopen",
        Role.PROJECT_DIRECTOR,
        **{name: said for name, said in REOPENED.items() if name != lacking},
    )

    assert refusal.field == lacking


@pytest.mark.parametrize(
    "state", [State.WITHDRAWN, State.ABANDONED, State.LAPSED, State.CLOSED]
)
def test_nothing_else_is_reopened(state):
    [refusal] = refusals_of(
        operation_at(state), "reopen", Role.PROJECT_DIRECTOR, **REOPENED
    )

    assert refusal.ground is Ground.STATE


def test_a_decision_taken_on_an_old_page_is_refused():
    operation = operation_at(State.AWAITING_COPIL)
    seen = operation.case.version
    act(operation, "validate", Role.COPIL_STATE, **COPIL)

    with pytest.raises(StaleCase):
        act(operation, "reject", Role.COPIL_REGION, seen=seen, **COPIL, **WHY)
    assert again(operation).case.version == seen + 1


@pytest.mark.parametrize("kind", Kind)
def test_both_co_chairs_sign_the_same_sitting(kind):
    operation = operation_at(State.AWAITING_COPIL, kind)
    operation = act(operation, "validate", Role.COPIL_STATE, **COPIL)

    [refusal] = refusals_of(
        operation, "validate", Role.COPIL_REGION, sitting_on=COPIL_DAY + DAY
    )

    assert refusal.field == "sitting_on"
    assert f"{COPIL_DAY:%d/%m/%Y}" in refusal.message
    operation = act(operation, "validate", Role.COPIL_REGION, **COPIL)
    assert state_of(operation) == State.FUNDING
