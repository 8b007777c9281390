"""What each grant holds of its envelope: its part in each figure, in the database."""

from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    F,
    OuterRef,
    Q,
    Subquery,
    Sum,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from flows.grant.states import EMPTY_HANDED, State
from flows.payment.lifecycle import State as PaymentState
from workflow.models import Case as Paid


class Figure(TextChoices):
    """The amounts of an envelope that grants make up; each holds those that follow."""

    RESERVED = "reserved", "Réservé"
    AWARDED = "awarded", "Attribué"
    COMMITTED = "committed", "Engagé"
    PAID = "paid", "Payé"


OVER = frozenset({State.SETTLED, State.CLOSED, State.LAPSED, State.LIQUIDATED})
"""The states in which what will not be paid has gone back to the envelope."""


def part(figure: Figure) -> Any:
    """Return how much a grant counts for in a figure."""
    match figure:
        case Figure.RESERVED:
            return _cents((Q(case__state=State.PROGRAMMED), F("programmed_cents")))
        case Figure.PAID:
            return _paid()
    held = ~Q(case__state__in=EMPTY_HANDED) & Q(signed_on__isnull=False)
    if figure == Figure.COMMITTED:
        held &= ~Q(ej_number="")
    over = Q(case__state__in=OVER | {State.CLAWBACK, State.REPAID})
    over |= Q(case__state=State.HEARING, case__returns_to__in=OVER)
    return _cents((held & over, _paid()), (held, F("award_cents")))


def _paid() -> Any:
    """What was paid, but for what was repaid."""
    done = Paid.objects.filter(payment__grant=OuterRef("pk"), state=PaymentState.PAID)
    total = done.order_by().values("payment__grant").annotate(sum=Sum("amount_cents"))
    repaid = _cents((Q(case__state=State.REPAID), F("repayment_cents")))
    return Coalesce(Subquery(total.values("sum")), Value(0)) - repaid


def _cents(*cases: tuple[Q, Any]) -> Any:
    whens = [When(condition, then=cents) for condition, cents in cases]
    return Case(*whens, default=Value(0), output_field=BigIntegerField())
