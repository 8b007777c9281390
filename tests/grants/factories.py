"""Grants walked to a state by real moves, and the people who walk them.

Everything needs the reference data: take the fixture `reference`.
"""

import contextlib
import datetime
import uuid

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from erbm.cases import commands as moves
from erbm.funding.models import Line
from erbm.grants import commands, openings
from erbm.grants.models import DocumentKind, Grant, Payment, PaymentKind
from erbm.operations.models import Kind
from erbm.programme.models import Envelope, Level
from flows.grant.states import State
from flows.operation import State as OperationState
from flows.payment.lifecycle import State as PaymentState
from flows.roles import Role
from tests.operations.factories import (
    DAY,
    PDF,
    WHY,
    operation_at,
    people,
    person,
    person_of,
    unit,
)
from workflow.deadlines import LOCAL, Days

AMOUNT = 100_000_00
BASIS = 400_000_00
RATE = 25_00
FUNDERS = {
    "detr": "prefecture-62",
    "dsil": "prefecture-region",
    "dsid": "prefecture-region",
    "fnadt": "sgar",
    "housing": "dreal",
    "region": "region",
    "feder": "region",
}
EJ = iter(range(2_100_000_000, 2_200_000_000))

__all__ = ["DAY", "WHY", "person", "person_of", "unit"]


# The case


def operation(kind=Kind.SUBSIDY):
    """Return an operation that the COPIL has validated."""
    return operation_at(OperationState.FUNDING, kind)


def envelope(scheme="dsil", cents=10_000_000_00, year=2026):
    """Return the regional envelope of a scheme, made if need be."""
    found, _ = Envelope.objects.get_or_create(
        scheme=scheme,
        year=year,
        level=Level.REGION,
        defaults={"granted_cents": cents},
    )
    return found


def line(of, scheme="dsil", cents=AMOUNT):
    return Line.objects.create(
        operation=of, scheme=scheme, funder=unit(FUNDERS[scheme]), amount_cents=cents
    )


def requested(of, scheme="dsil", *, at=None, cents=AMOUNT, with_envelope=True):
    """Open the grant of a new line, as the validation of the COPIL does."""
    at = at or of.case.changed_at + DAY
    if with_envelope and scheme not in {"region", "feder"}:
        envelope(scheme)
    new = line(of, scheme, cents)
    [grant] = opened(of, lines=[new.pk], at=at)
    return again(grant)


def opened(of, *, at, lines=None):
    """Open the grants of some lines in a transaction of its own."""
    by = person(of, Role.OWNER)
    with transaction.atomic():
        return openings.open_missing(operation=of, role="", by=by, at=at, lines=lines)


def again(subject):
    """Read a grant or a payment anew."""
    return type(subject).objects.with_facts().get(pk=subject.pk)


def grant_at(state, of=None, **said):
    """Walk a grant to a state."""
    grant = requested(of or operation(), **said)
    for step in WALKS[State(state)]:
        step(grant)
        grant = again(grant)
    assert grant.case.state == state
    return grant


# Steps of the walk: each takes the grant as it stands


def fire(subject, name, *, by, at=None, reason="", effective_on=None, **inputs):
    """Make a move, a day after the latest change unless told otherwise."""
    case = again(subject).case
    at = at or case.changed_at + DAY
    return moves.make_move(
        case_id=subject.pk,
        process=subject.process,
        attempt=moves.Attempt(
            move=subject.process.move(name),
            by=by,
            at=at,
            seen=case.version,
            key=uuid.uuid4(),
            reason=reason,
            effective_on=effective_on,
            inputs=inputs,
            confirmed_at=at,
        ),
    )


def move(name, role, **said):
    """Prepare the step in which somebody of a role makes a move."""

    def step(grant):
        given = {k: v(grant) if callable(v) else v for k, v in said.items()}
        fire(grant, name, by=person(grant, role), **given)

    return step


def today(grant):
    """Return the day on which the next step is made."""
    return (grant.case.changed_at + DAY).astimezone(LOCAL).date()


def in_days(count):
    return lambda grant: Days(count).after(today(grant))


def act(**said):
    """Return what an act says when nothing is wrong with it."""
    return {
        "act_kind": "order",
        "purpose": "Rénovation de l’école Jean-Macé.",
        "basis_cents": BASIS,
        "rate": RATE,
        "award_cents": AMOUNT,
        "planned_start_on": datetime.date(2026, 9, 1),
        "planned_end_on": datetime.date(2028, 6, 30),
        "payment_terms": "Avance, acomptes, solde.",
        "repayment_terms": "Reversement si l’affectation change.",
        "appeal_terms": "Recours dans les deux mois.",
    } | said


