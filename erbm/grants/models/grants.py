"""A grant, and what each move of its procedure changes in it."""

import datetime
from collections.abc import Collection
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from erbm.funding.models import Line
from erbm.grants import terms
from erbm.grants.models import commitments, holdings
from erbm.grants.models.documents import RequestedPiece
from erbm.grants.models.facts import Facts
from erbm.grants.models.holdings import Figure
from erbm.programme import envelopes, reservations
from flows.grant import conditions, endings, hearing, lifecycle
from flows.grant.states import BEFORE_PROGRAMMING, FINAL, State
from workflow.answers import MoveRefused
from workflow.cases import Made, performs, subject_of
from workflow.models import Event, Membership
from workflow.refusals import Ground, Refusal
from workflow.standing import granted, prepared_cases

MEASURES = {
    hearing.PROPOSE_LAPSE.name: conditions.LAPSE,
    hearing.PROPOSE_FORECLOSURE.name: conditions.FORECLOSURE,
    hearing.PROPOSE_REPAYMENT.name: conditions.REPAYMENT,
}
SPENDING = frozenset({State.IN_PROGRESS, State.COMPLETED, State.SERVICE_CERTIFIED})
"""The states in which the envelope still holds what is not paid yet."""


def awaiting_programming(lines: "models.QuerySet[Line]") -> "models.QuerySet[Line]":
    """Keep the lines that no money is reserved for by a grant, nor notified."""
    before = Q(grant=None) | Q(grant__case__state__in=BEFORE_PROGRAMMING)
    return lines.filter(before, notified_on=None)


class GrantQuerySet(models.QuerySet["Grant"]):
    def visible_with(self, memberships: Collection[Membership]) -> "GrantQuerySet":
        """Keep those that memberships let one know of."""
        known = granted(memberships, case="case")
        prepared = prepared_cases(memberships)
        return self.filter(known | Q(case__in=prepared) if prepared else known)

    def with_facts(self) -> "GrantQuerySet":
        """Read with each what a page shows of it."""
        return self.select_related(
            "case__jurisdiction",
            "operation__case",
            "funder",
            "owner",
            "envelope__jurisdiction",
            "rule",
        )

    def holding(self, figure: Figure) -> "GrantQuerySet":
        """Keep those that make a figure of their envelope up, each with its part."""
        part = holdings.part(figure)
        return self.alias(part=part).filter(part__gt=0).annotate(held_cents=part)

    def alive(self) -> "GrantQuerySet":
        """Keep those that may still be paid, or are."""
        return self.exclude(case__state__in=FINAL)


