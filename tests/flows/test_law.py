"""The law in words, guarding the declaration: to edit a table must not break it."""

import datetime
from types import SimpleNamespace

import pytest

from flows import conditions, steps
from flows.operation import FINAL, RUNNING, State
from flows.rehabilitation import lifecycle as rehabilitation
from flows.rehabilitation.journey import RehabilitationFlow
from flows.roles import Role
from flows.subsidy import lifecycle as subsidy
from flows.subsidy.journey import SubsidyFlow
from workflow.deadlines import Days, Months
from workflow.process import BACK, Rule

LIFECYCLES = {RehabilitationFlow: rehabilitation, SubsidyFlow: subsidy}
NEVER = datetime.date.max
BEFORE_FUNDED = {
    State.DRAFT,
    State.PROPOSED,
    State.INCOMPLETE,
    State.UNDER_REVIEW,
    State.ON_AGENDA,
    State.ARBITRATION,
    State.AWAITING_COPIL,
    State.FUNDING,
}

pytestmark = pytest.mark.parametrize("flow", LIFECYCLES, ids=lambda f: f.process.name)


def into(process, *states):
    """Return the moves that bring a case to one of these states."""
    return [move for move in process.moves if move.target in states]


def moves_of(process, role):
    return [move for move in process.moves if role in move.by.roles]


def labels(requirements):
    return {requirement.label for requirement in requirements}


# Who


def test_nobody_decides_on_what_she_submitted(flow):
    deciding = into(
        flow.process,
        State.AWAITING_COPIL,
        State.FUNDING,
        State.FUNDED,
        State.CLOSED,
        State.REJECTED,
        State.LAPSED,
    )
    deciding += map(
        flow.process.move, ["declare_complete", "give_opinion", "extend", "reopen"]
    )

    assert len(deciding) == 14
    assert [move.name for move in deciding if "submit" not in move.apart_from] == []


def test_only_the_sub_prefect_arbitrates_and_proves_who_he_is(flow):
    arbitrating = [m for m in flow.process.moves if State.ARBITRATION in m.source]
    apart = {"suspend", "give_opinion"}
    deciding = [m for m in arbitrating if m.name not in apart]
    owners = [m for m in deciding if m.by.roles == (Role.OWNER,)]

    assert {move.name for move in owners} == {"withdraw"}
    assert {m.name for m in deciding if m not in owners} == {
        "arbitrate_for",
        "arbitrate_back",
        "arbitrate_against",
    }
    for move in set(deciding) - set(owners):
        assert move.by.roles == (Role.SUB_PREFECT,)
        assert move.reauthenticate


@pytest.mark.parametrize("name", ["validate", "reject"])
def test_the_copil_decides_by_both_its_co_chairs(flow, name):
    move = flow.process.move(name)

    assert move.by.rule is Rule.ALL
    assert set(move.by.roles) == {Role.COPIL_STATE, Role.COPIL_REGION}
    assert move.by.may_sign_next(frozenset({Role.COPIL_STATE})) == (Role.COPIL_REGION,)


def test_nothing_reaches_the_funding_but_through_the_copil(flow):
    assert [move.name for move in into(flow.process, State.FUNDING)] == ["validate"]
    assert {move.name for move in into(flow.process, State.AWAITING_COPIL)} == {
        "endorse",
        "arbitrate_for",
        "return_to_copil",
    }


def test_the_copil_agrees_to_a_cost_a_plan_and_dwellings(flow):
    validate, back = map(flow.process.move, ["validate", "return_to_copil"])

    assert {fact.name for fact in validate.covers} == {
        "cost_cents",
        "planned_lines",
        "dwellings_before",
        "dwellings_after",
    }
    assert back.voids == ("validate",)
    assert back.reason


def test_the_owner_declares_the_delivery_and_the_lead_service_endorses_it(flow):
    by = flow.process.move("deliver").by

    assert by.rule is Rule.IN_ORDER
    assert by.roles == (Role.OWNER, Role.LEAD_SERVICE)
    assert [m.name for m in into(flow.process, State.DELIVERED)] == ["deliver"]


def test_an_abandonment_is_asked_by_the_owner_then_decided_by_the_sub_prefect(flow):
    by = flow.process.move("abandon").by

    assert by.rule is Rule.IN_ORDER
    assert by.roles == (Role.OWNER, Role.SUB_PREFECT)


def test_only_the_prefect_lets_lapse_and_only_after_the_deadline(flow):
    [lapsing] = into(flow.process, State.LAPSED)

    assert lapsing.by.roles == (Role.PREFECT,)
    assert "délai dépassé" in labels(lapsing.requires)
    assert {"heard_on"} == {i.name for i in lapsing.inputs if i.required}
    assert lapsing.reauthenticate