def prepare_act(grant, **said):
    return commands.prepare_act(
        grant_id=grant.pk,
        columns=act(**said),
        seen=grant.case.version,
        key=uuid.uuid4(),
        by=person(grant, Role.FUNDER),
        at=grant.case.changed_at,
    )


def join(subject, kind=DocumentKind.OTHER, *, answers=None, role=Role.OWNER):
    return commands.add_document(
        case_id=subject.pk,
        process=subject.process,
        piece=commands.NewPiece(
            kind=kind,
            title=str(DocumentKind(kind).label),
            file=SimpleUploadedFile(f"{kind}.pdf", PDF),
            content_type="application/pdf",
            answers=answers,
        ),
        key=uuid.uuid4(),
        by=person(subject, role),
        at=again(subject).case.changed_at,
    )


def complete(grant):
    """Join what the declaration of completion asks for."""
    join(grant, DocumentKind.STATEMENT)
    join(grant, DocumentKind.COMPLETION)


def answer(grant):
    for piece in grant.requested_pieces.filter(document=None):
        join(grant, answers=piece.pk)


def start(grant):
    """Have the owner declare the start, and the service countersign it."""
    said = {"first_legal_act": "Marché de travaux", "started_on": today(grant)}
    fire(grant, "declare_start", by=person(grant, Role.OWNER), **said)
    fire(grant, "declare_start", by=person(grant, Role.LEAD_SERVICE), **said)


def late(grant):
    """Return a moment at which the delay that runs has passed."""
    assert grant.deadline_on
    return datetime.datetime.combine(
        grant.deadline_on + DAY, datetime.time(9), tzinfo=datetime.UTC
    )


def propose(name):
    """Have the service propose a measure, once the delay has passed if one runs."""

    def step(grant):
        at = late(grant) if grant.deadline_on else grant.case.changed_at + DAY
        fire(
            grant,
            name,
            by=person(grant, Role.LEAD_SERVICE),
            at=at,
            answer_by=at.date() + 30 * DAY,
            **WHY,
        )

    return step


@contextlib.contextmanager
def saying(operation, state):
    """Have the row of an operation say another state, as no move does."""
    row = type(operation.case).objects.filter(pk=operation.pk)
    before = row.values("state", "stage").get()
    row.update(state=state, stage=operation.process.stage_of(state))
    yield
    row.update(**before)


def stop(grant):
    """Stop a grant as the end of its operation does, which then goes on."""
    with saying(grant.operation, OperationState.ABANDONED):
        fire(again(grant), "stop", by=person(grant, Role.FUNDER), **WHY)


observe = move("present_observations", Role.OWNER, observations="Nous avons tardé.")


def pay_balance(grant):
    """Have the whole of what is owed asked for, certified and paid."""
    paid(grant, PaymentKind.BALANCE, again(grant).due_cents)


