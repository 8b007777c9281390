"""What operations add up to, by tag and by campaign."""

import datetime
from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum

from erbm.operations.models import Operation
from erbm.programme.models import Campaign, Tag, Tagging


@dataclass(frozen=True, slots=True)
class Total:
    """Some operations together."""

    operations: int = 0
    cost_cents: int = 0
    requested_cents: int = 0
    dwellings: int = 0


def of(operations: "QuerySet[Operation]") -> Total:
    """Add operations up."""
    found = operations.aggregate(
        operations=Count("pk"),
        cost_cents=Sum("case__amount_cents", default=0),
        requested_cents=Sum("requested_cents", default=0),
        dwellings=Sum("dwellings_before", default=0),
    )
    return Total(**found)


def tagged(tag: Tag) -> "QuerySet[Operation]":
    """Return the operations that count under a tag."""
    cases = Tagging.objects.filter(tag=tag).values("case")
    return _shown().filter(pk__in=cases)


def received_in(campaign: Campaign) -> "QuerySet[Operation]":
    """Return the operations received while a campaign was open."""
    return _received(campaign.opens_on, campaign.closes_on)


def _received(first: datetime.date, last: datetime.date) -> "QuerySet[Operation]":
    return _shown().filter(received_on__gte=first, received_on__lte=last)


def _shown() -> "QuerySet[Operation]":
    found = Operation.objects.select_related("case__jurisdiction", "owner", "theme")
    return found.order_by("case__reference")
