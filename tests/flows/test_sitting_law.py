"""What the law and the rules of the bodies ask of a sitting, in words."""

import datetime

import pytest

from erbm.cases import commands as moves
from erbm.committees import commands
from erbm.operations.models import Operation
from flows.operation import State as OperationState
from flows.roles import Role
from flows.sitting import lifecycle
from flows.sitting.lifecycle import PROCESS, State
from tests.committees import factories
from tests.committees.factories import (
    CONVENED_AT,
    COPIL,
    HELD_ON,
    NOW,
    PLANNED_AT,
    again,
    before,
    chair,
    fire,
    moment,
    seat,
    secretary,
)
from workflow.refusals import Ground
from workflow.trail import verify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def refused(reference):
    """Return why a move is refused, and see that it left nothing behind."""

    def why(sitting, name, **said):
        before = again(sitting).case
        with pytest.raises(moves.MoveRefused) as caught:
            fire(sitting, name, **said)
        after = again(sitting).case
        assert (after.version, after.latest_seq) == (before.version, before.latest_seq)
        return [refusal.message for refusal in caught.value.refusals]

    return why


def test_members_are_convened_in_time_or_the_sitting_is_put_off(refused):
    sitting = factories.proposed()
    last = moment(sitting.convene_by)
    late = last + datetime.timedelta(days=1)

    [told] = refused(sitting, "convene", by=secretary(), at=late)
    assert f"{sitting.convene_by:%d/%m/%Y}" in told
    assert fire(sitting, "convene", by=secretary(), at=last).convened_on


def test_nobody_is_convened_for_nothing(refused):
    sitting = factories.planned()

    told = refused(sitting, "convene", by=secretary(), at=CONVENED_AT)

    assert told == ["L’ordre du jour est vide."]


def test_a_sitting_is_not_opened_before_its_day(refused):
    sitting = factories.convened()

    [told] = refused(sitting, "open", by=secretary(), at=before(1))
    assert f"{HELD_ON:%d/%m/%Y}" in told
    assert fire(sitting, "open", by=secretary(), at=moment(HELD_ON)).opened_on


def test_every_item_is_decided_or_postponed_before_the_close(refused):
    sitting = factories.open_()

    [told] = refused(sitting, "close", by=chair(), at=NOW)

    assert told.startswith("Ni décidé ni reporté : point 1,")


def test_an_open_sitting_that_has_decided_is_closed_not_put_off(refused):
    sitting = factories.decided()

    [told] = refused(sitting, "postpone", by=secretary(), at=NOW, reason="Orage.")

    assert "closez la séance" in told


def test_the_close_engages_whoever_chairs_in_person(refused):
    sitting = factories.decided()
    case = again(sitting).case
    late = NOW - datetime.timedelta(minutes=11)

    with pytest.raises(moves.MoveRefused) as caught:
        moves.make_move(
            case_id=sitting.pk,
            process=PROCESS,
            attempt=moves.Attempt(
                move=lifecycle.CLOSE,
                by=chair(),
                at=NOW,
                seen=case.version,
                key=factories.uuid.uuid4(),
                confirmed_at=late,
            ),
        )

    assert [one.ground for one in caught.value.refusals] == [Ground.IDENTITY]


# The COPIL: two people, two institutions


def test_one_co_chair_alone_closes_nothing(reference):
    sitting = factories.decided(COPIL)
    operation = sitting.agenda()[0].operation

    sitting = fire(sitting, "close_jointly", by=seat(Role.COPIL_STATE, COPIL), at=NOW)

    assert sitting.case.state == State.OPEN
    assert sitting.case.awaits_signatures
    case = Operation.objects.select_related("case").get(pk=operation.pk).case
    assert case.state == OperationState.AWAITING_COPIL
    assert not case.awaits_signatures


def test_both_co_chairs_validate_every_operation(reference):
    sitting = factories.closed(COPIL)
    operation = sitting.agenda()[0].operation

    assert sitting.case.state == State.CLOSED
    assert operation.case.state == OperationState.FUNDING
    assert operation.copil_on == HELD_ON
    signed = operation.case.signatures.filter(move="validate").order_by("pk")
    assert [(one.role, one.user) for one in signed] == [
        (Role.COPIL_STATE, seat(Role.COPIL_STATE, COPIL)),
        (Role.COPIL_REGION, seat(Role.COPIL_REGION, COPIL)),
    ]
    assert verify.problems_of(operation.case) == []


