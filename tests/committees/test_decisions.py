"""The sitting itself: presence, quorum, decisions, and the close that applies them."""

import datetime

import pytest
from django.db import transaction

from erbm.committees import commands, previews
from erbm.obligations.models import Obligation
from erbm.operations.models import Condition, Kind, Operation
from flows.operation import State as OperationState
from flows.roles import Role
from flows.sitting.lifecycle import PROCESS, State
from tests.committees import factories
from tests.committees.factories import (
    COPIL,
    FINANCERS,
    HELD_ON,
    LENS,
    NOW,
    again,
    asked,
    attend,
    chair,
    close,
    decide,
    open_,
    secretary,
)
from tests.obligations.factories import heard
from tests.operations.factories import operation_at, person_of
from workflow import engine
from workflow.models import Event
from workflow.refusals import Ground
from workflow.trail import verify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

MEMBERS = ("ddtm-62", "region", "departement-62", "epci-246200364", "epci-246200299")


def refusals(act, *args, **said):
    with pytest.raises(commands.MoveRefused) as caught:
        act(*args, **said)
    return caught.value.refusals


def refusal(act, *args, **said):
    [one] = refusals(act, *args, **said)
    return one


def state_of(item):
    return Operation.objects.get(pk=item.operation_id).case.state


# Presence and quorum


def test_half_of_the_six_voting_seats_of_lens_is_three():
    sitting = attend(open_(), absent=MEMBERS[:3])
    assert sitting.count().is_met
    assert (sitting.count().seats, sitting.count().needed) == (6, 3)

    sitting = attend(sitting, absent=MEMBERS[:4])

    assert not sitting.count().is_met
    told = refusal(decide, sitting)
    assert told.ground is Ground.REQUIREMENT
    assert "2 voix sur 3 requises" in told.message


def test_a_proxy_brings_the_quorum_back():
    sitting = attend(open_(), absent=MEMBERS[1:4], proxies={"ddtm-62": MEMBERS[4]})

    assert sitting.count().is_met
    assert decide(sitting).decided_items()


def test_a_member_carries_one_proxy_and_only_from_one_voter_to_another():
    sitting = open_()
    many = {"ddtm-62": "region", "departement-62": "region"}
    assert "au plus" in refusal(attend, sitting, proxies=many).message
    to_who_has_none = {"ddtm-62": "mission-bassin-minier"}
    assert "votant" in refusal(attend, sitting, proxies=to_who_has_none).message
    to_who_is_away = {"ddtm-62": "region"}
    told = refusal(attend, sitting, absent=["region"], proxies=to_who_is_away)
    assert "n’est pas en séance" in told.message


def test_nothing_is_decided_without_the_sub_prefect():
    sitting = attend(open_(), absent=["sous-prefecture-lens"])

    assert "présidence" in refusal(decide, sitting).message


def aside(sitting, unit, item=None, *, reason="Maire adjoint de la commune."):
    item = item or sitting.agenda()[0]
    row = sitting.attendances.get(unit__code=unit, role=Role.COMMITTEE_MEMBER)
    commands.stand_aside(
        asked=asked(sitting),
        item_id=item.pk,
        attendance_id=row.pk,
        reason=reason,
        by=secretary(),
        at=NOW,
    )
    return again(sitting)


def test_a_withdrawal_recomputes_the_quorum_of_its_item_alone():
    sitting = attend(open_(operations=2), absent=MEMBERS[:3])
    first, second = sitting.agenda()

    sitting = aside(sitting, MEMBERS[3], first)

    assert "2 voix sur 3" in refusal(decide, sitting, first).message
    assert decide(sitting, second).decided_items()


def test_a_withdrawal_that_comes_after_a_decision_takes_its_quorum_away():
    sitting = decide(attend(open_(), absent=MEMBERS[:3]))

    sitting = aside(sitting, MEMBERS[3])

    told = refusal(close, sitting)
    assert told.message.startswith("Sans quorum : point 1,")
    row = sitting.attendances.get(unit__code=MEMBERS[3])
    commands.come_back(
        asked=asked(sitting),
        item_id=sitting.agenda()[0].pk,
        attendance_id=row.pk,
        by=secretary(),
        at=NOW,
    )
    assert close(sitting).case.state == State.CLOSED


