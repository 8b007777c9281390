"""A grant lives by real moves: its days, its money, its line of the plan."""

import datetime
import uuid

import pytest

from erbm.cases.commands import MoveRefused
from erbm.funding import commands as funding
from erbm.funding.models import Line, Scheme
from erbm.grants import commands
from erbm.grants.models import PaymentKind
from erbm.programme.models import Envelope
from flows.edits import CORRECT_PLAN
from flows.grant.states import State
from flows.operation import State as OperationState
from flows.roles import Role
from tests.grants import factories
from tests.grants.factories import (
    AMOUNT,
    BASIS,
    DAY,
    WHY,
    again,
    fire,
    grant_at,
    person,
)
from workflow.deadlines import Months, local_day

pytestmark = pytest.mark.django_db


def refused(subject, name, role, *, by=None, **said):
    """Return what is answered to a move that is refused."""
    before = again(subject).case.version
    with pytest.raises(MoveRefused) as caught:
        fire(subject, name, by=by or person(subject, role), **said)
    assert again(subject).case.version == before
    return [one.message for one in caught.value.refusals]


def money(grant):
    """Return what the envelope of a grant holds, but for what is granted."""
    found = Envelope.objects.get(pk=grant.envelope_id)
    return tuple(
        getattr(found, f"{name}_cents")
        for name in ("reserved", "awarded", "committed", "paid")
    )


# The application


def test_each_subsidised_line_of_the_plan_has_its_grant(reference):
    operation = factories.operation()
    by = person(operation, Role.OWNER)
    at = operation.case.changed_at

    opened = factories.openings.open_missing(operation=operation, role="", by=by, at=at)
    again_ = factories.openings.open_missing(operation=operation, role="", by=by, at=at)

    assert [grant.scheme for grant in opened] == ["fnadt"]  # nobody grants the owner’s
    assert again_ == []
    [grant] = opened
    assert grant.line.operation == operation
    assert Line.objects.get(pk=grant.line_id).is_followed
    assert grant.requested_cents == grant.line.amount_cents


def test_the_validation_of_the_copil_opens_them_once(reference):
    from erbm.grants.notifications import open_the_grants
    from workflow.models import Event

    operation = factories.operation()
    event = Event.objects.filter(case=operation.pk, move="validate").latest("seq")

    for _ in range(2):
        open_the_grants(event, key="k", at=event.at + DAY)

    assert [grant.scheme for grant in operation.grants.all()] == ["fnadt"]
    assert operation.grants.get().received_on == local_day(event.at)


def test_the_owner_asks_for_the_grant_of_a_line_once(reference):
    operation = factories.operation()
    said = {
        "line_id": factories.line(operation).pk,
        "operation_id": operation.pk,
        "by": person(operation, Role.OWNER),
        "at": operation.case.changed_at + DAY,
    }
    key = uuid.uuid4()

    first = commands.request_grant(key=key, **said)

    assert commands.request_grant(key=key, **said) == first  # the same form
    with pytest.raises(MoveRefused, match="déjà l’objet"):
        commands.request_grant(key=uuid.uuid4(), **said)


def test_nobody_else_asks_for_it(reference):
    operation = factories.operation()

    with pytest.raises(MoveRefused, match="revient à"):
        commands.request_grant(
            line_id=factories.line(operation).pk,
            operation_id=operation.pk,
            key=uuid.uuid4(),
            by=person(operation, Role.LEAD_SERVICE),
            at=operation.case.changed_at + DAY,
        )


def test_article_l114_5_stops_the_clocks_while_documents_are_awaited(reference):
    """Completeness waits for them; the silence of the service, as long as given."""
    grant = grant_at(State.INCOMPLETE, scheme="fnadt")
    complete_by, decide_by = grant.completeness_due_on, grant.decision_due_on
    asked_on, answer_by = grant.documents_asked_on, grant.documents_due_on
    factories.answer(grant)

    fire(
        grant,
        "supply_documents",
        by=person(grant, Role.OWNER),
        at=grant.case.changed_at + 45 * DAY,
    )

    grant = again(grant)
    assert grant.completeness_due_on == complete_by + 45 * DAY
    assert grant.decision_due_on == decide_by + (answer_by - asked_on)
    assert grant.case.tasks.open().get().due_at.date() == grant.completeness_due_on


def test_article_r2334_23_deems_complete_what_was_not_answered(reference):
    grant = grant_at(State.REQUESTED)
    deemed_on = grant.completeness_due_on + DAY
    at = datetime.datetime.combine(
        deemed_on + 9 * DAY, datetime.time(9), tzinfo=datetime.UTC
    )

    told = refused(
        grant,
        "ask_for_documents",
        Role.LEAD_SERVICE,
        at=at,
        documents="Plan",
        answer_by=at.date(),
        **WHY,
    )
    fire(
        grant,
        "declare_complete",
        by=person(grant, Role.LEAD_SERVICE),
        at=at,
        early_start="none",
    )

    assert told == [f"Le dossier est réputé complet depuis le {deemed_on:%d/%m/%Y}."]
    grant = again(grant)
    assert grant.complete_on == deemed_on
    assert grant.is_deemed_complete


