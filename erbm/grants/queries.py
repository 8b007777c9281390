"""What the pages of a grant and of a payment show, to one person at one moment."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from erbm.cases.sheets import CaseSheet
from erbm.funding.models import Line
from erbm.grants import acts, terms
from erbm.grants.models import (
    Acknowledgement,
    Difference,
    EuropeanFunds,
    EuropeanPiece,
    Figure,
    Grant,
    GrantDocument,
    Payment,
    PaymentKind,
    RequestedPiece,
)
from erbm.grants.models.payments import PAYABLE
from erbm.operations.models import Operation
from erbm.programme.models import Envelope, Regime, Reservation
from flows.grant import edits
from flows.grant.states import BEFORE_PROGRAMMING, UNDECIDED, State
from flows.operation import State as OperationState
from flows.payment.lifecycle import State as PaymentState
from flows.roles import Role
from workflow.models import Membership
from workflow.process import Edit
from workflow.refusals import Ground, Refusal
from workflow.standing import granted


@dataclass(frozen=True, slots=True)
class Clock:
    """
    One delay of a grant: what it is for, its last day, and the text that says so.

    - `mark`: how sure one is of that text;
    - `note`: what happens when it has passed.
    """

    label: str
    due_on: datetime.date
    source: str
    mark: str
    note: str = ""
    is_running: bool = True


DATES = (
    "received_on",
    "complete_on",
    "signed_on",
    "notified_on",
    "started_on",
    "completed_on",
    "settled_on",
    "closed_on",
    "repaid_on",
)
REQUESTABLE = frozenset(
    {OperationState.FUNDING, OperationState.FUNDED, OperationState.IN_PROGRESS}
)
"""The states of an operation in which its owner may ask for a grant of the plan."""
COLUMNS = {field.name: field for field in Grant._meta.concrete_fields}


class GrantSheet(CaseSheet):
    """A grant as one person sees it at one moment, read part by part."""

    def __init__(self, grant: Grant, **seen: Any) -> None:
        super().__init__(grant, **seen)
        self.grant = grant

    # Clocks

    @cached_property
    def clocks(self) -> list[Clock]:
        """The delays that run or ran, each with the text from which it comes."""
        return list(self._clocks())

    def _clocks(self) -> Iterator[Clock]:
        grant, undecided = self.grant, self.case.state in UNDECIDED
        if grant.completeness_due_on:
            note = "passé ce jour sans réponse, le dossier est réputé complet"
            yield self._clock(
                "Demander des pièces",
                grant.completeness_due_on,
                "completeness_months",
                note if terms.is_deemed_complete(grant.rule) else "",
                self.case.state == State.REQUESTED,
            )
        if grant.decision_due_on and undecided:
            rejects = terms.silence_rejects(grant.rule)
            yield self._clock(
                "Décider",
                grant.decision_due_on,
                "decision_months",
                "passé ce jour, le rejet implicite peut être constaté"
                if rejects
                else "avertissement : le silence n’y vaut pas décision",
                self.case.state != State.INCOMPLETE,
            )
        if grant.deadline_on:
            yield self._deadline(grant.deadline_on)
        if grant.balance_due_on:
            yield self._clock(
                "Demander le solde",
                grant.balance_due_on,
                "balance_months",
                "passé ce jour, le bénéficiaire est mis en demeure",
                grant.settled_on is None,
            )

    def _deadline(self, deadline: datetime.date) -> Clock:
        grant, to_start = self.grant, self.grant.runs_to_start
        extended = ", prorogé" if grant.is_extended else ""
        return self._clock(
            f"Commencer{extended}" if to_start else f"Achever{extended}",
            deadline,
            "start_months" if to_start else self._finish_setting,
            "passé ce jour, la caducité peut être proposée"
            if to_start
            else "passé ce jour, la forclusion peut être proposée",
            self.case.state != State.HEARING,
        )

    @property
    def _finish_setting(self) -> str:
        by_act = self.grant.rule.finish_months is None
        return "finish_from" if by_act else "finish_months"

    def _clock(
        self, label: str, due: datetime.date, setting: str, note: str, running: bool
    ) -> Clock:
        rule = self.grant.rule
        mark, source = rule.origin(setting)
        known = dict(rule._meta.get_field("mark").flatchoices)
        return Clock(label, due, source, str(known.get(mark, mark)), note, running)

    @property
    def dates(self) -> list[tuple[str, datetime.date]]:
        """The days that have passed, in the order of the procedure."""
        days = [(_label(name), getattr(self.grant, name)) for name in DATES]
        return [(label, day) for label, day in days if day is not None]

    # What may be done

    @property
    def document_edit(self) -> Edit:
        is_asked = self.may["answer_request"] and not self.may["add_document"]
        return edits.ANSWER_REQUEST if is_asked else edits.ADD_DOCUMENT

    @property
    def may_join(self) -> bool:
        return self.may["add_document"]

    @cached_property
    def payments_to_prepare(self) -> list[PaymentKind]:
        """The kinds of payment that the person may ask for now."""
        if Role.OWNER not in self.situation.standing.held:
            return []
        return [kind for kind in PaymentKind if self.case.state in PAYABLE[kind]]

    def payment_refusals(self, kind: PaymentKind) -> list[Refusal]:
        """Say why no payment of a kind may be prepared."""
        if Role.OWNER not in self.situation.standing.held:
            message = f"La demande revient à {self.grant.owner}, bénéficiaire."
            return [Refusal(Ground.ROLE, message)]
        if self.case.state not in PAYABLE[kind]:
            message = f"{kind.label} : la subvention est « {self.state_label} »."
            return [Refusal(Ground.STATE, message)]
        return []

    # What is known

    @cached_property
    def acknowledgement(self) -> Acknowledgement | None:
        """The receipt of the request, as it was sent, if it was."""
        return Acknowledgement.objects.filter(grant=self.grant).first()

    @cached_property
    def reservation(self) -> Reservation | None:
        """What an adopted scenario has set aside for it, until it is programmed."""
        is_before = self.case.state in BEFORE_PROGRAMMING
        return self.grant.reservation() if is_before else None

    @property
    def has_act(self) -> bool:
        """Tell whether an act is being drawn up, or was signed."""
        return bool(self.grant.award_cents)

    @property
    def act_faults(self) -> list[str]:
        """Say why the act cannot be signed as it stands."""
        if self.grant.signed_on:
            return []
        return [*self.grant.missing_mentions(), *self.grant.excesses()]

    @property
    def rate(self) -> Fraction:
        return Fraction(self.grant.rate, terms.WHOLE)

    @property
    def proof_label(self) -> str:
        return acts.proof_label(self.grant)

    @property
    def left_cents(self) -> int:
        """What remains to be paid of the award, or of what is owed in the end."""
        whole: int = self.grant.due_cents or self.grant.award_cents
        return max(0, whole - self.grant.paid_cents)

    @cached_property
    def payments(self) -> list[Payment]:
        found = self.grant.payments.select_related("case").order_by("pk")
        return list(found)

    @cached_property
    def documents(self) -> list[GrantDocument]:
        joined = self.grant.documents.select_related("added_by")
        return list(joined.order_by("-added_at", "-pk"))

    @cached_property
    def requests(self) -> list[RequestedPiece]:
        asked = self.grant.requested_pieces.select_related("document")
        return list(asked.order_by("pk"))

    @property
    def unanswered(self) -> list[RequestedPiece]:
        """The documents that the person may still provide."""
        if not self.may["answer_request"]:
            return []
        return [piece for piece in self.requests if piece.document is None]

    @cached_property
    def differences(self) -> list[Difference]:
        """What Chorus says otherwise of it."""
        found = self.grant.differences.select_related("restitution", "answered_by")
        return list(found.order_by("-pk"))

    @cached_property
    def european(self) -> EuropeanFunds | None:
        return EuropeanFunds.objects.filter(grant=self.grant).first()

    @property
    def european_rate(self) -> Fraction:
        return Fraction(self.european.rate if self.european else 0, terms.WHOLE)

    @cached_property
    def european_pieces(self) -> list[EuropeanPiece]:
        """What the managing authority wants, in order."""
        wanted = EuropeanPiece.objects.filter(funds=self.grant.pk)
        return list(wanted.select_related("document").order_by("rank"))

    @property
    def is_european(self) -> bool:
        return self.grant.rule.regime == Regime.EUROPE


class PaymentSheet(CaseSheet):
    """A payment as one person sees it at one moment."""

    def __init__(self, payment: Payment, **seen: Any) -> None:
        super().__init__(payment, **seen)
        self.payment = payment

    @property
    def may_join(self) -> bool:
        return self.may["add_document"]

    @cached_property
    def documents(self) -> list[GrantDocument]:
        joined = GrantDocument.objects.filter(payment=self.payment.pk)
        joined = joined.select_related("added_by")
        return list(joined.order_by("-added_at", "-pk"))

    @property
    def ceilings(self) -> list[tuple[str, int]]:
        """What bounds it, the tightest first."""
        if self.case.state in {PaymentState.PAID, PaymentState.REFUSED}:
            return []
        found = sorted(self.payment.ceilings())
        return [(why, max(0, most)) for most, why in found]


def _label(name: str) -> str:
    label = str(COLUMNS[name].verbose_name)
    return label[:1].upper() + label[1:]


@dataclass(frozen=True)
class Account:
    """
    What a figure of an envelope is made of, as far as a person may know.

    - `held_cents`: the part of the grants that she sees;
    - `waiting`: what adopted scenarios reserve and no grant has taken over.
    """

    envelope: Envelope
    figure: Figure
    held_cents: int
    waiting: Sequence[Reservation]

    @property
    def cents(self) -> int:
        """The figure itself."""
        cents: int = getattr(self.envelope, f"{self.figure}_cents")
        return cents

    @property
    def waiting_cents(self) -> int:
        return sum(one.cents for one in self.waiting)

    @property
    def hidden_cents(self) -> int:
        """What belongs to cases that she may not know of."""
        return self.cents - self.held_cents - self.waiting_cents


def account(
    envelope_id: int,
    figure: Figure,
    held_cents: int,
    memberships: Sequence[Membership],
) -> Account:
    """Say what a figure of an envelope is made of, to one person."""
    envelope = Envelope.objects.with_places().get(pk=envelope_id)
    waiting = Reservation.objects.none()
    if figure == Figure.RESERVED:
        known = envelope.reservations.live().filter(granted(memberships, case="case"))
        waiting = known.select_related("case").order_by("case__reference")
    return Account(envelope, figure, held_cents, list(waiting))


@dataclass(frozen=True, slots=True)
class Followed:
    """A line of a plan that others pay, with its grant if it has one."""

    line: Line
    grant: Grant | None
    may_ask: bool


@dataclass(frozen=True, slots=True)
class Followup:
    """
    What becomes of the lines of a plan, as far as a person may know.

    `ended`: the grants that left their line: refused, withdrawn, without effect.
    """

    lines: Sequence[Followed]
    ended: Sequence[Grant]


def followup(
    operation: Operation, lines: Sequence[Line], memberships: Sequence[Membership]
) -> Followup:
    """Pair the lines that others pay with their grants, in one query."""
    known = Grant.objects.filter(granted(memberships, case="case"))
    found = list(known.with_facts().filter(operation=operation).order_by("pk"))
    grants = {grant.line_id: grant for grant in found if grant.line_id}
    asks = operation.case.state in REQUESTABLE and _owns(operation, memberships)
    return Followup(
        lines=[
            Followed(
                line,
                grants.get(line.pk),
                asks and not line.is_followed and line.notified_on is None,
            )
            for line in lines
        ],
        ended=[grant for grant in found if grant.line_id is None],
    )


def _owns(operation: Operation, memberships: Sequence[Membership]) -> bool:
    return any(
        held.role == Role.OWNER
        and held.unit_id == operation.owner_id
        and held.covers(operation.case.jurisdiction_id)
        for held in memberships
    )


def request_refusals(
    operation: Operation, line: Line, held: Mapping[str, Any]
) -> list[Refusal]:
    """Say why a person may not ask for the grant of a line."""
    if Role.OWNER not in held:
        message = f"La demande revient à {operation.owner}, porteur de l’opération."
        return [Refusal(Ground.ROLE, message)]
    if operation.case.state not in REQUESTABLE:
        message = "Une subvention se demande une fois l’opération validée au COPIL."
        return [Refusal(Ground.STATE, message)]
    if line.is_followed or line.notified_on:
        message = "Cette ligne fait déjà l’objet d’une subvention."
        return [Refusal(Ground.REQUIREMENT, message)]
    return []
