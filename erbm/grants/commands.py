"""What a person can do with grants and payments: one function, one transaction."""

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from erbm import changes
from erbm.grants import openings
from erbm.grants.models import (
    Acknowledgement,
    EuropeanFunds,
    EuropeanPiece,
    Grant,
    GrantDocument,
    Payment,
    PaymentKind,
    RequestedPiece,
)
from erbm.grants.queries import REQUESTABLE
from erbm.operations import filing
from erbm.operations.models import Operation
from erbm.programme import reservations
from erbm.programme.models import Envelope
from erbm.words import money
from flows.grant import edits, endings
from flows.grant import lifecycle as granting
from flows.grant.states import State as GrantState
from flows.payment import lifecycle as paying
from flows.roles import Role
from workflow import engine, opening, refused
from workflow.cases import latest_of
from workflow.deadlines import LOCAL
from workflow.engine import KeyReused, MoveRefused, Receipt, StaleCase
from workflow.models import Case, EntryKind, Event, Membership
from workflow.process import Edit, Move, Process
from workflow.refusals import Ground, Refusal
from workflow.trail import register

__all__ = ["KeyReused", "MoveRefused", "Receipt", "StaleCase"]

OPEN = "opening"
PAID_IN = frozenset(
    {
        GrantState.IN_PROGRESS,
        GrantState.COMPLETED,
        GrantState.SERVICE_CERTIFIED,
        GrantState.STOPPED,
    }
)


def request_grant(
    *, line_id: int, operation_id: int, key: UUID, by: Any, at: datetime.datetime
) -> Grant:
    """
    Ask for the grant of a line of the plan; once only for the same key.

    :raises MoveRefused: if the person does not own the operation, or if it is too
        early or too late, or if the line has its grant
    :raises KeyReused: if the key of the request has served for something else
    """
    with refused.kept(OPEN, by=by, at=at, pk=operation_id):
        operation = Operation.objects.with_facts().get(pk=operation_id)
        if not _owns(operation.owner_id, operation.case, by, at):
            message = f"La demande revient à {operation.owner}, porteur de l’opération."
            raise MoveRefused([Refusal(Ground.ROLE, message)])
        if (event := _served(by, key)) is not None:
            return Grant.objects.with_facts().get(pk=event.case_id)
        if operation.case.state not in REQUESTABLE:
            message = "Une subvention se demande une fois l’opération validée au COPIL."
            raise MoveRefused([Refusal(Ground.STATE, message)])
        grants = openings.open_missing(
            operation=operation, role=Role.OWNER, by=by, at=at, lines=[line_id], key=key
        )
        if not grants:
            message = "Cette ligne fait déjà l’objet d’une subvention."
            raise MoveRefused([Refusal(Ground.REQUIREMENT, message)])
        return grants[0]


def _owns(unit_id: int, case: Case, by: Any, at: datetime.datetime) -> bool:
    """Tell whether a person holds the owner's role, and have her second form wait."""
    held = list(
        Membership.objects.current(at.astimezone(LOCAL).date())
        .select_for_update(of=("self",))
        .filter(user=by, unit=unit_id, role=Role.OWNER)
        .order_by("pk")
    )
    return any(membership.covers(case.jurisdiction_id) for membership in held)


def _served(by: Any, key: UUID) -> Event | None:
    event = Event.objects.filter(actor=by, request_key=key).first()
    if event is not None and event.kind != "opening":
        raise KeyReused(str(key))
    return event


