"""The grants of the demonstration, moved by the same commands as any other.

An act of a story brings the grants of its operation to the states that it details,
line by line. Each gesture leaves one event in the trail of the grant, so that the trail
says where an interrupted loading stopped; a payment is taken up at its own state.
"""

import datetime
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from dateutil.relativedelta import relativedelta
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import Q, QuerySet

from erbm.cases import commands as moves
from erbm.demo.pdf import pdf
from erbm.demo.scenes import Scene
from erbm.demo.stories import Act, working_day
from erbm.grants import acts, commands, openings, terms
from erbm.grants.models import (
    DocumentKind,
    Grant,
    Payment,
    PaymentKind,
)
from erbm.programme.models import Envelope, Level
from erbm.programme.schemes import Scheme
from flows.grant.states import State
from flows.payment.lifecycle import State as PaymentState
from flows.roles import Role
from workflow import situations
from workflow.deadlines import LOCAL
from workflow.models import Event

ACTS = ("grants", "grants_slow", "grants_late")
WITHIN = datetime.timedelta(days=40)
OPENS_AT = datetime.time(9)
ENVELOPE_CENTS = 60_000_000_00
ENVELOPED = (Scheme.DETR, Scheme.DSIL, Scheme.FNADT, Scheme.HOUSING)

APPLIED = ("complete",)
PROGRAMMED = (*APPLIED, "program")
AWARDED = (*PROGRAMMED, "act", "award")
NOTIFIED = (*AWARDED, "notify")
COMMITTED = (*NOTIFIED, "commit")
STARTED = (*COMMITTED, "start", "visa", "advance")
COMPLETED = (*STARTED, "statement", "attestation", "finish")
CERTIFIED = (*COMPLETED, "certify", "balance")
WALKS: Mapping[str, Sequence[str]] = {
    State.REQUESTED: (),
    State.INCOMPLETE: ("ask",),
    State.COMPLETE: APPLIED,
    State.PROGRAMMED: (*PROGRAMMED, "act"),
    State.AWARDED: AWARDED,
    State.NOTIFIED: NOTIFIED,
    State.COMMITTED: COMMITTED,
    State.IN_PROGRESS: STARTED,
    State.COMPLETED: COMPLETED,
    State.SERVICE_CERTIFIED: (*COMPLETED, "certify"),
    State.SETTLED: (*CERTIFIED, "settle"),
    State.CLOSED: (*CERTIFIED, "settle", "close"),
    State.REFUSED: (*APPLIED, "refuse"),
    State.IMPLICITLY_REJECTED: (*APPLIED, "implicit"),
    State.DISMISSED: ("dismiss",),
    State.WITHDRAWN: ("withdraw",),
    State.HEARING: (*COMMITTED, "propose_lapse", "observe"),
    State.LAPSED: (*COMMITTED, "propose_lapse", "observe", "lapse"),
    State.LIQUIDATED: (*STARTED, "propose_foreclosure", "observe", "foreclose"),
    State.STOPPED: (*NOTIFIED, "stop"),
    State.CLAWBACK: (*STARTED, "propose_repayment", "observe", "claim"),
    State.REPAID: (*STARTED, "propose_repayment", "observe", "claim", "repay"),
}
UNTRACED = frozenset({"advance", "balance"})
"""What leaves no event in the trail of the grant, but in that of a payment."""