@pytest.mark.parametrize("scheme", ["detr", "dsil"])
def test_silence_on_a_grant_of_the_cgct_is_a_warning_only(reference, scheme):
    grant = grant_at(State.COMPLETE, scheme=scheme)
    at = grant.case.changed_at + 400 * DAY

    [told] = refused(grant, "record_implicit_rejection", Role.FUNDER, at=at, **WHY)

    assert "avertissement" in told


def test_article_7_of_the_decree_lets_the_decision_be_put_off(reference):
    grant = grant_at(State.COMPLETE, scheme="fnadt")
    later = Months(2).after(grant.decision_due_on)
    fire(
        grant,
        "extend_decision",
        by=person(grant, Role.AUTHORITY),
        decision_until=later,
        **WHY,
    )
    grant = again(grant)
    on_the_day = datetime.datetime.combine(later, datetime.time(9), tzinfo=datetime.UTC)

    [told] = refused(
        grant, "record_implicit_rejection", Role.FUNDER, at=on_the_day, **WHY
    )
    fire(
        grant,
        "record_implicit_rejection",
        by=person(grant, Role.FUNDER),
        at=on_the_day + DAY,
        **WHY,
    )

    assert "court jusqu’au" in told
    assert again(grant).case.state == State.IMPLICITLY_REJECTED


# The award


def test_no_more_is_programmed_than_was_asked(reference):
    grant = grant_at(State.COMPLETE)

    [told] = refused(grant, "program", Role.FUNDER, programmed_cents=AMOUNT + 1)
    assert "demandés" in told
    assert refused(grant, "program", Role.FUNDER, programmed_cents=0)


def test_the_state_programs_from_an_envelope(reference):
    grant = grant_at(State.COMPLETE, with_envelope=False)

    assert refused(grant, "program", Role.FUNDER, programmed_cents=AMOUNT) == [
        "Aucune enveloppe n’est désignée."
    ]


def test_an_envelope_is_not_overdrawn(reference):
    grant = grant_at(State.COMPLETE)
    Envelope.objects.update(granted_cents=AMOUNT - 1)

    [told] = refused(grant, "program", Role.FUNDER, programmed_cents=AMOUNT)

    assert "enveloppe" in told
    assert money(grant) == (0, 0, 0, 0)


def test_another_envelope_of_the_scheme_may_be_chosen(reference):
    grant = grant_at(State.COMPLETE)
    other = factories.envelope(year=2025)
    said = {"seen": grant.case.version, "by": person(grant, Role.FUNDER)}
    said |= {"grant_id": grant.pk, "at": grant.case.changed_at}

    with pytest.raises(MoveRefused, match="ne peut payer"):
        commands.choose_envelope(
            envelope=factories.envelope("detr"), key=uuid.uuid4(), **said
        )
    commands.choose_envelope(envelope=other, key=uuid.uuid4(), **said)

    assert again(grant).envelope == other


@pytest.mark.parametrize(
    ("column", "empty", "mention"),
    [
        ("purpose", "", "l’objet"),
        ("award_cents", 0, "le montant"),
        ("rate", 0, "le taux"),
        ("basis_cents", 0, "la dépense subventionnable"),
        ("planned_end_on", None, "le calendrier"),
        ("payment_terms", "", "versement"),
        ("repayment_terms", "", "reversement"),
        ("appeal_terms", "", "recours"),
    ],
)
def test_an_act_without_a_mandatory_mention_is_not_signed(
    reference, column, empty, mention
):
    grant = grant_at(State.PROGRAMMED)
    factories.prepare_act(grant, **{column: empty})

    told = refused(
        grant,
        "award",
        Role.AUTHORITY,
        act_reference="ARR 1",
        signed_on=factories.today(again(grant)),
    )

    assert any(mention in one for one in told)


@pytest.mark.parametrize(
    ("said", "article"),
    [
        ({"rate": 19_99, "award_cents": 79_000_00}, "20 % au moins"),
        ({"rate": 80_01, "basis_cents": 125_000_00}, "80 % au plus"),
        ({"award_cents": AMOUNT, "basis_cents": BASIS - 4}, "Le taux appliqué"),
        ({"basis_cents": 9_780_000_01}, "dépasse le coût"),
    ],
)
def test_article_r2334_27_bounds_what_is_awarded(reference, said, article):
    grant = grant_at(State.PROGRAMMED)
    factories.prepare_act(grant, **said)

    told = refused(
        grant,
        "award",
        Role.AUTHORITY,
        act_reference="ARR 1",
        signed_on=factories.today(again(grant)),
    )

    assert any(article in one for one in told)


def test_whoever_programmed_does_not_sign(reference):
    grant = grant_at(State.PROGRAMMED)
    factories.prepare_act(grant)
    by = person(grant, Role.FUNDER)
    by.memberships.create(
        unit=grant.case.parties.get(role=Role.AUTHORITY).unit,
        role=Role.AUTHORITY,
        starts_on=grant.received_on,
    )

    [told] = refused(
        grant,
        "award",
        Role.AUTHORITY,
        by=by,
        act_reference="ARR 1",
        signed_on=factories.today(grant),
    )

    assert "une autre personne" in told