def note_acknowledged(
    *,
    grant: Grant,
    pdf: bytes,
    message_id: str,
    to: Sequence[str],
    by: Any,
    at: datetime.datetime,
) -> None:
    """
    Keep the receipt that a beneficiary was sent, and say so in the register.

    `by`: nobody, when it is the worker that sends it.
    """
    digest = hashlib.sha256(pdf).hexdigest()
    with transaction.atomic(durable=True):
        Acknowledgement.objects.create(
            grant=grant,
            file=ContentFile(pdf, name="accuse.pdf"),
            sha256=digest,
            message_id=message_id,
            addresses=len(to),
            sent_at=at,
        )
        register.enter(
            EntryKind.LETTER_SENT,
            by=by,
            at=at,
            case=grant.case,
            facts={
                "letter": "acknowledgement",
                "message_id": message_id,
                "sha256": digest,
                "unit": grant.owner.code,
            },
            texts={"to": ", ".join(to)},
        )


def end_with_operation(
    *, operation_id: int, cause: UUID, by: Any, at: datetime.datetime
) -> None:
    """
    End or stop the grants of an operation that is over, and set free what waits for it.

    Each in a transaction of its own: one that is refused stops no other. `cause`
    names what ended the operation: done twice, nothing more happens.

    :raises MoveRefused: once all was tried, with all that was refused
    """
    refusals: list[Refusal] = []
    for grant in Grant.objects.alive().filter(operation=operation_id).order_by("pk"):
        try:
            with transaction.atomic(durable=True):
                _end(grant.pk, cause, by, at)
        except MoveRefused as caught:
            refusals += caught.refusals
    with transaction.atomic(durable=True):
        _release(operation_id, by, at)
    if refusals:
        raise MoveRefused(refusals)


def _end(grant_id: int, cause: UUID, by: Any, at: datetime.datetime) -> None:
    grant = Grant.objects.with_facts().get(pk=grant_id)
    moves = [one for one in (endings.FALL, endings.STOP) if one in _open_to(grant)]
    for move in moves:
        case = grant.operation.case
        state = grant.operation.process.state_label(case.state)
        attempt = engine.Attempt(
            move=move,
            by=by,
            at=at,
            seen=grant.case.version,
            key=uuid5(cause, grant.case.reference),
            reason=f"L’opération {case.reference} est à l’état « {state} ».",
        )
        engine.fire(granting.PROCESS, grant.pk, attempt)


def _open_to(grant: Grant) -> Sequence[Move]:
    return grant.process.moves_from(grant.case.state)


def _release(operation_id: int, by: Any, at: datetime.datetime) -> None:
    """Set free all that scenarios reserve for an operation, and say so."""
    for held in reservations.all_held_for(operation_id):
        envelope, names = held.envelope, ["reserved_cents"]
        before = changes.values_of(envelope, names)
        reservations.let_go(operation_id, held.scheme)
        envelope.refresh_from_db(fields=names)
        after = changes.values_of(envelope, names)
        changes.note(envelope, before, after, by=by, at=at)


@dataclass(frozen=True)
class PaymentDraft:
    """What an owner asks to be paid: how much, and what it has spent by then."""

    kind: PaymentKind
    amount_cents: int
    spent_cents: int = 0


def prepare_payment(
    *, grant_id: int, draft: PaymentDraft, key: UUID, by: Any, at: datetime.datetime
) -> Payment:
    """
    Open a payment, to be completed and then asked for; once only for the same key.

    :raises MoveRefused: if the person does not own the grant, or if nothing may be paid
    :raises KeyReused: if the key of the request has served for something else
    """
    with refused.kept(OPEN, by=by, at=at, pk=grant_id):
        grant = Grant.objects.with_facts().get(pk=grant_id)
        if not _owns(grant.owner_id, grant.case, by, at):
            message = f"La demande revient à {grant.owner}, bénéficiaire."
            raise MoveRefused([Refusal(Ground.ROLE, message)])
        if (event := _served(by, key)) is not None:
            return Payment.objects.with_facts().get(pk=event.case_id)
        if grant.case.state not in PAID_IN:
            state = grant.process.state_label(grant.case.state)
            message = f"Rien ne se paie à l’état « {state} »."
            raise MoveRefused([Refusal(Ground.STATE, message)])
        payment = Payment(grant=grant, kind=draft.kind, spent_cents=draft.spent_cents)
        opening.open_cases(
            latest_of(paying.PROCESS.name),
            [_payment_case(grant, payment, draft, key)],
            role=Role.OWNER,
            by=by,
            at=at,
        )
        return payment


