"""One payment of a grant, and what each move of its procedure changes in it."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from erbm.grants import terms
from erbm.grants.models.grants import Grant
from erbm.programme import envelopes
from erbm.words import day, money
from flows.grant.states import State as GrantState
from flows.payment import lifecycle
from flows.payment.lifecycle import State
from workflow.answers import MoveRefused
from workflow.cases import Made, performs, process_of, subject_of
from workflow.models import Case, Membership, Subject
from workflow.process import Process
from workflow.refusals import Ground, Refusal
from workflow.standing import granted, prepared_cases


class PaymentKind(models.TextChoices):
    ADVANCE = "advance", "Avance"
    INSTALMENT = "instalment", "Acompte"
    BALANCE = "balance", "Solde"


PAYABLE = {
    PaymentKind.ADVANCE: frozenset({GrantState.IN_PROGRESS}),
    PaymentKind.INSTALMENT: frozenset(
        {GrantState.IN_PROGRESS, GrantState.COMPLETED, GrantState.STOPPED}
    ),
    PaymentKind.BALANCE: frozenset(
        {GrantState.COMPLETED, GrantState.SERVICE_CERTIFIED}
    ),
}
"""In which states of its grant each kind of payment is asked for, and paid."""
JUSTIFIED_BY = {
    PaymentKind.ADVANCE: {},
    PaymentKind.INSTALMENT: {"invoices": "factures acquittées"},
    PaymentKind.BALANCE: {"statement": "état récapitulatif des dépenses"},
}


class PaymentQuerySet(models.QuerySet["Payment"]):
    def visible_with(self, memberships: Collection[Membership]) -> "PaymentQuerySet":
        """Keep those that memberships let one know of."""
        known = granted(memberships, case="case")
        prepared = prepared_cases(memberships)
        return self.filter(known | Q(case__in=prepared) if prepared else known)

    def with_facts(self) -> "PaymentQuerySet":
        """Read with each what a page shows of it."""
        return self.select_related(
            "case__jurisdiction",
            "grant__case",
            "grant__operation__case",
            "grant__funder",
            "grant__owner",
            "grant__rule",
        )


@subject_of(lifecycle.PROCESS)
class Payment(Subject):
    """
    What an owner asks to be paid of its grant; the amount is that of the case.

    `spent_cents` is all that it has spent by then, as it justifies it.
    """

    grant = models.ForeignKey(
        Grant, models.PROTECT, related_name="payments", verbose_name="subvention"
    )
    kind = models.CharField("nature", max_length=20, choices=PaymentKind.choices)
    spent_cents = models.BigIntegerField("dépense justifiée en centimes", default=0)
    requested_on = models.DateField("demandé le", null=True, blank=True)
    certified_on = models.DateField("certifié le", null=True, blank=True)
    paid_on = models.DateField("payé le", null=True, blank=True)
    payment_reference = models.CharField(
        "référence du paiement", max_length=300, blank=True
    )

    objects: ClassVar[PaymentQuerySet] = PaymentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "paiement"
        constraints = [
            models.CheckConstraint(
                name="payment_kind_is_known", condition=Q(kind__in=PaymentKind.values)
            ),
            models.CheckConstraint(
                name="payment_spending_is_not_negative",
                condition=Q(spent_cents__gte=0),
            ),
            models.CheckConstraint(
                name="payment_is_paid_once_certified",
                condition=Q(paid_on=None) | Q(certified_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case.reference}, {self.get_kind_display()}"

    # Facts

    @property
    def process(self) -> Process:
        """The procedure it follows, in the version it started under."""
        return process_of(self.case)

    @property
    def state_label(self) -> str:
        return self.process.state_label(self.case.state)

    @property
    def amount_cents(self) -> int:
        return self.case.amount_cents

    def missing_documents(self) -> list[str]:
        present = set(self.documents.values_list("kind", flat=True))
        wanted = JUSTIFIED_BY[PaymentKind(self.kind)]
        return [label for kind, label in wanted.items() if kind not in present]

    def obstacles(self) -> list[str]:
        """Say why it is not due: the state of the grant, or a ceiling."""
        return [*self._obstacles_of_state(), *self._obstacles_of(self.amount_cents)]

    def _obstacles_of_state(self) -> Iterator[str]:
        grant, kind = self.grant, PaymentKind(self.kind)
        yield from grant.suspended_operation()
        if grant.case.state not in PAYABLE[kind]:
            state = grant.process.state_label(grant.case.state)
            yield f"{kind.label} : la subvention est à l’état « {state} »."
        if grant.case.state == GrantState.STOPPED and grant.started_on is None:
            yield "Rien n’a commencé : aucune dépense n’est due."
        late = self.case.state != State.DRAFT and kind == PaymentKind.BALANCE
        if late and grant.case.state == GrantState.COMPLETED:
            yield "Le solde se paie une fois le service fait attesté."

    def _obstacles_of(self, cents: int) -> Iterator[str]:
        if cents <= 0:
            yield "Le montant demandé est nul."
        for most, why in self.ceilings():
            if cents > most:
                yield f"{money(cents)} dépassent {money(max(0, most))} : {why}."

    def ceilings(self) -> Iterator[tuple[int, str]]:
        """Return what may be paid at most, and why, ceiling by ceiling."""
        grant, others = self.grant, self._others_cents()
        yield grant.award_cents - others, "ce qui reste du montant attribué"
        match PaymentKind(self.kind):
            case PaymentKind.ADVANCE:
                yield from self._ceilings_of_an_advance()
            case PaymentKind.INSTALMENT:
                yield from self._ceilings_of_an_instalment(others)
            case PaymentKind.BALANCE if grant.case.state != GrantState.COMPLETED:
                least = "le moindre du montant attribué et du taux de la dépense réelle"
                yield grant.due_cents - others, f"{least}, moins les versements"

    def _ceilings_of_an_advance(self) -> Iterator[tuple[int, str]]:
        rule, award = self.grant.rule, self.grant.award_cents
        source = rule.origin("advance_percent")[1]
        yield terms.most_in_advance(rule, award), f"avance au plus ({source})"
        if self._siblings().filter(kind=PaymentKind.ADVANCE).exists():
            yield 0, "une avance est déjà versée ou demandée"

    def _ceilings_of_an_instalment(self, others: int) -> Iterator[tuple[int, str]]:
        grant, rule = self.grant, self.grant.rule
        most = terms.most_before_balance(rule, grant.award_cents, months=self._months)
        source = rule.origin("instalments_percent")[1]
        yield most - others, f"avance et acomptes au plus, ensemble ({source})"
        earned = terms.share(grant.rate, self.spent_cents)
        yield earned - others, "taux appliqué à la dépense justifiée"
        if not self._siblings().exists():
            source = rule.origin("first_instalment_percent")[1]
            first = terms.most_at_first(rule, grant.award_cents)
            yield first, f"premier acompte au plus ({source})"

    @property
    def _months(self) -> int:
        """How long the works are meant to last."""
        start, end = self.grant.started_on, self.grant.planned_end_on
        return terms.months_between(start, end) if start and end else 0

    def _siblings(self) -> "models.QuerySet[Payment]":
        """Find the other payments of the grant that are made, or on their way."""
        states = lifecycle.RUNNING | {State.PAID}
        others = Payment.objects.filter(grant=self.grant_id, case__state__in=states)
        return others.exclude(pk=self.pk)

    def _others_cents(self) -> int:
        paid = self._siblings().aggregate(total=models.Sum("case__amount_cents"))
        return paid["total"] or 0

    def certification_faults(self, said: Mapping[str, Any]) -> dict[str, str]:
        cents: int = said["certified_cents"]
        if cents > self.amount_cents:
            asked = money(self.amount_cents)
            return {"certified_cents": f"Le porteur n’a demandé que {asked}."}
        found = list(self._obstacles_of(cents))
        return {"certified_cents": " ".join(found)} if found else {}

    def payment_faults(self, said: Mapping[str, Any]) -> dict[str, str]:
        assert self.certified_on is not None
        if said["paid_on"] >= self.certified_on:
            return {}
        certified = day(self.certified_on)
        return {"paid_on": f"Cette date précède la certification, du {certified}."}

    # Moves

    @performs(lifecycle.REQUEST)
    def request(self, made: Made) -> None:
        self._hold_the_grant()
        self.requested_on = made.effective_on

    @performs(lifecycle.CERTIFY)
    def certify(self, made: Made) -> None:
        self.case.amount_cents = made.inputs["certified_cents"]
        self.certified_on = made.effective_on

    @performs(lifecycle.PAY)
    def pay(self, made: Made) -> None:
        self._hold_the_grant()
        self.paid_on = made.inputs["paid_on"]
        self.payment_reference = made.inputs["payment_reference"]
        if self.grant.envelope_id:
            envelopes.pay(self.grant.envelope_id, self.amount_cents)

    def _hold_the_grant(self) -> None:
        """
        Wait for whatever else moves the grant or pays it, then look again.

        :raises MoveRefused: if the payment is not due any more
        """
        Case.objects.select_for_update(of=("self",)).get(pk=self.grant_id)
        self.grant = Grant.objects.with_facts().get(pk=self.grant_id)
        if found := self.obstacles():
            raise MoveRefused(
                [Refusal(Ground.REQUIREMENT, message) for message in found]
            )
