"""The dwellings of some operations: where they stand, and when they are expected."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, ExtractYear

from erbm.delivery.figures import AGREED, FUNDED
from erbm.delivery.models import Phase
from erbm.operations.models import Kind
from erbm.operations.models.operations import OperationQuerySet
from flows.operation import State

UNDATED = "sans-date"


@dataclass(frozen=True, slots=True)
class Measure:
    """Which operations are counted under a word, and what is counted of each."""

    label: str
    counts: Q
    number: Combinable


BEFORE = F("dwellings_before")
DELIVERED = F("dwellings_delivered")
LEFT = BEFORE - DELIVERED - F("dwellings_withdrawn")
MEASURES: Mapping[str, Measure] = {
    "agreed": Measure("Validés au COPIL", Q(case__state__in=AGREED), BEFORE),
    "funded": Measure("Financés", Q(case__state__in=FUNDED), BEFORE),
    "under_way": Measure("En travaux", Q(case__state=State.IN_PROGRESS), LEFT),
    "delivered": Measure("Livrés", Q(dwellings_delivered__gt=0), DELIVERED),
}
CHOICES = [(name, measure.label) for name, measure in MEASURES.items()]


@dataclass(frozen=True, slots=True)
class Expected:
    """
    The dwellings still to be delivered by the works that end in a year.

    - `year`: none if nothing says when the works end;
    - `delivered_by_then`: what would be delivered at its end, from now on.
    """

    year: int | None
    operations: int
    dwellings: int
    delivered_by_then: int

    @property
    def code(self) -> str:
        """The year as an address says it."""
        return str(self.year) if self.year else UNDATED


def counted(found: OperationQuerySet, name: str) -> OperationQuerySet:
    """Keep the operations that a measure counts."""
    return found.filter(MEASURES[name].counts, kind=Kind.REHABILITATION)


def totals(found: OperationQuerySet) -> dict[str, int]:
    """Return each measure of some operations, in one query."""
    sums = {
        name: Sum(measure.number, filter=measure.counts, default=0)
        for name, measure in MEASURES.items()
    }
    return found.filter(kind=Kind.REHABILITATION).order_by().aggregate(**sums)


def ending_in(found: OperationQuerySet, year: str) -> OperationQuerySet:
    """Keep the works in progress that end in a year, as an address says it."""
    when = Q(ends_on=None) if year == UNDATED else Q(ends_on__year=int(year))
    return _ending(found).filter(when)


def expected(found: OperationQuerySet, delivered: int) -> list[Expected]:
    """Return what the works in progress are to deliver, year by year."""
    rows = (
        _ending(found)
        .order_by()
        .values(year=ExtractYear("ends_on"))
        .annotate(some=Count("pk"), left=Sum(LEFT, default=0))
    )
    by_year = {row["year"]: (row["some"], row["left"]) for row in rows}
    told = []
    for year in sorted(by_year, key=lambda year: (year is None, year)):
        some, left = by_year[year]
        delivered += left
        told.append(Expected(year, some, left, delivered))
    return told


def _ending(found: OperationQuerySet) -> OperationQuerySet:
    """Say when works end: by their calendar or, if they have none, by their delay."""
    left = Phase.objects.filter(operation=OuterRef("pk"), actual_to=None)
    last = left.annotate(ends=Coalesce("forecast_to", "planned_to")).order_by("-ends")
    ends_on = Coalesce(Subquery(last.values("ends")[:1]), "deadline_on")
    return counted(found, "under_way").alias(ends_on=ends_on)
