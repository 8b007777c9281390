"""How many operations stand at each stage, for how much, in each territory."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Count, F, Sum

from erbm.desk.steps import PIPELINE
from erbm.operations.models.operations import OperationQuerySet


@dataclass(frozen=True, slots=True)
class Figure:
    """Some operations: how many, their cost, the dwellings to rehabilitate."""

    operations: int = 0
    cents: int = 0
    dwellings: int = 0

    def __add__(self, other: "Figure") -> "Figure":
        return Figure(
            self.operations + other.operations,
            self.cents + other.cents,
            self.dwellings + other.dwellings,
        )


@dataclass(frozen=True)
class Pipeline:
    """The figures of each stage of each territory; `names` are the territories'."""

    names: Mapping[str, str]
    figures: Mapping[tuple[str, str], Figure] = field(default_factory=dict)

    def at(self, jurisdiction: str, stage: str) -> Figure:
        return self.figures.get((jurisdiction, stage), Figure())

    def of_jurisdiction(self, jurisdiction: str) -> Figure:
        """Add up the five stages."""
        return sum((self.at(jurisdiction, s) for s in PIPELINE), Figure())

    def of_stage(self, stage: str) -> Figure:
        """Add up the territories."""
        return sum((self.at(code, stage) for code in self.names), Figure())

    def total(self) -> Figure:
        return sum(map(self.of_stage, PIPELINE), Figure())


def pipeline_of(operations: OperationQuerySet) -> Pipeline:
    """Count operations in one query."""
    groups = (
        operations.order_by()
        .values("case__stage", code=F("case__jurisdiction__code"))
        .annotate(
            name=F("case__jurisdiction__name"),
            count=Count("pk"),
            cents=Sum("case__amount_cents"),
            dwellings=Sum("dwellings_before", default=0),
        )
    )
    names = {group["code"]: group["name"] for group in groups}
    figures = {
        (group["code"], group["case__stage"]): Figure(
            group["count"], group["cents"], group["dwellings"]
        )
        for group in groups
    }
    return Pipeline(dict(sorted(names.items(), key=lambda pair: pair[1])), figures)