def test_a_lapse_is_never_due_from_anybody(flow):
    """The machine warns, it does not pronounce: no step offers the move."""
    assert not any(
        move.target == State.LAPSED for step in flow.steps() for move in step.offers
    )


@pytest.mark.parametrize("passed", [-1, 0, 1])
def test_a_deadline_counts_its_last_day_whole(flow, passed):
    deadline = datetime.date(2028, 3, 1)
    subject = SimpleNamespace(deadline_on=deadline)

    reasons = conditions.deadline_has_passed(
        subject, deadline + datetime.timedelta(days=passed)
    )

    assert bool(reasons) == (passed <= 0)


@pytest.mark.parametrize(
    "role",
    [Role.AUDITOR, Role.ADMINISTRATOR, Role.COMMITTEE_MEMBER, Role.ACCOUNTANT],
)
def test_who_reads_or_runs_the_software_moves_nothing(flow, role):
    assert moves_of(flow.process, role) == []
    assert not any(role in edit.by for edit in flow.process.edits)
    assert not any(step.asks == role for step in flow.steps())


def test_the_administrator_does_not_even_read(flow):
    assert Role.ADMINISTRATOR not in flow.process.readers
    assert Role.AUDITOR in flow.process.readers


# Why


@pytest.mark.parametrize(
    "name",
    [
        "ask_for_documents",
        "adjourn",
        "refer_to_arbitration",
        "decline",
        "arbitrate_for",
        "arbitrate_back",
        "arbitrate_against",
        "return_to_review",
        "reject",
        "refuse_visa",
        "suspend",
        "resume",
        "withdraw",
        "abandon",
        "refuse_abandonment",
        "extend",
        "record_lapse",
        "reopen",
    ],
)
def test_what_goes_against_somebody_demands_a_written_reason(flow, name):
    assert flow.process.move(name).reason


def test_whatever_sends_back_or_ends_badly_demands_a_reason(flow):
    backwards = [
        move
        for move in flow.process.moves
        if move.target in FINAL - {State.CLOSED}
        or (move.target == State.UNDER_REVIEW and State.PROPOSED not in move.source)
    ]

    backwards.append(flow.process.move("return_to_copil"))
    assert {move.name for move in backwards if not move.reason} == set()


def test_to_refer_to_arbitration_is_to_set_both_positions_side_by_side(flow):
    inputs = flow.process.move("refer_to_arbitration").inputs

    assert {i.name for i in inputs if i.required} == {
        "position_for",
        "position_against",
    }


def test_to_reopen_takes_a_legal_ground_and_an_act(flow):
    [reopening] = [m for m in flow.process.moves if State.REJECTED in m.source]

    assert reopening.by.roles == (Role.PROJECT_DIRECTOR,)
    assert {i.name for i in reopening.inputs if i.required} == {"legal_ground", "act"}
    assert reopening.reauthenticate


# Where


def test_no_move_starts_from_anywhere(flow):
    for move in flow.process.moves:
        assert move.source < set(State)
        assert len(move.source) <= len(RUNNING)
        assert move.source.isdisjoint(FINAL) or move.name == "reopen"


def test_what_is_final_stays_so_but_for_a_rejection(flow):
    leaving = {m.name: m.source & FINAL for m in flow.process.moves if m.source & FINAL}

    assert leaving == {"reopen": {State.REJECTED}}


def test_nothing_is_withdrawn_once_funded(flow):
    withdraw = flow.process.move("withdraw")

    assert withdraw.source == BEFORE_FUNDED | {State.SUSPENDED}
    for state, refused in [(State.FUNDING, 0), (State.FUNDED, 1)]:
        case = SimpleNamespace(returns_to=state)
        [requirement] = withdraw.requires
        assert len(requirement(SimpleNamespace(case=case), NEVER)) == refused


def test_what_is_suspended_returns_to_where_it_was(flow):
    suspend, resume = flow.process.move("suspend"), flow.process.move("resume")

    assert suspend.pauses
    assert suspend.source == set(State) - FINAL - {State.SUSPENDED}
    assert resume.target is BACK
    assert [m.name for m in flow.process.moves_from(State.SUSPENDED)] == [
        "resume",
        "withdraw",
    ]


def test_to_ask_for_documents_stops_the_clock_of_the_check(flow):
    assert flow.process.move("ask_for_documents").pauses
    assert {step.name for step in flow.paused_in(State.INCOMPLETE)} == {"check"}


@pytest.mark.parametrize("state", [s for s in State if s not in FINAL])
def test_somebody_is_asked_in_every_state_that_is_not_final(flow, state):
    asked = [step for step in flow.wanted(state, {}) if step.must_be_asked]

    assert asked
    assert all(any(state in m.source for m in step.offers) for step in asked)


@pytest.mark.parametrize("state", [s for s in State if s in FINAL])
def test_nobody_is_asked_in_a_final_state(flow, state):
    assert flow.wanted(state, {}) == []