def test_the_owner_of_an_operation_stands_aside_of_it_unasked():
    sitting = open_()
    [item] = sitting.agenda()
    seat = sitting.attendances.get(unit=item.operation.owner)

    assert sitting.standing_aside() == {item.pk: {seat.pk}}


def test_a_withdrawal_gives_its_reason():
    assert refusal(aside, open_(), "region", reason=" ").field == "reason"


# Decisions


@pytest.mark.parametrize(
    ("decision", "said", "lacking"),
    [
        ("adjourn", {}, {"reason", "planned_on"}),
        ("adjourn", {"planned_on": HELD_ON}, {"reason"}),
        (
            "refer_to_arbitration",
            {"reason": "Désaccord."},
            {"position_for", "position_against"},
        ),
        ("decline", {}, {"reason"}),
        ("validate", {}, {"decision"}),
        ("", {}, {"decision"}),
    ],
)
def test_a_decision_says_all_that_it_must(decision, said, lacking):
    sitting = open_()
    item = sitting.agenda()[0]
    asks = commands.Said(item_id=item.pk, seen=item.version, decision=decision, **said)

    with pytest.raises(commands.MoveRefused) as caught:
        commands.decide(asked=asked(sitting), said=asks, by=secretary(), at=NOW)

    assert {one.field for one in caught.value.refusals} == lacking
    assert not again(sitting).decided_items()


def test_two_editors_of_one_item_do_not_overwrite_each_other():
    sitting = open_()
    [item] = sitting.agenda()
    other = secretary(name="autre")
    decide(sitting, item, seen=1)

    with pytest.raises(commands.StaleItem) as caught:
        decide(sitting, item, "decline", by=other, seen=1, reason="Non.")

    assert caught.value.item.decided_by == secretary()
    assert again(sitting).agenda()[0].decision == "endorse"


def test_two_editors_of_two_items_do_not_wait_for_each_other():
    sitting = open_(operations=2)
    first, second = sitting.agenda()

    decide(sitting, first, seen=1)
    decide(sitting, second, seen=1, by=secretary(name="autre"))

    assert len(again(sitting).decided_items()) == 2


def test_members_who_agree_vote_as_one():
    [item] = decide(attend(open_(), absent=MEMBERS[:2])).agenda()

    assert (item.votes_for, item.votes_against, item.abstentions) == (4, 0, 0)


def test_votes_are_those_of_the_voters_and_a_majority_decides():
    sitting = open_()
    assert "6 voix" in refusal(decide, sitting, votes=(4, 1, 0)).message
    assert "majorité" in refusal(decide, sitting, votes=(2, 3, 1)).message
    [item] = decide(sitting, votes=(3, 3, 0)).agenda()  # the chair settles a tie
    assert item.votes_against == 3


def test_a_body_that_does_not_vote_keeps_no_votes():
    [item] = decide(open_(COPIL)).agenda()

    assert item.votes_for is None


# The close


def test_the_close_applies_each_decision_to_its_operation():
    said = {
        "endorse": {"conditions": "31/12/2026 : produire le phasage."},
        "adjourn": {"reason": "À préciser.", "planned_on": datetime.date(2026, 6, 11)},
        "refer_to_arbitration": {
            "reason": "Désaccord.",
            "position_for": "Le besoin est là.",
            "position_against": "C’est cher.",
        },
        "decline": {"reason": "Hors périmètre."},
    }
    sitting = open_(operations=len(said))
    items = sitting.agenda()
    for item, (decision, rest) in zip(items, said.items(), strict=True):
        sitting = decide(sitting, item, decision, **rest)

    sitting = close(sitting)

    assert [state_of(item) for item in items] == [
        OperationState.AWAITING_COPIL,
        OperationState.UNDER_REVIEW,
        OperationState.ARBITRATION,
        OperationState.REJECTED,
    ]
    decided = sitting.agenda()
    assert [item.number_label for item in decided] == [
        f"COMITE-LENS-2026-D{n:04}" for n in range(1, 5)
    ]
    first, second, third, _ = (item.operation for item in decided)
    assert first.committee_on == HELD_ON
    assert second.planned_on == datetime.date(2026, 6, 11)
    event = Event.objects.get(case=third.pk, move="refer_to_arbitration")
    assert event.actor == chair()
    assert all(verify.problems_of(item.operation.case) == [] for item in decided)


