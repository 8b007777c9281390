"""What a grant knows of itself: why it is not ready, what is wrong in what is said."""

import datetime
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from django.db.models import Sum

from erbm.grants import terms
from erbm.grants.models.columns import Columns
from erbm.grants.models.commitments import Commitment, normalised
from erbm.programme import reservations
from erbm.programme.models import Reservation
from erbm.words import day, money
from flows.grant.states import State
from flows.operation import State as OperationState
from flows.payment import lifecycle as payment
from workflow.cases import process_of
from workflow.process import Process

AUTHORISED = "authorised"
"""What is said of works that may begin early."""

CHORUS = "chorus"
EJ = re.compile(r"\d{10}")
ALIVE = frozenset(
    {
        OperationState.FUNDING,
        OperationState.FUNDED,
        OperationState.IN_PROGRESS,
        OperationState.DELIVERED,
    }
)
ENDED = frozenset(
    {
        OperationState.REJECTED,
        OperationState.WITHDRAWN,
        OperationState.ABANDONED,
        OperationState.LAPSED,
    }
)
"""The states in which an operation ends without being delivered."""

Faults = dict[str, str]
Said = Mapping[str, Any]


class Facts(Columns):
    """The conditions of the procedure, each in sentences."""

    class Meta:
        abstract = True

    @property
    def process(self) -> Process:
        """The procedure it follows, in the version it started under."""
        return process_of(self.case)

    @property
    def state_label(self) -> str:
        return self.process.state_label(self.case.state)

    @property
    def is_state(self) -> bool:
        """Tell whether the State pays it, from an envelope and through Chorus."""
        return terms.is_state(self.rule)

    # Money

    @cached_property
    def paid_cents(self) -> int:
        """What has been paid."""
        return self._certified({payment.State.PAID})

    @cached_property
    def running_cents(self) -> int:
        """What is asked for, or certified, and not paid yet."""
        return self._certified(payment.RUNNING)

    def _certified(self, states: Any) -> int:
        payments = self.payments.filter(case__state__in=states)  # type: ignore[attr-defined]
        total: int | None = payments.aggregate(sum=Sum("case__amount_cents"))["sum"]
        return total or 0

    @property
    def at_stake_cents(self) -> int:
        """What the envelope holds for it."""
        cents: int = self.award_cents or self.programmed_cents
        return cents

    def reservation(self) -> Reservation | None:
        """Return what an adopted scenario has set aside for its operation."""
        return reservations.held_for(self.operation_id, self.scheme)

    # Requirements

    def unanswered_requests(self) -> list[str]:
        asked = self.requested_pieces.filter(document=None)  # type: ignore[attr-defined]
        return list(asked.order_by("pk").values_list("label", flat=True))

    def deemed_complete_on(self, on: datetime.date) -> datetime.date | None:
        """Return the day on which silence made it complete, if it did by then."""
        due = self.completeness_due_on
        if due is None or on <= due or not terms.is_deemed_complete(self.rule):
            return None
        deemed_on: datetime.date = due + datetime.timedelta(days=1)
        return deemed_on

    def dead_operation(self) -> list[str]:
        case = self.operation.case
        if case.state in ALIVE:
            return []
        state = self.operation.process.state_label(case.state)
        return [f"L’opération {case.reference} est à l’état « {state} »."]

    def suspended_operation(self) -> list[str]:
        case = self.operation.case
        if case.state != OperationState.SUSPENDED:
            return []
        then = "rien ne se décide ni ne se paie de sa subvention avant sa reprise"
        return [f"L’opération {case.reference} est suspendue : {then}."]

    def running_operation(self) -> list[str]:
        case = self.operation.case
        if case.state in ENDED:
            return []
        state = self.operation.process.state_label(case.state)
        return [f"L’opération {case.reference} continue : elle est « {state} »."]

    def envelope_obstacles(self) -> list[str]:
        if self.envelope_id or not self.is_state or self.reservation():
            return []
        return ["Aucune enveloppe n’est désignée."]

    def missing_mentions(self) -> list[str]:
        """Name the mandatory mentions that the act still lacks."""
        mentions: dict[str, Any] = {
            "l’objet de la subvention": self.purpose,
            "le montant attribué": self.award_cents,
            "le taux": self.rate,
            "la dépense subventionnable": self.basis_cents,
            "le calendrier, avec la date d’achèvement": self.planned_end_on,
            "les modalités de versement": self.payment_terms,
            "la clause de reversement": self.repayment_terms,
            "les voies et délais de recours": self.appeal_terms,
        }
        return [
            f"Mention obligatoire absente de l’acte : {name}."
            for name, value in mentions.items()
            if not value
        ]

    def excesses(self) -> list[str]:
        return [*self._own_excesses(), *self.operation.excessive_aid()]

    def _own_excesses(self) -> Iterator[str]:
        award, rate = self.award_cents, self.rate
        if award > self.programmed_cents and self.case.state == State.PROGRAMMED:
            most = money(self.programmed_cents)
            yield f"L’acte attribue {money(award)} ; {most} sont programmés."
        if award > self.requested_cents:
            most = money(self.requested_cents)
            yield f"L’acte attribue {money(award)} ; {most} sont demandés."
        if award > terms.share(rate, self.basis_cents):
            most = money(terms.share(rate, self.basis_cents))
            yield f"Le taux appliqué à la dépense subventionnable donne {most}."
        floor, ceiling = self.rule.floor_percent, self.rule.ceiling_percent
        if floor is not None and rate < floor * 100:
            source = self.rule.origin("floor_percent")[1]
            yield f"Le taux est de {floor} % au moins ({source})."
        if ceiling is not None and rate > ceiling * 100:
            source = self.rule.origin("ceiling_percent")[1]
            yield f"Le taux est de {ceiling} % au plus ({source})."
        if self.basis_cents > self.operation.cost_cents:
            cost = money(self.operation.cost_cents)
            yield f"La dépense subventionnable dépasse le coût de l’opération, {cost}."

    def silence_obstacles(self, on: datetime.date) -> list[str]:
        if not terms.silence_rejects(self.rule):
            only = "l’expiration du délai n’est qu’un avertissement"
            said = "la demande se refuse ou se classe par une décision"
            return [f"{self.get_scheme_display()} : {only} ; {said}."]
        if self.decision_due_on is None:
            return ["Aucun délai de décision ne court."]
        if on <= self.decision_due_on:
            return [f"Le délai de décision court jusqu’au {day(self.decision_due_on)}."]
        return []

    def completion_obstacles(self) -> list[str]:
        kinds = set(self.documents.values_list("kind", flat=True))  # type: ignore[attr-defined]
        wanted = {
            "statement": "état récapitulatif des dépenses",
            "completion": "attestation d’achèvement",
        }
        lacking = [label for kind, label in wanted.items() if kind not in kinds]
        return [
            *(f"Pièce manquante : {label}." for label in lacking),
            *self.unfinished_payments(),
        ]

    def unfinished_payments(self) -> list[str]:
        running = self.payments.filter(case__state__in=payment.RUNNING)  # type: ignore[attr-defined]
        references = running.order_by("pk").values_list("case__reference", flat=True)
        return [f"Demande de paiement en cours : {one}." for one in references]

    def balance_obstacles(self) -> list[str]:
        left = self.due_cents - self.paid_cents
        if left > 0:
            return [f"Solde à payer : {money(left)}."]
        if left < 0:
            return [f"Trop versé : {money(-left)}. Un reversement est à proposer."]
        return []

    # Rules on what is typed

    def programming_faults(self, cents: int) -> Faults:
        if 0 < cents <= self.requested_cents:
            return {}
        most = money(self.requested_cents)
        return {"programmed_cents": f"Le montant va de 0, exclu, à {most} demandés."}

    def award_faults(self, said: Said) -> Faults:
        return self._not_before(said, "signed_on", self.received_on, "la demande")

    def notification_faults(self, said: Said) -> Faults:
        assert self.signed_on is not None
        return self._not_before(said, "notified_on", self.signed_on, "l’acte")

    def _not_before(
        self, said: Said, field: str, first: datetime.date, what: str
    ) -> Faults:
        if said[field] >= first:
            return {}
        return {field: f"Cette date précède {what}, du {day(first)}."}

    @property
    def ej_scope(self) -> str:
        """Among which numbers that of the commitment is unique."""
        return CHORUS if self.is_state else self.funder.code

    def commitment_faults(self, said: Said) -> Faults:
        number = normalised(said["ej_number"])
        if self.is_state and not EJ.fullmatch(number):
            return {"ej_number": "Un numéro d’EJ Chorus a dix chiffres."}
        taken = Commitment.objects.filter(scope=self.ej_scope, number=number)
        if (other := taken.select_related("grant__case").first()) is not None:
            return {"ej_number": other.already_used}
        return {}

    def start_faults(self, said: Said) -> Faults:
        started_on: datetime.date = said["started_on"]
        first = terms.earliest_start(self.rule, self.first_received_on, self.signed_on)
        if first and started_on < first and self.early_start != AUTHORISED:
            source = self.rule.origin("starts_after_receipt")[1]
            return {
                "started_on": f"Le commencement était possible à partir du "
                f"{day(first)}, sauf dérogation ({source})."
            }
        last = self.deadline_on
        if last and terms.counts_a_start(self.rule) and started_on > last:
            return {
                "started_on": f"Le délai pour commencer a pris fin le {day(last)} "
                f"({self.rule.origin('start_months')[1]})."
            }
        return {}

    @property
    def first_received_on(self) -> datetime.date:
        """The day on which the aid was first asked for: with the operation itself."""
        return min(filter(None, [self.received_on, self.operation.received_on]))

    def completion_faults(self, said: Said) -> Faults:
        assert self.started_on is not None
        completed_on, last = said["completed_on"], self.deadline_on
        if last and completed_on > last:
            return {"completed_on": f"Le délai d’achèvement a pris fin le {day(last)}."}
        return self._not_before(
            said, "completed_on", self.started_on, "le commencement"
        )

    def extension_faults(self, until: datetime.date) -> Faults:
        deadline = self.deadline_on
        if deadline is None:
            return {"until": "Aucun délai ne court."}
        if until <= deadline:
            return {"until": f"Le délai court déjà jusqu’au {day(deadline)}."}
        latest = self.latest_extension
        if latest and until > latest:
            return {"until": f"La prorogation va jusqu’au {day(latest)} au plus."}
        return {}

    @property
    def runs_to_start(self) -> bool:
        """Tell whether the delay that runs is that to start."""
        return self.started_on is None and terms.counts_a_start(self.rule)

    @property
    def latest_extension(self) -> datetime.date | None:
        """The last day to which the delay that runs may be extended, if bounded."""
        if self.deadline_on is None:
            return None
        return terms.latest_extension(
            self.rule, self.deadline_on, to_start=self.runs_to_start
        )

    def decision_extension_faults(self, until: datetime.date) -> Faults:
        if not terms.silence_rejects(self.rule) or self.decision_due_on is None:
            return {
                "decision_until": "Le silence ne vaut pas rejet pour ce dispositif."
            }
        if until <= self.decision_due_on:
            due = day(self.decision_due_on)
            return {"decision_until": f"Le délai court déjà jusqu’au {due}."}
        return {}

    def repayment_faults(self, cents: int) -> Faults:
        if 0 < cents <= self.paid_cents:
            return {}
        most = money(self.paid_cents)
        return {"repayment_cents": f"Le montant va de 0, exclu, à {most} payés."}