@dataclass(frozen=True)
class Part:
    """One grant of the demonstration, at one moment."""

    scene: Scene
    grant: Grant
    at: datetime.datetime

    @property
    def on(self) -> datetime.date:
        return self.at.astimezone(LOCAL).date()

    def somebody(self, role: str, subject: Any = None) -> Any:
        """Return whoever plays a role for the grant, or for a payment of it."""
        case = (subject or self.grant).case
        party = case.parties.filter(role=role).select_related("unit").order_by("pk")
        unit = party[0].unit
        return self.scene.cast.holder(unit, role, case.jurisdiction_id)

    def fire(
        self,
        name: str,
        role: str,
        *,
        subject: Any = None,
        reason: str = "",
        **said: Any,
    ) -> None:
        moved = subject or self.grant
        move = moved.process.move(name)
        signed = situations.signed_inputs(moved.case, move)
        moves.make_move(
            case_id=moved.pk,
            process=moved.process,
            attempt=moves.Attempt(
                move=move,
                by=self.somebody(role, moved),
                at=self.at,
                seen=moved.case.version,
                key=uuid.uuid4(),
                reason=reason,
                inputs={**said, **signed},
                confirmed_at=self.at,
            ),
        )


def play(scene: Scene, act: Act, at: datetime.datetime) -> int:
    """Bring the grants of an operation where an act says; return how many events."""
    _fund(at.year)
    told = _open(scene)
    wanted = cycle(act.detail.split(","))
    for grant, target in zip(_grants(scene), wanted, strict=False):
        told += _walk(scene, grant, target, at)
    return told


def history() -> QuerySet[Event]:
    """Return what was told of all the grants, and of their payments."""
    of_grants = Q(case__in=Grant.objects.values("pk"))
    return Event.objects.filter(of_grants | Q(case__in=Payment.objects.values("pk")))


def _fund(year: int) -> None:
    """Give each scheme of the State an envelope for a year, unless it has one."""
    for scheme in ENVELOPED:
        if not Envelope.objects.filter(scheme=scheme, year=year).exists():
            Envelope.objects.create(
                scheme=scheme,
                year=year,
                level=Level.REGION,
                granted_cents=ENVELOPE_CENTS,
            )


def _open(scene: Scene) -> int:
    """Open what the validation of the COPIL opens, on that day."""
    operation = scene.operation
    if operation.grants.exists():
        return 0
    validated = operation.case.events.filter(move="validate").order_by("-seq").first()
    assert validated is not None, "grants come after the COPIL"
    _fund(validated.at.year)
    with transaction.atomic():
        opened = openings.open_missing(
            operation=operation, role="", by=validated.actor, at=validated.at
        )
    return len(opened)


def _grants(scene: Scene) -> list[Grant]:
    known = Grant.objects.with_facts().filter(operation=scene.operation.pk)
    return list(known.order_by("pk"))


def _walk(scene: Scene, grant: Grant, target: str, at: datetime.datetime) -> int:
    """Make what is left of the gestures that lead to a state; count their events."""
    done, left = grant.case.latest_seq - 1, []
    for name in WALKS[target]:
        if name not in UNTRACED and done:
            done -= 1
        else:
            left.append(name)
    if grant.case.state == target:
        return 0
    told, start = 0, max(grant.case.changed_at, _at_work(at - WITHIN))
    for rank, name in enumerate(left, 1):
        spread = _at_work(start + (at - start) * rank / len(left), minutes=2 * rank)
        moment = min(at, max(start, spread))
        part = Part(scene, Grant.objects.with_facts().get(pk=grant.pk), moment)
        told += GESTURES[name](part) or 1
    return told


def _at_work(moment: datetime.datetime, minutes: int = 0) -> datetime.datetime:
    """Return a moment of the morning of that day, or of the last one worked."""
    day = working_day(moment.astimezone(LOCAL).date())
    morning = datetime.datetime.combine(day, OPENS_AT, tzinfo=LOCAL)
    worked = morning + datetime.timedelta(minutes=minutes)
    return worked.astimezone(datetime.UTC)


# The gestures