def test_one_decision_that_cannot_be_applied_stops_them_all():
    sitting = factories.decided(operations=2)
    first, second = sitting.agenda()
    operation = second.operation
    factories.moves.make_move(
        case_id=operation.pk,
        process=operation.process,
        attempt=factories.moves.Attempt(
            move=operation.process.move("withdraw"),
            by=person_of(operation.owner, Role.OWNER),
            at=NOW,
            seen=operation.case.version,
            key=factories.uuid.uuid4(),
            reason="Projet abandonné.",
        ),
    )
    events = Event.objects.count()

    told = refusal(close, sitting)

    assert told.message.startswith("point 2,")
    assert state_of(first) == OperationState.ON_AGENDA
    assert again(sitting).case.state == State.OPEN
    assert Event.objects.count() == events
    sitting = close(factories.postpone(again(sitting), second))
    assert state_of(first) == OperationState.AWAITING_COPIL


def test_a_conflict_of_interest_of_whoever_closes_stops_it():
    sitting = factories.decided()
    [item] = sitting.agenda()
    operation = item.operation
    factories.moves.declare_conflict(
        case_id=operation.pk,
        process=operation.process,
        about=chair(),
        reason="Un proche y travaille.",
        key=factories.uuid.uuid4(),
        by=chair(),
        at=NOW,
    )
    item.refresh_from_db()

    found = refusals(close, sitting)

    assert all(one.message.startswith("point 1,") for one in found)
    assert state_of(item) == OperationState.ON_AGENDA


DEMANDED = "31/12/2027 : Poser des nichoirs."
TYPED = "30/06/2026 : Produire le phasage."


def test_the_close_opens_the_conditions_of_what_it_accepts_and_of_nothing_else():
    heard()
    for _ in range(2):
        operation_at(OperationState.ON_AGENDA)
    sitting = open_(operations=0)
    first, second, third = sitting.agenda()
    decide(sitting, first, conditions=f"{TYPED}\n{DEMANDED}")
    decide(sitting, second, "decline", conditions=TYPED, reason="Hors périmètre.")
    sitting = decide(sitting, third)

    foreseen = previews.of_close(sitting, by=chair(), at=NOW)
    sitting = close(sitting)

    told = [dict(one.rows).get("Conditions suivies") for one in foreseen]
    asked_by = Condition.objects.first().opinion.unit.short_name
    assert told == [
        [
            "Produire le phasage (le 30\xa0juin 2026)",
            f"Poser des nichoirs (le 31\xa0décembre 2027, demandée par {asked_by})",
        ],
        None,
        None,
    ]
    typed, demanded = Obligation.objects.order_by("due_on")
    assert {typed.operation, demanded.operation} == {first.operation}
    assert (str(typed.due_on), typed.origin) == ("2026-06-30", "committee")
    assert typed.decision == f"{sitting.titled()} (COMITE-LENS-2026-D0001)"
    assert (typed.condition, demanded.condition) == (None, Condition.objects.first())
    assert Event.objects.get(move="accept_conditions").case_id == first.operation_id


def test_the_copil_accepts_conditions_once_both_have_signed():
    sitting = decide(open_(COPIL), conditions=TYPED)

    sitting = close(sitting)

    [one] = Obligation.objects.all()
    assert one.origin == "copil"
    assert one.operation.case.state == OperationState.FUNDING


@pytest.mark.parametrize(
    ("conditions", "why"),
    [
        ("Phaser.", "écrivez l’échéance"),
        (f"{HELD_ON:%d/%m/%Y} : Phaser.", "est passée"),
    ],
)
def test_a_condition_that_cannot_be_followed_is_not_decided(conditions, why):
    sitting = open_()

    told = refusal(decide, sitting, conditions=conditions)

    assert told.field == "conditions"
    assert why in told.message
    told = decide(sitting, decision="decline", reason="Non.", conditions=conditions)
    assert told.decided_items()