def test_whoever_has_signed_leaves_the_task_to_the_others(flow):
    def asked(state, **pending):
        signed = {name: frozenset(roles) for name, roles in pending.items()}
        return {str(step.asks) for step in flow.wanted(state, signed)}

    assert asked(State.AWAITING_COPIL) == {"copil_state", "copil_region"}
    assert asked(State.AWAITING_COPIL, validate={"copil_state"}) == {"copil_region"}
    assert asked(State.IN_PROGRESS) == {"owner"}
    assert asked(State.IN_PROGRESS, deliver={"owner"}) == {"owner", "lead_service"}
    assert asked(State.FUNDING, abandon={"owner"}) == {"funder", "sub_prefect"}


# When


DELAYS = {
    RehabilitationFlow: {
        "check": Months(2),  # our habit: no text sets one
        "start within": Months(24),  # CGCT, art. R. 2334-28, by analogy
        "deliver within": Months(24),  # CCH, art. D. 323-8
        "extend the start": Months(12),
        "extend the delivery": Months(12),
    },
    SubsidyFlow: {
        "check": Months(3),  # CGCT, art. R. 2334-23
        "start within": Months(24),  # CGCT, art. R. 2334-28
        "deliver within": Months(48),  # CGCT, art. R. 2334-29
        "extend the start": Months(12),
        "extend the delivery": Months(24),
    },
}


def test_delays_are_those_of_the_texts(flow):
    due = {step.name: step.due for step in flow.steps()}
    lifecycle = LIFECYCLES[flow]

    assert {
        "check": due["check"],
        "start within": lifecycle.START_WITHIN,
        "deliver within": lifecycle.DELIVER_WITHIN,
        "extend the start": lifecycle.EXTENSIONS[State.FUNDED],
        "extend the delivery": lifecycle.EXTENSIONS[State.IN_PROGRESS],
    } == DELAYS[flow]
    assert due["begin"] == due["deliver"] == steps.DEADLINE
    assert due["report"] == steps.REPORT_DAY
    assert due["arbitrate"] == Days(15)
    assert due["settle"] == Months(6)  # CCH, art. D. 323-9


def test_an_extension_is_granted_once(flow):
    assert "délai jamais prorogé" in labels(flow.process.move("extend").requires)
    assert conditions.never_extended(SimpleNamespace(is_extended=True), None)
    assert conditions.never_extended(SimpleNamespace(is_extended=False), None) == []


# On what condition


REQUIRES = {
    "submit": {
        "description complète",
        "pièces obligatoires déposées",
        "plan de financement équilibré",
        "plafonds d’aide respectés",
    },
    "supply_documents": {
        "chaque pièce demandée est fournie",
        "description complète",
        "plan de financement équilibré",
        "plafonds d’aide respectés",
    },
    "withdraw": {"aide non encore attribuée, si l’opération est suspendue"},
    "reopen": {"un acte joint depuis la décision"},
    "confirm_funding": {
        "chaque ligne du plan est notifiée",
        "plan de financement équilibré",
        "plafonds d’aide respectés",
    },
    "attest_settlement": {"chaque ligne de subvention est soldée"},
    "close": {"chaque ligne de subvention est soldée"},
    "extend": {"délai jamais prorogé"},
    "record_lapse": {"délai dépassé"},
}
OWN = {
    RehabilitationFlow: {
        "validate": {
            "étude urbaine validée",
            "plan de financement équilibré",
            "plafonds d’aide respectés",
        },
        "deliver": {
            "tous les logements livrés ou sortis du programme",
            "étiquette énergie après travaux renseignée",
        },
    },
    SubsidyFlow: {
        "validate": {"plan de financement équilibré", "plafonds d’aide respectés"},
        "deliver": {"pièces obligatoires déposées"},
    },
}


def test_each_move_requires_what_the_procedure_says(flow):
    assert {
        move.name: labels(move.requires) for move in flow.process.moves if move.requires
    } == REQUIRES | OWN[flow]


def test_the_committee_waits_for_every_opinion_and_none_bars_the_way(flow):
    [opinions] = flow.process.move("enter_agenda").awaits

    assert opinions == flow.process.move("give_opinion").answers
    assert (opinions.needs, opinions.veto_by) == (0, ())


def test_whoever_belongs_to_the_owner_decides_nothing(flow):
    apart = {m.name for m in flow.process.moves if m.apart_from_unit == (Role.OWNER,)}

    assert apart == {
        "declare_complete",
        "give_opinion",
        "enter_agenda",
        "endorse",
        "decline",
        "arbitrate_for",
        "arbitrate_back",
        "arbitrate_against",
        "return_to_copil",
        "confirm_funding",
        "deliver",
        "attest_settlement",
        "close",
        "record_lapse",
        "reopen",
    }