def test_an_operation_that_is_over_is_given_nothing(reference):
    operation = factories.operation()
    grant = grant_at(State.COMPLETE, operation)
    type(operation.case).objects.filter(pk=operation.pk).update(stage="end")
    with factories_state(operation, OperationState.WITHDRAWN):
        [told] = refused(grant, "program", Role.FUNDER, programmed_cents=AMOUNT)

    assert "Retirée" in told


class factories_state:  # noqa: N801  # reads as a step
    """Have the row of a case say another state, as no move does."""

    def __init__(self, operation, state):
        self.row = type(operation.case).objects.filter(pk=operation.pk)
        self.before, self.state = operation.case.state, state

    def __enter__(self):
        self.row.update(state=self.state)

    def __exit__(self, *args):
        self.row.update(state=self.before)


def test_money_follows_the_moves_from_the_reserve_to_the_payment(reference):
    grant = grant_at(State.PROGRAMMED)
    assert money(grant) == (AMOUNT, 0, 0, 0)

    factories.prepare_act(grant, award_cents=AMOUNT - 20_000_00)
    for step in factories.AWARDED[-1:]:
        step(again(grant))
    awarded = AMOUNT - 20_000_00
    assert money(grant) == (0, awarded, 0, 0)  # what was spared is free again

    for step in factories.COMMITTED[len(factories.AWARDED) :]:
        step(again(grant))
    assert money(grant) == (0, awarded, awarded, 0)

    factories.start(again(grant))
    factories.paid(again(grant), PaymentKind.ADVANCE, 24_000_00)
    assert money(grant) == (0, awarded, awarded, 24_000_00)


@pytest.mark.parametrize(
    "state",
    [State.REFUSED, State.WITHDRAWN, State.DISMISSED, State.LAPSED],
)
def test_what_is_not_given_goes_back_to_the_envelope(reference, state):
    assert money(grant_at(state)) == (0, 0, 0, 0)


def test_a_grant_that_was_awarded_is_withdrawn_and_given_back(reference):
    grant = grant_at(State.AWARDED)

    fire(grant, "withdraw", by=person(grant, Role.OWNER), **WHY)

    assert money(grant) == (0, 0, 0, 0)


def test_what_the_real_cost_does_not_reach_is_given_back(reference):
    grant = grant_at(State.SETTLED)

    owed = (BASIS - 40_000_00) * 25 // 100
    assert grant.due_cents == owed
    assert money(grant) == (0, owed, owed, owed)


# The line of the plan


def test_the_notification_of_a_grant_is_that_of_its_line(reference):
    grant = grant_at(State.NOTIFIED)

    line = Line.objects.get(pk=grant.line_id)
    assert line.notified_on == grant.notified_on
    assert line.notification == "ARR-2026-12"


@pytest.mark.parametrize(
    "state", [State.SETTLED, State.LAPSED, State.LIQUIDATED, State.CLAWBACK]
)
def test_nothing_more_is_awaited_of_the_line_of_a_grant_that_ends(reference, state):
    grant = grant_at(state)

    assert Line.objects.get(pk=grant.line_id).settled_on


def test_the_line_of_a_grant_is_not_notified_elsewhere(reference):
    operation = factories.operation()
    grant = grant_at(State.REQUESTED, operation)

    with pytest.raises(MoveRefused, match="suivie ici"):
        funding.record_notification(
            operation_id=operation.pk,
            process=operation.process,
            line_id=grant.line_id,
            notified_on=operation.case.changed_at.date(),
            notification="ARR 1",
            key=uuid.uuid4(),
            by=person(operation, Role.FUNDER),
            at=operation.case.changed_at,
        )


def test_the_plan_keeps_the_lines_that_grants_follow(reference):
    operation = factories.operation()
    grant = grant_at(State.REQUESTED, operation)
    fire(operation, "return_to_copil", by=person(operation, Role.LEAD_SERVICE), **WHY)
    operation = again(operation)
    own = operation.cost_cents - AMOUNT

    def corrected(*lines):
        return funding.set_plan(
            operation_id=operation.pk,
            process=operation.process,
            lines=lines,
            edit=CORRECT_PLAN,
            seen=operation.case.version,
            key=uuid.uuid4(),
            by=person(operation, Role.LEAD_SERVICE),
            at=operation.case.changed_at,
        )

    with pytest.raises(MoveRefused, match="fait l’objet d’une demande"):
        corrected(funding.Planned(Scheme.OWN, operation.cost_cents))
    kept = funding.Planned(Scheme.DSIL, AMOUNT, grant.funder)
    corrected(kept, funding.Planned(Scheme.OWN, own))

    assert Line.objects.filter(pk=grant.line_id).exists()
    assert sorted(operation.lines.values_list("amount_cents", flat=True)) == [
        AMOUNT,
        own,
    ]


def test_a_line_whose_grant_was_refused_may_be_asked_for_again(reference):
    operation = factories.operation()
    grant = grant_at(State.REFUSED, operation)

    assert grant.line is None
    assert operation.lines.filter(scheme="dsil", is_followed=False).exists()