def _act(part: Part) -> None:
    grant = part.grant
    basis = min(grant.operation.cost_cents, grant.programmed_cents * 4)
    columns = acts.proposed(grant) | {
        "basis_cents": basis,
        "rate": -(-grant.programmed_cents * terms.WHOLE // basis),
        "award_cents": grant.programmed_cents,
        "planned_start_on": part.on + relativedelta(months=3),
        "planned_end_on": part.on + relativedelta(months=27),
    }
    commands.prepare_act(
        grant_id=grant.pk,
        columns=columns,
        seen=grant.case.version,
        key=uuid.uuid4(),
        by=part.somebody(Role.FUNDER),
        at=part.at,
    )


def _said(
    name: str, role: str, reason: str = "", **said: Any
) -> Callable[[Part], None]:
    """Prepare a move whose words may depend on the grant and on the day."""

    def make(part: Part) -> None:
        given = {k: v(part) if callable(v) else v for k, v in said.items()}
        part.fire(name, role, reason=reason, **given)

    return make


def _today(part: Part) -> datetime.date:
    return part.on


def _in_a_month(part: Part) -> datetime.date:
    return part.on + relativedelta(months=1)


def _number(part: Part) -> str:
    """Return a number such as Chorus gives, invented."""
    return f"21{part.grant.pk:08d}"


def _joined(kind: DocumentKind) -> Callable[[Part], None]:
    def make(part: Part) -> None:
        _join(part, part.grant, kind)

    return make


def _join(part: Part, subject: Any, kind: DocumentKind) -> None:
    page = pdf(
        [
            "PIÈCE DE DÉMONSTRATION, SANS VALEUR",
            str(kind.label),
            subject.case.title,
            subject.case.reference,
        ]
    )
    commands.add_document(
        case_id=subject.pk,
        process=subject.process,
        piece=commands.NewPiece(
            kind=kind,
            title=str(kind.label),
            file=SimpleUploadedFile(f"{kind}.pdf", page),
            content_type="application/pdf",
        ),
        key=uuid.uuid4(),
        by=part.somebody(Role.OWNER, subject),
        at=part.at,
    )


def _advance(part: Part) -> int:
    """Pay what the scheme allows first: an advance, or else a first instalment."""
    grant = part.grant
    most = terms.most_in_advance(grant.rule, grant.award_cents)
    if most:
        return _paid(part, PaymentKind.ADVANCE, min(most, grant.award_cents * 3 // 10))
    return _paid(part, PaymentKind.INSTALMENT, grant.award_cents // 5)


def _balance(part: Part) -> int:
    return _paid(
        part, PaymentKind.BALANCE, part.grant.due_cents - part.grant.paid_cents
    )


def _paid(part: Part, kind: PaymentKind, cents: int) -> int:
    """Have an amount asked for, certified and paid; go on from where it stopped."""
    before = part.grant.payments.filter(kind=kind).first()
    if before is None:
        before = commands.prepare_payment(
            grant_id=part.grant.pk,
            draft=commands.PaymentDraft(kind, cents, part.grant.basis_cents),
            key=uuid.uuid4(),
            by=part.somebody(Role.OWNER),
            at=part.at,
        )
    told = 0
    while (payment := _again(before)).case.state != PaymentState.PAID:
        told += _moved_on(part, payment)
    return told + 1


def _again(payment: Payment) -> Payment:
    return Payment.objects.with_facts().get(pk=payment.pk)


def _moved_on(part: Part, payment: Payment) -> int:
    match payment.case.state:
        case PaymentState.DRAFT if payment.missing_documents():
            kind = DocumentKind.INVOICES
            if payment.kind == PaymentKind.BALANCE:
                kind = DocumentKind.STATEMENT
            _join(part, payment, kind)
        case PaymentState.DRAFT:
            part.fire("request", Role.OWNER, subject=payment)
        case PaymentState.REQUESTED:
            cents = payment.amount_cents
            part.fire(
                "certify", Role.LEAD_SERVICE, subject=payment, certified_cents=cents
            )
        case _:
            part.fire(
                "pay",
                Role.ACCOUNTANT,
                subject=payment,
                paid_on=part.on,
                payment_reference=f"DP {payment.pk:06d}",
            )
    return 1


LATE = "Aucun commencement n’a été déclaré dans le délai."
GESTURES: Mapping[str, Callable[[Part], int | None]] = {
    "complete": _said("declare_complete", Role.LEAD_SERVICE, early_start="none"),
    "ask": _said(
        "ask_for_documents",
        Role.LEAD_SERVICE,
        "Le dossier ne permet pas d’apprécier l’assiette.",
        documents="Délibération visant le montant demandé\nPlan de financement signé",
        answer_by=_in_a_month,
    ),
    "program": _said(
        "program", Role.FUNDER, programmed_cents=lambda p: p.grant.requested_cents
    ),
    "act": _act,
    "award": _said(
        "award",
        Role.AUTHORITY,
        act_reference=lambda p: f"Acte de démonstration n° {p.grant.case.reference}",
        signed_on=_today,
    ),
    "notify": _said(
        "notify",
        Role.FUNDER,
        notified_on=_today,
        proof_kind="post",
        proof=lambda p: f"AR de démonstration n° {p.grant.pk}",
    ),
    "commit": _said("record_commitment", Role.FUNDER, ej_number=_number),
    "start": _said(
        "declare_start",
        Role.OWNER,
        first_legal_act="Marché de travaux notifié",
        started_on=_today,
    ),
    "visa": _said(
        "declare_start",
        Role.LEAD_SERVICE,
        first_legal_act="Marché de travaux notifié",
    ),
    "advance": _advance,
    "statement": _joined(DocumentKind.STATEMENT),
    "attestation": _joined(DocumentKind.COMPLETION),
    "finish": _said(
        "declare_completion",
        Role.OWNER,
        completed_on=_today,
        spent_cents=lambda p: p.grant.basis_cents,
    ),
    "certify": _said(
        "certify_service",
        Role.LEAD_SERVICE,
        real_cost_cents=lambda p: p.grant.basis_cents * 98 // 100,
        conforms=True,
    ),
    "balance": _balance,
    "settle": _said("settle", Role.ACCOUNTANT),
    "close": _said("close", Role.FUNDER, ej_closed=True),
    "refuse": _said("refuse", Role.AUTHORITY, "Crédits épuisés pour l’exercice."),
    "implicit": _said(
        "record_implicit_rejection",
        Role.FUNDER,
        "Le délai de décision a expiré sans décision expresse.",
    ),
    "dismiss": _said("dismiss", Role.LEAD_SERVICE, "Demande en double."),
    "withdraw": _said("withdraw", Role.OWNER, "Le projet se finance autrement."),
    "propose_lapse": _said(
        "propose_lapse", Role.FUNDER, LATE, answer_by=lambda p: p.on + WITHIN
    ),
    "propose_foreclosure": _said(
        "propose_foreclosure",
        Role.FUNDER,
        "Les travaux ne sont pas achevés dans le délai.",
        answer_by=lambda p: p.on + WITHIN,
    ),
    "propose_repayment": _said(
        "propose_repayment",
        Role.FUNDER,
        "L’affectation du bâtiment a été modifiée.",
        answer_by=lambda p: p.on + WITHIN,
    ),
    "observe": _said(
        "present_observations",
        Role.OWNER,
        observations="Le marché a été déclaré infructueux ; il est relancé.",
    ),
    "lapse": _said("record_lapse", Role.AUTHORITY, LATE),
    "foreclose": _said(
        "record_foreclosure", Role.AUTHORITY, "Le délai d’achèvement est dépassé."
    ),
    "claim": _said(
        "request_repayment",
        Role.AUTHORITY,
        "L’affectation du bâtiment a été modifiée.",
        repayment_cents=lambda p: p.grant.paid_cents,
    ),
    "stop": _said("stop", Role.FUNDER, "L’opération est abandonnée."),
    "repay": _said(
        "record_repayment",
        Role.ACCOUNTANT,
        repaid_on=_today,
        receipt="Titre de démonstration",
    ),
}