def _payment_case(
    grant: Grant, payment: Payment, draft: PaymentDraft, key: UUID
) -> opening.NewCase:
    parties: dict[str, list[Any]] = {}
    for party in grant.case.parties.select_related("unit").order_by("pk"):
        parties.setdefault(party.role, []).append(party.unit)
    return opening.NewCase(
        subject=payment,
        title=f"{draft.kind.label} · {grant.case.title}"[:300],
        jurisdiction=grant.case.jurisdiction,
        amount_cents=draft.amount_cents,
        parties=parties,
        facts={"grant": grant.case.reference, "kind": str(draft.kind)},
        key=key,
    )


def edit_payment(
    *,
    payment_id: int,
    draft: PaymentDraft,
    seen: int,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Change what a payment being prepared asks for.

    :raises StaleCase: if it has changed since the person saw it
    :raises MoveRefused: if it is not hers to change, or is asked for already
    """

    def change(payment: Payment) -> engine.Noted:
        before = payment.case.amount_cents
        payment.case.amount_cents = draft.amount_cents
        payment.spent_cents = draft.spent_cents
        return engine.Noted(
            facts={"cost_cents": [str(before), str(draft.amount_cents)]}
        )

    amendment = engine.Amendment(paying.EDIT_AMOUNT, by, at, seen, key)
    with refused.kept(amendment.edit.name, by=by, at=at, pk=payment_id):
        return engine.amend(paying.PROCESS, payment_id, amendment, change)


ACT = (
    "act_kind",
    "purpose",
    "basis_cents",
    "rate",
    "award_cents",
    "planned_start_on",
    "planned_end_on",
    "payment_terms",
    "repayment_terms",
    "appeal_terms",
)
"""The columns of which the act is made."""


def prepare_act(
    *,
    grant_id: int,
    columns: Mapping[str, Any],
    seen: int,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Write what the act that awards a grant will say; nothing is awarded by it.

    :raises StaleCase: if the grant has changed since the person saw it
    :raises MoveRefused: if the person may not, or gives more than was asked for
    """

    def change(grant: Grant) -> engine.Noted:
        if columns["award_cents"] > grant.requested_cents:
            message = "L’acte ne peut attribuer plus que la demande."
            raise MoveRefused([Refusal(Ground.INPUT, message, field="award_cents")])
        for name in ACT:
            setattr(grant, name, columns[name])
        return engine.Noted()

    amendment = engine.Amendment(edits.PREPARE_ACT, by, at, seen, key)
    with refused.kept(amendment.edit.name, by=by, at=at, pk=grant_id):
        return engine.amend(granting.PROCESS, grant_id, amendment, change)


def choose_envelope(
    *,
    grant_id: int,
    envelope: Envelope,
    seen: int,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Say from which envelope a grant will be paid.

    :raises StaleCase: if the grant has changed since the person saw it
    :raises MoveRefused: if the person may not, if the envelope is for something else,
        or if money waits for it in another
    """

    def change(grant: Grant) -> engine.Noted:
        may_pay = openings.envelopes_for(grant.operation, grant.scheme)
        if envelope not in may_pay:
            message = f"L’enveloppe {envelope} ne peut payer cette subvention."
            raise MoveRefused([Refusal(Ground.INPUT, message, field="envelope")])
        held = grant.reservation()
        if held is not None and held.envelope != envelope:
            message = (
                f"Un scénario adopté lui réserve {money(held.cents)} dans l’enveloppe "
                f"{held.envelope} : cette réservation se lève d’abord."
            )
            raise MoveRefused([Refusal(Ground.INPUT, message, field="envelope")])
        grant.envelope = envelope
        return engine.Noted()

    amendment = engine.Amendment(edits.CHOOSE_ENVELOPE, by, at, seen, key)
    with refused.kept(amendment.edit.name, by=by, at=at, pk=grant_id):
        return engine.amend(granting.PROCESS, grant_id, amendment, change)


@dataclass(frozen=True)
class NewPiece:
    """A file to join, already found acceptable, and the request it answers."""

    kind: str
    title: str
    file: "UploadedFile[bytes]"
    content_type: str
    answers: int | None = None


def add_document(
    *,
    case_id: int,
    process: Process,
    piece: NewPiece,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Join a document to a grant or to a payment, and note its SHA-256 in the trail.

    :raises MoveRefused: if the person may not join one in this state, or if it
        answers a request that is not hers to answer
    """
    edit = _edit_of(process, piece)
    with filing.stored(piece.file) as stored:

        def change(subject: Any) -> engine.Noted:
            joined = _join(subject, piece, stored, by, at)
            if piece.answers is not None:
                asked = RequestedPiece.objects.filter(grant=case_id, document=None)
                asked.filter(pk=piece.answers).update(document=joined)
            return engine.Noted(
                facts={
                    "document": joined.pk,
                    "kind": joined.kind,
                    "sha256": joined.sha256,
                    "size": str(joined.size),
                },
                texts={"document": joined.title, "filename": joined.filename},
            )

        amendment = engine.Amendment(edit, by, at, None, key)
        with refused.kept(edit.name, by=by, at=at, pk=case_id):
            return engine.amend(process, case_id, amendment, change)


def _edit_of(process: Process, piece: NewPiece) -> Edit:
    if process.name == paying.PROCESS.name:
        return paying.ADD_DOCUMENT
    return edits.ADD_DOCUMENT if piece.answers is None else edits.ANSWER_REQUEST


def _join(
    subject: Any, piece: NewPiece, stored: filing.Stored, by: Any, at: datetime.datetime
) -> GrantDocument:
    is_grant = isinstance(subject, Grant)
    return GrantDocument.objects.create(
        grant=subject if is_grant else None,
        payment=None if is_grant else subject,
        kind=piece.kind,
        title=piece.title,
        file=stored.take(),
        filename=(piece.file.name or "")[-200:],
        content_type=piece.content_type,
        size=piece.file.size or 0,
        sha256=stored.sha256,
        added_by=by,
        added_at=at,
    )


def describe_european_funds(
    *,
    grant_id: int,
    columns: Mapping[str, Any],
    pieces: Mapping[str, int | None],
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Write under which European programme a grant is paid, and what it must justify.

    `pieces`: the documents that the managing authority wants, in order, each with the
    id of the one that answers it, if it is there.

    :raises MoveRefused: if the person may not
    """

    def change(grant: Grant) -> engine.Noted:
        _write_european_funds(grant, columns, pieces)
        return engine.Noted(
            facts={
                "european": {
                    "eligible": [columns["eligible_from"], columns["eligible_until"]],
                    "rate": str(columns["rate"]),
                }
            },
            texts={
                "programme": columns["programme"],
                "axis": columns["axis"],
                "pieces": "\n".join(pieces),
            },
        )

    amendment = engine.Amendment(edits.DESCRIBE_EUROPEAN_FUNDS, by, at, None, key)
    with refused.kept(amendment.edit.name, by=by, at=at, pk=grant_id):
        return engine.amend(granting.PROCESS, grant_id, amendment, change)


def _write_european_funds(
    grant: Grant, columns: Mapping[str, Any], pieces: Mapping[str, int | None]
) -> None:
    funds, _ = EuropeanFunds.objects.update_or_create(grant=grant, defaults=columns)
    funds.pieces.all().delete()
    own = set(grant.documents.values_list("pk", flat=True))
    EuropeanPiece.objects.bulk_create(
        EuropeanPiece(
            funds=funds,
            label=label,
            rank=rank,
            document_id=document if document in own else None,
        )
        for rank, (label, document) in enumerate(pieces.items())
    )
