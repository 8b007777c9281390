"""Where grants and payments are shown, and in which words."""

from collections.abc import Collection

from django.db.models import QuerySet

from erbm.cases.rooms import Noun, Room
from erbm.grants.chapters import GrantChapters, PaymentChapters
from erbm.grants.dialect import GrantDialect
from erbm.grants.models import Grant, Payment
from erbm.grants.queries import GrantSheet, PaymentSheet
from erbm.operations.models import Operation
from workflow.models import Membership


def _grants(memberships: Collection[Membership]) -> "QuerySet[Grant]":
    return Grant.objects.visible_with(memberships).with_facts()


def _grants_about(operations: "QuerySet[Operation]") -> "QuerySet[Grant]":
    return Grant.objects.filter(operation__in=operations)


def _payments(memberships: Collection[Membership]) -> "QuerySet[Payment]":
    return Payment.objects.visible_with(memberships).with_facts()


def _payments_about(operations: "QuerySet[Operation]") -> "QuerySet[Payment]":
    return Payment.objects.filter(grant__operation__in=operations)


GRANTS = Room(
    namespace="grants",
    labels={"grant": "Subvention"},
    noun=Noun(
        plural="Subventions",
        the="la subvention",
        to_the="à la subvention",
        of_the="de la subvention",
        is_feminine=True,
    ),
    visible=_grants,
    sheet=GrantSheet,
    variable="grant",
    list_url="grants:list",
    dialect=GrantDialect(),
    chapters=GrantChapters(),
    about=_grants_about,
)
PAYMENTS = Room(
    namespace="payments",
    labels={"payment": "Paiement"},
    noun=Noun(
        plural="Paiements",
        the="le paiement",
        to_the="au paiement",
        of_the="du paiement",
    ),
    visible=_payments,
    sheet=PaymentSheet,
    variable="payment",
    list_url="payments:list",
    dialect=GrantDialect(),
    chapters=PaymentChapters(),
    about=_payments_about,
)