def test_one_person_does_not_close_the_copil_for_both(refused):
    both = seat(Role.COPIL_STATE, COPIL)
    held = factories.body(COPIL).seats.get(role=Role.COPIL_REGION)
    sitting = factories.decided(COPIL)
    sitting = fire(sitting, "close_jointly", by=both, at=NOW)
    factories.person_of(held.unit, Role.COPIL_REGION)
    both.memberships.create(
        unit=held.unit, role=Role.COPIL_REGION, starts_on=datetime.date(2020, 1, 1)
    )

    [told] = refused(sitting, "close_jointly", by=both, at=NOW)

    assert "autre personne" in told


def test_one_institution_does_not_hold_both_chairs(refused):
    copil = factories.body(COPIL)
    state = copil.seats.get(role=Role.COPIL_STATE)
    copil.seats.filter(role=Role.COPIL_REGION).update(unit=state.unit)
    sitting = factories.decided(COPIL)

    told = refused(sitting, "close_jointly", by=seat(Role.COPIL_STATE, COPIL), at=NOW)

    [why] = told
    assert why.startswith(f"{state.unit.name} tient les deux coprésidences")


def test_a_signature_falls_when_a_decision_changes(reference):
    sitting = factories.decided(COPIL)
    sitting = fire(sitting, "close_jointly", by=seat(Role.COPIL_STATE, COPIL), at=NOW)

    sitting = factories.decide(sitting, decision="reject", reason="Trop cher.")

    assert not sitting.case.awaits_signatures
    assert sitting.case.tasks.open().filter(step="copil_state").exists()
    sitting = factories.close(sitting)
    [item] = sitting.agenda()
    assert item.operation.case.state == OperationState.REJECTED


def test_what_one_co_chair_has_signed_already_is_not_signed_twice(reference):
    operation = factories.operation_at(OperationState.AWAITING_COPIL)
    factories.moves.make_move(
        case_id=operation.pk,
        process=operation.process,
        attempt=moves.Attempt(
            move=operation.process.move("validate"),
            by=seat(Role.COPIL_STATE, COPIL),
            at=PLANNED_AT,
            seen=operation.case.version,
            key=factories.uuid.uuid4(),
            inputs={"sitting_on": HELD_ON},
        ),
    )
    sitting = factories.closed(COPIL, operations=0)

    [item] = sitting.agenda()
    assert item.operation.case.state == OperationState.FUNDING
    assert item.operation.case.signatures.filter(move="validate").count() == 2


# For want of a quorum


def test_a_sitting_put_off_for_want_of_a_quorum_needs_none_the_next_time(reference):
    sitting = factories.open_(present=False)
    sitting = fire(sitting, "postpone", by=secretary(), at=NOW, reason="Pas de quorum.")
    assert sitting.waives_quorum

    later = HELD_ON + datetime.timedelta(days=14)
    sitting = fire(sitting, "reschedule", by=secretary(), at=NOW, held_on=later)
    sitting = fire(sitting, "convene", by=secretary(), at=NOW)
    sitting = fire(sitting, "open", by=secretary(), at=moment(later))
    few = [row.unit.code for row in sitting.sheet() if not row.is_chair]
    factories.attend(sitting, absent=set(few) - {"sous-prefecture-lens"})

    assert again(sitting).count().needed == 0
    assert factories.decide(again(sitting), at=moment(later)).decided_items()


def test_a_sitting_put_off_for_another_reason_still_needs_its_quorum(reference):
    assert not factories.postponed().waives_quorum


# Minutes and errata


def test_minutes_are_numbered_when_published_and_corrected_beside(reference):
    sitting = factories.published()
    assert sitting.minutes_label == "COMITE-LENS-2026-001"

    for correction in ("Lire 163 logements.", "Lire Liévin."):
        sitting = fire(
            sitting,
            "erratum",
            by=secretary(),
            at=NOW,
            reason="Erreur de plume.",
            correction=correction,
        )

    assert list(sitting.errata.order_by("number").values_list("number", flat=True)) == [
        1,
        2,
    ]
    assert sitting.case.state == State.PUBLISHED
    assert sitting.minutes_label == "COMITE-LENS-2026-001"


def test_an_erratum_gives_its_reason(refused):
    sitting = factories.published()

    told = refused(sitting, "erratum", by=secretary(), at=NOW, correction="Lire 163.")

    assert told == ["Motif : à renseigner."]


def test_nothing_is_changed_after_the_close(reference):
    sitting = factories.closed()

    with pytest.raises(commands.MoveRefused):
        factories.decide(sitting, decision="decline", reason="Non.")
    with pytest.raises(commands.MoveRefused):
        factories.attend(sitting)
