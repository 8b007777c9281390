"""One person before one grant, or one payment."""

from typing import cast

from django.http import HttpRequest

from erbm.cases.views import acts
from erbm.grants.models import Grant, Payment
from erbm.grants.queries import GrantSheet, PaymentSheet
from erbm.grants.room import GRANTS, PAYMENTS


class GrantVisit(acts.Visit):
    """A visit whose subject is a grant."""

    @property
    def grant(self) -> Grant:
        return cast("Grant", self.subject)

    @property
    def sheet(self) -> GrantSheet:
        return cast("GrantSheet", super().sheet)


class PaymentVisit(acts.Visit):
    """A visit whose subject is a payment."""

    @property
    def payment(self) -> Payment:
        return cast("Payment", self.subject)

    @property
    def sheet(self) -> PaymentSheet:
        return cast("PaymentSheet", super().sheet)


def visit(request: HttpRequest, pk: int) -> GrantVisit:
    """
    Read a grant that a person may know of, and the clock, once.

    :raises Http404: if there is none, or none that she may know of
    """
    return acts.visit_as(GrantVisit, request, GRANTS, pk)


def visit_payment(request: HttpRequest, pk: int) -> PaymentVisit:
    """
    Read a payment that a person may know of, and the clock, once.

    :raises Http404: if there is none, or none that she may know of
    """
    return acts.visit_as(PaymentVisit, request, PAYMENTS, pk)
