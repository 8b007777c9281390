"""What is read of the works: those of an operation, and the counter of dwellings."""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from django.utils.safestring import SafeString

from erbm import charts
from erbm.delivery import figures
from erbm.delivery.figures import Counted, Figures, Row
from erbm.delivery.models import Phase, Photo
from erbm.operations.models import Operation
from workflow.models import Membership

MEASURES = (
    (
        "agreed",
        "Validés au COPIL",
        "logements avant travaux des opérations validées et non abandonnées",
    ),
    ("funded", "Financés", "ceux dont le financement est confirmé"),
    ("under_way", "En travaux", "opérations en travaux, moins livrés et sortis"),
    ("delivered", "Livrés", "comptes rendus des porteurs"),
    ("facade", "dont façade seule", "comptes rendus des porteurs"),
    ("withdrawn", "Sortis du programme", "comptes rendus des porteurs"),
    ("merged", "dont regroupés", "comptes rendus des porteurs"),
    ("demolished", "dont démolis", "comptes rendus des porteurs"),
    ("built", "Neufs", "comptes rendus des porteurs"),
)
"""What is counted: the name of the figure, its label, where it is read."""

AROUND = (
    ("rehoused", "Ménages relogés"),
    ("tiroirs", "Logements-tiroirs occupés"),
    ("hours", "Heures d’insertion"),
)


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure, its part of the target, where it was read and of which day."""

    label: str
    number: int
    source: str
    latest: datetime.date | None

    @property
    def part(self) -> Fraction:
        return Fraction(self.number, figures.TARGET)


class Counter:
    """The dwellings of the operations that a person knows of, at a moment."""

    def __init__(
        self, memberships: Collection[Membership], at: datetime.datetime
    ) -> None:
        self.at = at
        self._operations = Operation.objects.visible_with(memberships)

    @cached_property
    def counted(self) -> list[Counted]:
        return figures.counted(self._operations, self.at)

    @cached_property
    def total(self) -> Row:
        return figures.row("Ensemble", self.counted)

    @property
    def measures(self) -> list[Measure]:
        total = self.total
        return [
            Measure(label, getattr(total.figures, name), source, total.latest)
            for name, label, source in MEASURES
        ]

    @property
    def around(self) -> list[tuple[str, int]]:
        """What goes with the works: rehousing, insertion."""
        total = self.total.figures
        return [(label, getattr(total, name)) for name, label in AROUND]

    @property
    def picture(self) -> SafeString:
        names = ("agreed", "funded", "under_way", "delivered")
        shown = [
            (label, getattr(self.total.figures, name))
            for name, label, _ in MEASURES
            if name in names
        ]
        return charts.bars(
            "Logements, sur les 23 000 de l’objectif", shown, whole=figures.TARGET
        )

    def by(self, dimension: str) -> list[Row]:
        return figures.rows(self.counted, dimension)

    def picture_by(self, dimension: str) -> SafeString:
        label, _ = figures.DIMENSIONS[dimension]
        shown = [(row.name, row.figures.delivered) for row in self.by(dimension)]
        return charts.bars(f"Logements livrés par {label.lower()}", shown)

    @property
    def yearly(self) -> list[tuple[int, int]]:
        return figures.by_year(self.counted)

    @property
    def picture_by_year(self) -> SafeString:
        shown = [(str(year), number) for year, number in self.yearly]
        return charts.bars("Logements livrés par année", shown)


@dataclass(frozen=True, slots=True)
class Works:
    """The works of one operation: what was planned, what is expected, what it shows."""

    operation: Operation
    phases: Sequence[Phase]
    photos: Sequence[Photo]

    @property
    def days_late(self) -> int:
        """By how many days the last phase misses what was planned."""
        return max((phase.days_late for phase in self.phases), default=0)

    @property
    def expected_to(self) -> datetime.date | None:
        return max((phase.expected_to for phase in self.phases), default=None)

    @property
    def is_beyond_deadline(self) -> bool:
        """Tell whether the works would end after the delay that runs."""
        deadline, expected = self.operation.deadline_on, self.expected_to
        return deadline is not None and expected is not None and expected > deadline

    @property
    def figures(self) -> list[tuple[str, int]]:
        """What its owner counts, but for what there is none of."""
        one = self.operation
        counts = (
            ("Livrés en façade seule", one.dwellings_facade),
            ("Regroupés", one.dwellings_merged),
            ("Démolis", one.dwellings_demolished),
            ("Neufs", one.dwellings_built),
            ("Ménages relogés", one.households_rehoused),
            ("Logements-tiroirs occupés", one.tiroir_dwellings),
        )
        return [(label, number) for label, number in counts if number]


def works_of(operation: Operation) -> Works:
    photos = Photo.objects.filter(document__operation=operation)
    shown = photos.select_related("document").order_by("-taken_on", "-pk")
    return Works(operation, list(operation.phases.all()), list(shown))


__all__ = ["Counter", "Figures", "Measure", "Works", "works_of"]