def pay_advance(grant):
    paid(grant, PaymentKind.ADVANCE, AMOUNT * 30 // 100)


APPLIED = [move("declare_complete", Role.LEAD_SERVICE, early_start="none")]
PROGRAMMED = [*APPLIED, move("program", Role.FUNDER, programmed_cents=AMOUNT)]
AWARDED = [
    *PROGRAMMED,
    prepare_act,
    move("award", Role.AUTHORITY, act_reference="ARR-2026-12", signed_on=today),
]
NOTIFIED = [
    *AWARDED,
    move("notify", Role.FUNDER, notified_on=today, proof_kind="post", proof="AR 1"),
]
COMMITTED = [
    *NOTIFIED,
    move("record_commitment", Role.FUNDER, ej_number=lambda grant: str(next(EJ))),
]
STARTED = [*COMMITTED, start]
COMPLETED = [
    *STARTED,
    complete,
    move("declare_completion", Role.OWNER, completed_on=today, spent_cents=BASIS),
]
CERTIFIED = [
    *COMPLETED,
    move(
        "certify_service",
        Role.LEAD_SERVICE,
        real_cost_cents=BASIS - 40_000_00,
        conforms=True,
    ),
]
SETTLED = [*CERTIFIED, pay_balance, move("settle", Role.ACCOUNTANT)]
FORECLOSING = [*STARTED, propose("propose_foreclosure"), observe]
CLAIMING = [*STARTED, pay_advance, propose("propose_repayment"), observe]
CLAIMED = [
    *CLAIMING,
    move("request_repayment", Role.AUTHORITY, repayment_cents=AMOUNT * 3 // 10, **WHY),
]
WALKS = {
    State.REQUESTED: [],
    State.INCOMPLETE: [
        move(
            "ask_for_documents",
            Role.LEAD_SERVICE,
            documents="Plan de masse\nDélibération",
            answer_by=in_days(30),
            **WHY,
        )
    ],
    State.COMPLETE: APPLIED,
    State.PROGRAMMED: PROGRAMMED,
    State.AWARDED: AWARDED,
    State.NOTIFIED: NOTIFIED,
    State.COMMITTED: COMMITTED,
    State.IN_PROGRESS: STARTED,
    State.COMPLETED: COMPLETED,
    State.SERVICE_CERTIFIED: CERTIFIED,
    State.SETTLED: SETTLED,
    State.CLOSED: [*SETTLED, move("close", Role.FUNDER, ej_closed=True)],
    State.STOPPED: [*STARTED, pay_advance, stop],
    State.HEARING: [*COMMITTED, propose("propose_lapse"), observe],
    State.REFUSED: [*PROGRAMMED, move("refuse", Role.AUTHORITY, **WHY)],
    State.DISMISSED: [move("dismiss", Role.LEAD_SERVICE, **WHY)],
    State.IMPLICITLY_REJECTED: [
        *APPLIED,
        lambda grant: fire(
            grant,
            "record_implicit_rejection",
            by=person(grant, Role.FUNDER),
            at=datetime.datetime.combine(
                grant.decision_due_on + DAY, datetime.time(9), tzinfo=datetime.UTC
            ),
            **WHY,
        ),
    ],
    State.LAPSED: [
        *COMMITTED,
        propose("propose_lapse"),
        observe,
        move("record_lapse", Role.AUTHORITY, **WHY),
    ],
    State.LIQUIDATED: [
        *FORECLOSING,
        move("record_foreclosure", Role.AUTHORITY, **WHY),
    ],
    State.CLAWBACK: CLAIMED,
    State.REPAID: [
        *CLAIMED,
        move("record_repayment", Role.ACCOUNTANT, repaid_on=today, receipt="TIT-9"),
    ],
    State.WITHDRAWN: [move("withdraw", Role.OWNER, **WHY)],
}
SCHEMES = {State.IMPLICITLY_REJECTED: "fnadt"}
"""The scheme under which a state is reached, when it is not the DSIL."""


# Payments


def prepared(grant, kind=PaymentKind.ADVANCE, cents=10_000_00, *, spent=0, at=None):
    payment = commands.prepare_payment(
        grant_id=grant.pk,
        draft=commands.PaymentDraft(PaymentKind(kind), cents, spent),
        key=uuid.uuid4(),
        by=person(grant, Role.OWNER),
        at=at or again(grant).case.changed_at + DAY,
    )
    return again(payment)


def justified(payment):
    for kind in (DocumentKind.INVOICES, DocumentKind.STATEMENT):
        join(payment, kind)
    return again(payment)


def paid(grant, kind, cents, *, spent=0):
    """Walk a payment to its end."""
    payment = justified(prepared(grant, kind, cents, spent=spent))
    for step in PAYMENT_WALKS[PaymentState.PAID]:
        step(payment)
        payment = again(payment)
    return payment


PAY_REQUESTED = [move("request", Role.OWNER)]
PAY_CERTIFIED = [
    *PAY_REQUESTED,
    move("certify", Role.LEAD_SERVICE, certified_cents=lambda p: p.amount_cents),
]
PAYMENT_WALKS = {
    PaymentState.DRAFT: [],
    PaymentState.REQUESTED: PAY_REQUESTED,
    PaymentState.CERTIFIED: PAY_CERTIFIED,
    PaymentState.PAID: [
        *PAY_CERTIFIED,
        move("pay", Role.ACCOUNTANT, paid_on=today, payment_reference="DP 77"),
    ],
    PaymentState.REFUSED: [
        *PAY_REQUESTED,
        move("refuse", Role.LEAD_SERVICE, **WHY),
    ],
    PaymentState.DROPPED: [move("drop", Role.OWNER)],
}


def payment_at(state, grant, **said):
    """Walk a payment of a grant to a state."""
    payment = justified(prepared(grant, **said))
    for step in PAYMENT_WALKS[PaymentState(state)]:
        step(payment)
        payment = again(payment)
    assert payment.case.state == state
    return payment


__all__ += ["Grant", "Payment", "people"]