@subject_of(lifecycle.PROCESS)
class Grant(Facts):
    """One funder’s money on one operation, from the request to the last euro."""

    objects: ClassVar[GrantQuerySet] = GrantQuerySet.as_manager()  # type: ignore[assignment]

    # It follows from the opening, which names the line, and from the state.
    DERIVED = frozenset({"line_id"})

    class Meta:
        verbose_name = "subvention"
        constraints = [
            models.CheckConstraint(
                name="grant_amounts_are_not_negative",
                condition=Q(
                    requested_cents__gt=0,
                    programmed_cents__gte=0,
                    award_cents__gte=0,
                    basis_cents__gte=0,
                    spent_cents__gte=0,
                    real_cost_cents__gte=0,
                    due_cents__gte=0,
                    repayment_cents__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="grant_rate_is_a_part", condition=Q(rate__lte=terms.WHOLE)
            ),
            models.CheckConstraint(
                name="grant_gives_no_more_than_it_was_asked",
                condition=Q(programmed_cents__lte=models.F("requested_cents"))
                & Q(award_cents__lte=models.F("requested_cents")),
            ),
            models.CheckConstraint(
                name="grant_owes_no_more_than_it_awarded",
                condition=Q(due_cents__lte=models.F("award_cents")),
            ),
            models.CheckConstraint(
                name="grant_is_notified_once_signed",
                condition=Q(notified_on=None) | Q(signed_on__isnull=False),
            ),
            models.CheckConstraint(
                name="grant_is_committed_once_notified",
                condition=Q(ej_number="") | Q(notified_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case.reference}, {self.get_scheme_display()}"

    # The application

    @performs(lifecycle.ASK_FOR_DOCUMENTS)
    def ask_for_documents(self, made: Made) -> None:
        self.documents_due_on = made.inputs["answer_by"]
        self.documents_asked_on = made.effective_on
        labels = filter(None, map(str.strip, made.inputs["documents"].splitlines()))
        RequestedPiece.objects.bulk_create(
            RequestedPiece(grant=self, label=label[:300], asked_on=made.effective_on)
            for label in labels
        )

    @performs(lifecycle.SUPPLY_DOCUMENTS)
    def supply_documents(self, made: Made) -> None:
        assert self.documents_asked_on is not None
        assert self.documents_due_on is not None
        # CRPA, art. L. 114-5: the delay of a rejection is suspended for as long as
        # was left to answer; that of completeness, until the documents are there.
        asked_on, supplied_on = self.documents_asked_on, made.effective_on
        if self.completeness_due_on:
            self.completeness_due_on += supplied_on - asked_on
        if self.decision_due_on:
            until = max(asked_on, min(supplied_on, self.documents_due_on))
            self.decision_due_on += until - asked_on
        self.documents_asked_on = self.documents_due_on = None

    @performs(lifecycle.DECLARE_COMPLETE)
    def declare_complete(self, made: Made) -> None:
        deemed_on = self.deemed_complete_on(made.effective_on)
        self.is_deemed_complete = deemed_on is not None
        self.complete_on = deemed_on or made.effective_on
        self.early_start = made.inputs["early_start"]

    @performs(lifecycle.PROGRAM)
    def program(self, made: Made) -> None:
        self.programmed_cents = made.inputs["programmed_cents"]
        self.case.amount_cents = self.programmed_cents
        held = reservations.hand_over(
            self.operation_id,
            self.scheme,
            self.programmed_cents,
            keeps_rest=self._is_awaited_beside(),
        )
        if held is not None:
            self.envelope = held
        elif self.envelope_id:
            envelopes.reserve(self.envelope_id, self.programmed_cents)

    @performs(lifecycle.AWARD)
    def award(self, made: Made) -> None:
        self.act_reference = made.inputs["act_reference"]
        self.signed_on = made.inputs["signed_on"]
        self.case.amount_cents = self.award_cents
        if self.envelope_id:
            envelopes.award(self.envelope_id, self.award_cents)
            spared = self.programmed_cents - self.award_cents
            if spared:
                envelopes.release(self.envelope_id, spared)

    @performs(
        lifecycle.REFUSE,
        lifecycle.DISMISS,
        lifecycle.RECORD_IMPLICIT_REJECTION,
        lifecycle.WITHDRAW,
        endings.FALL,
    )
    def end_empty_handed(self, made: Made) -> None:
        if self.envelope_id and self.case.state == State.AWARDED:
            envelopes.give_back(self.envelope_id, self.award_cents)
        elif self.envelope_id and self.case.state == State.PROGRAMMED:
            envelopes.release(self.envelope_id, self.programmed_cents)
        elif not self._is_awaited_beside():
            reservations.let_go(self.operation_id, self.scheme)
        # Its line may be asked for again, or followed elsewhere.
        self._its_line().update(is_followed=False)
        self.line = None

    @performs(lifecycle.EXTEND_DECISION)
    def extend_decision(self, made: Made) -> None:
        self.decision_due_on = made.inputs["decision_until"]

    def _is_awaited_beside(self) -> bool:
        """Tell whether another line of the operation awaits money of the scheme."""
        lines = Line.objects.filter(operation=self.operation_id, scheme=self.scheme)
        return awaiting_programming(lines).exclude(pk=self.line_id or 0).exists()

    def _its_line(self) -> "models.QuerySet[Line]":
        return Line.objects.filter(pk=self.line_id or 0)

    # From the act to the end of the works

    @performs(lifecycle.NOTIFY)
    def notify(self, made: Made) -> None:
        notified_on: datetime.date = made.inputs["notified_on"]
        self.notified_on = notified_on
        self.proof_kind = made.inputs["proof_kind"]
        self.proof = made.inputs["proof"]
        self.deadline_on = terms.first_deadline(
            self.rule, notified_on, self.planned_end_on
        )
        self._its_line().update(
            notified_on=notified_on, notification=self.act_reference[:100]
        )

    @performs(lifecycle.RECORD_COMMITMENT)
    def record_commitment(self, made: Made) -> None:
        self.ej_number = commitments.normalised(made.inputs["ej_number"])
        commitments.take(
            scope=self.ej_scope, number=self.ej_number, grant_id=self.case_id
        )
        if self.envelope_id:
            envelopes.commit(self.envelope_id, self.award_cents)

    @performs(lifecycle.DECLARE_START)
    def declare_start(self, made: Made) -> None:
        assert self.notified_on is not None
        started_on: datetime.date = made.inputs["started_on"]
        self.started_on = started_on
        # Where no start is awaited, the delay to finish has run since the notification.
        if terms.counts_a_start(self.rule) or self.deadline_on is None:
            self.deadline_on = terms.finish_due(
                self.rule, self.notified_on, started_on, self.planned_end_on
            )
            self.is_extended = False

    @performs(lifecycle.EXTEND)
    def extend(self, made: Made) -> None:
        self.deadline_on = made.inputs["until"]
        self.is_extended = True

    @performs(lifecycle.DECLARE_COMPLETION)
    def declare_completion(self, made: Made) -> None:
        self.completed_on = made.inputs["completed_on"]
        self.spent_cents = made.inputs["spent_cents"]
        self.deadline_on = None
        self.balance_due_on = terms.balance_due(self.rule, made.inputs["completed_on"])

    @performs(lifecycle.CERTIFY_SERVICE)
    def certify_service(self, made: Made) -> None:
        self._apart_from_those_who_asked_to_be_paid(made)
        self.real_cost_cents = made.inputs["real_cost_cents"]
        self.due_cents = terms.balance_of(
            self.rate, self.award_cents, self.real_cost_cents
        )

    def _apart_from_those_who_asked_to_be_paid(self, made: Made) -> None:
        """Refuse whoever asked for a payment, which is another case for the engine."""
        people = [one for one in (made.by, made.principal) if one is not None]
        asked = Event.objects.filter(move="request", case__payment__grant=self)
        if asked.filter(Q(actor__in=people) | Q(principal__in=people)).exists():
            message = (
                "Vous avez demandé un paiement de cette subvention : une autre "
                "personne atteste le service fait."
            )
            raise MoveRefused([Refusal(Ground.FOUR_EYES, message)])

    @performs(lifecycle.SETTLE)
    def settle(self, made: Made) -> None:
        self.settled_on = made.effective_on
        self._spend_no_more(made)

    @performs(lifecycle.CLOSE)
    def close(self, made: Made) -> None:
        self.closed_on = made.effective_on

    # Measures against the owner

    @performs(
        hearing.PROPOSE_LAPSE, hearing.PROPOSE_FORECLOSURE, hearing.PROPOSE_REPAYMENT
    )
    def open_the_hearing(self, made: Made) -> None:
        if made.inputs["answer_by"] <= made.effective_on:
            message = "Le bénéficiaire a besoin de temps : un jour à venir est attendu."
            raise MoveRefused([Refusal(Ground.INPUT, message, field="answer_by")])
        self.hearing_about = MEASURES[made.move.name]
        self.hearing_until = made.inputs["answer_by"]
        self.observed_on = None

    @performs(hearing.PRESENT_OBSERVATIONS)
    def present_observations(self, made: Made) -> None:
        self.observed_on = made.effective_on

    @performs(hearing.RECORD_LAPSE)
    def record_lapse(self, made: Made) -> None:
        self._spend_no_more(made)

    @performs(hearing.RECORD_FORECLOSURE, endings.LIQUIDATE)
    def record_foreclosure(self, made: Made) -> None:
        # No payment may be asked for any more: what was paid is what was owed.
        self.due_cents = self.paid_cents
        self._spend_no_more(made)

    @performs(hearing.REQUEST_REPAYMENT)
    def request_repayment(self, made: Made) -> None:
        self.repayment_cents = made.inputs["repayment_cents"]
        if self.case.returns_to in SPENDING:
            self._spend_no_more(made)
        self._hear_no_more()

    @performs(hearing.DROP_PROPOSAL)
    def drop_proposal(self, made: Made) -> None:
        self._hear_no_more()

    @performs(hearing.RECORD_REPAYMENT)
    def record_repayment(self, made: Made) -> None:
        self.repaid_on = made.inputs["repaid_on"]
        if self.envelope_id:
            cents = self.repayment_cents
            envelopes.give_back(
                self.envelope_id, cents, committed_cents=cents, paid_cents=cents
            )

    @performs(endings.STOP)
    def stop(self, made: Made) -> None:
        self.deadline_on = None

    def _hear_no_more(self) -> None:
        self.hearing_about, self.hearing_until = "", None

    def _spend_no_more(self, made: Made) -> None:
        """Give what will not be paid back to the envelope, and settle the line."""
        self.deadline_on = None
        held = self._its_line().filter(settled_on=None, notified_on__isnull=False)
        held.update(
            settled_on=max(made.effective_on, self.notified_on or made.effective_on)
        )
        left: Any = self.award_cents - self.paid_cents
        if self.envelope_id and left:
            is_committed = bool(self.ej_number)
            envelopes.give_back(
                self.envelope_id, left, committed_cents=left if is_committed else 0
            )