@pytest.mark.parametrize("late", ["Phaser.", f"{HELD_ON:%d/%m/%Y} : Phaser."])
def test_a_condition_that_can_be_followed_no_more_stops_the_whole_close(late):
    sitting = factories.decided(operations=2)
    first, second = sitting.agenda()
    sitting.items.filter(pk=second.pk).update(conditions=late)
    sitting.items.filter(pk=first.pk).update(conditions=TYPED)

    [_, foreseen] = previews.of_close(sitting, by=chair(), at=NOW)
    told = refusal(close, again(sitting))

    assert len(foreseen.refusals) == 1
    assert told.message.startswith("point 2,")
    assert not Obligation.objects.exists()
    assert state_of(first) == OperationState.ON_AGENDA


def test_the_financers_bind_nobody():
    sitting = close(decide(open_(FINANCERS), conditions="Suivre le solde."))

    assert sitting.agenda()[0].number_label
    assert not Obligation.objects.exists()


def test_a_close_refused_among_others_leaves_nothing_half_done():
    sitting = open_(operations=2)
    first, second = sitting.agenda()
    operation = second.operation
    factories.moves.declare_conflict(
        case_id=operation.pk,
        process=operation.process,
        about=chair(),
        reason="Un proche y travaille.",
        key=factories.uuid.uuid4(),
        by=chair(),
        at=NOW,
    )
    for item in (first, second):
        sitting = decide(sitting, item)
    attempt = engine.Attempt(
        move=PROCESS.move("close"),
        by=chair(),
        at=NOW,
        seen=sitting.case.version,
        key=factories.uuid.uuid4(),
        confirmed_at=NOW,
    )

    with transaction.atomic():
        outcomes = engine.fire_all(PROCESS, {sitting.pk: attempt}, by=chair(), at=NOW)

    assert isinstance(outcomes[sitting.pk], commands.MoveRefused)
    assert state_of(first) == OperationState.ON_AGENDA
    assert not Event.objects.filter(move="endorse").exists()
    assert again(sitting).case.state == State.OPEN


def test_what_the_close_does_is_foreseen_without_writing():
    sitting = factories.decided(operations=2)
    events = Event.objects.count()

    foreseen = previews.of_close(sitting, by=chair(), at=NOW)

    assert [dict(one.rows)["État"] for one in foreseen] == [
        ["«\xa0En comité d’arrondissement\xa0» → «\xa0Soumise au COPIL\xa0»"]
    ] * 2
    assert dict(previews.changes(foreseen)).popitem()[1] == 2
    assert Event.objects.count() == events


def test_the_close_of_the_copil_is_foreseen_as_if_both_had_signed():
    sitting = factories.decided(COPIL)
    by = factories.seat(Role.COPIL_STATE, COPIL)

    [one] = previews.of_close(sitting, by=by, at=NOW)

    assert dict(one.rows)["État"] == [
        "«\xa0Soumise au COPIL\xa0» → «\xa0Financement en cours\xa0»"
    ]


def test_the_financers_speak_and_move_nothing():
    sitting = factories.closed(FINANCERS)

    [item] = sitting.agenda()

    assert item.operation.case.state == OperationState.FUNDING
    assert item.number_label == "FINANCEURS-2026-D0001"


def test_a_sitting_closed_the_next_day_takes_effect_on_its_own():
    sitting = factories.decided()

    close(sitting, at=NOW + datetime.timedelta(days=1))

    [item] = sitting.agenda()
    event = Event.objects.get(case=item.operation_id, move="endorse")
    assert f'"effective_on":"{HELD_ON}"' in event.body


def test_both_procedures_are_decided_in_one_sitting():
    operation_at(OperationState.ON_AGENDA, Kind.SUBSIDY)

    sitting = factories.closed()

    assert {state_of(item) for item in sitting.agenda()} == {
        OperationState.AWAITING_COPIL
    }
    assert sitting.body.code == LENS
