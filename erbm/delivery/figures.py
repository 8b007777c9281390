"""How many dwellings, of what, where and since when: every figure with its source.

No total is typed: all is counted on the operations, as their trails tell that they
were at some moment.
"""

import datetime
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from erbm.operations.models import Kind, Operation
from flows.operation import State
from flows.rehabilitation import lifecycle
from workflow import outbox, replay
from workflow.models import Event

TARGET = 23_000
TARGET_SOURCE = "fiche du poste de directeur de projet ERBM, diese.gouv.fr"
TARGET_DATE = datetime.date(2023, 11, 29)

FUNDED = frozenset({State.FUNDED, State.IN_PROGRESS, State.DELIVERED, State.CLOSED})
AGREED = FUNDED | {State.FUNDING}
NOWHERE = "Sans rattachement"


@dataclass(frozen=True, slots=True)
class Source:
    """The event from which figures were read."""

    seq: int
    on: datetime.date


@dataclass(frozen=True, slots=True)
class Figures:
    """
    Dwellings counted, which add up.

    - `agreed`, `funded`: those of the operations to which the COPIL agreed, and whose
      funding is confirmed; lost ones are neither;
    - `under_way`: those of works in progress, neither delivered nor withdrawn;
    - `facade`: the delivered ones of which the façade alone was done;
    - `merged`, `demolished`: the withdrawn ones that went into another, or down;
    - `built`: new ones, beside those;
    - `rehoused`, `tiroirs`: households moved for the works, dwellings used for that;
    - `hours`: of insertion.
    """

    agreed: int = 0
    funded: int = 0
    under_way: int = 0
    delivered: int = 0
    facade: int = 0
    withdrawn: int = 0
    merged: int = 0
    demolished: int = 0
    built: int = 0
    rehoused: int = 0
    tiroirs: int = 0
    hours: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        names = self.__slots__
        return Figures(**{n: getattr(self, n) + getattr(other, n) for n in names})

    @classmethod
    def sum_of(cls, several: Iterable["Figures"]) -> "Figures":
        return sum(several, start=cls())


@dataclass(frozen=True, slots=True)
class Counted:
    """
    One operation as it stood at a moment.

    - `yearly`: how many dwellings its owner delivered in each year;
    - `source`: the latest report of its owner, if there was one.
    """

    operation: Operation
    state: str
    figures: Figures
    yearly: Mapping[int, int]
    source: Source | None


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of several operations under one name, and how fresh they are."""

    name: str
    figures: Figures
    operations: int
    latest: datetime.date | None


def counted(operations: "QuerySet[Operation]", at: datetime.datetime) -> list[Counted]:
    """Return the rehabilitations among some operations, as they stood at a moment."""
    found = operations.filter(kind=Kind.REHABILITATION).select_related(
        "case__jurisdiction", "owner", "cite"
    )
    subjects = list(
        found.prefetch_related("communes__epci").order_by("case__reference")
    )
    past = replay.as_they_were(subjects, at)
    reports = _reports([subject.pk for subject in subjects], at)
    return [
        _counted(one, past[one.pk], reports.get(one.pk, []))
        for one in subjects
        if one.pk in past
    ]


def _reports(keys: Sequence[int], at: datetime.datetime) -> dict[int, list[Any]]:
    """Return what each owner reported up to a moment, report by report."""
    found: dict[int, list[Any]] = {}
    events = Event.objects.filter(
        case__in=keys,
        kind=outbox.MOVED,
        move=lifecycle.RECORD_PROGRESS.name,
        at__lte=at,
    )
    for case, seq, body in events.order_by("case", "seq").values_list(
        "case", "seq", "body"
    ):
        found.setdefault(case, []).append((seq, json.loads(body)["facts"]))
    return found


def _counted(
    operation: Operation, then: replay.Then, reports: Sequence[tuple[int, Any]]
) -> Counted:
    yearly: Counter[int] = Counter()
    source = None
    for seq, facts in reports:
        on = datetime.date.fromisoformat(facts["effective_on"])
        source = Source(seq, on)
        before, after = facts["changes"].get("dwellings_delivered", (0, 0))
        yearly[on.year] += int(after) - int(before)
    figures = _figures(then.state, then.facts)
    return Counted(operation, then.state, figures, dict(yearly), source)


def _figures(state: str, facts: Mapping[str, Any]) -> Figures:
    def of(column: str) -> int:
        return int(facts[column] or 0)

    before, done = of("dwellings_before"), of("dwellings_delivered")
    withdrawn = of("dwellings_withdrawn")
    is_under_way = state == State.IN_PROGRESS
    return Figures(
        agreed=before if state in AGREED else 0,
        funded=before if state in FUNDED else 0,
        under_way=before - done - withdrawn if is_under_way else 0,
        delivered=done,
        facade=of("dwellings_facade"),
        withdrawn=withdrawn,
        merged=of("dwellings_merged"),
        demolished=of("dwellings_demolished"),
        built=of("dwellings_built"),
        rehoused=of("households_rehoused"),
        tiroirs=of("tiroir_dwellings"),
        hours=of("insertion_hours"),
    )


# By what


def _cite(one: Counted) -> str:
    return str(one.operation.cite or NOWHERE)


def _owner(one: Counted) -> str:
    return one.operation.owner.short_name


def _epci(one: Counted) -> str:
    """Name its EPCI; both, if it straddles two: nothing counts twice."""
    epci = [commune.epci for commune in one.operation.communes.all()]
    names = {one.short_name for one in epci if one}
    return " et ".join(sorted(names)) or NOWHERE


def _arrondissement(one: Counted) -> str:
    return one.operation.case.jurisdiction.name


DIMENSIONS = {
    "arrondissement": ("Arrondissement", _arrondissement),
    "epci": ("EPCI", _epci),
    "owner": ("Porteur", _owner),
    "cite": ("Cité", _cite),
}


def rows(found: Sequence[Counted], dimension: str) -> list[Row]:
    """Add figures up under the names of a dimension, in the order of the alphabet."""
    groups: dict[str, list[Counted]] = {}
    _, name_of = DIMENSIONS[dimension]
    for one in found:
        groups.setdefault(name_of(one), []).append(one)
    return [row(name, some) for name, some in sorted(groups.items())]


def row(name: str, some: Sequence[Counted]) -> Row:
    return Row(
        name=name,
        figures=Figures.sum_of(one.figures for one in some),
        operations=len(some),
        latest=max((one.source.on for one in some if one.source), default=None),
    )


def by_year(found: Sequence[Counted]) -> list[tuple[int, int]]:
    """Return how many dwellings were delivered in each year, without a gap."""
    yearly: Counter[int] = Counter()
    for one in found:
        yearly.update(one.yearly)
    if not yearly:
        return []
    return [(year, yearly[year]) for year in range(min(yearly), max(yearly) + 1)]
