"""The cases of one procedure, counted state by state."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count as CountOf

from workflow import maps
from workflow.cases import bound_processes
from workflow.deadlines import local_day
from workflow.maps import Map, Period
from workflow.models import Membership
from workflow.process import Process
from workflow.standing import visible_cases, visible_of

A_YEAR = datetime.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Followed:
    """One version of a procedure, and how many cases follow it."""

    process: Process
    cases: int


def followed(name: str, memberships: Iterable[Membership]) -> list[Followed]:
    """Return the versions of a procedure, with the cases that one may know of."""
    versions = [process for process in bound_processes() if process.name == name]
    counts: dict[int, int] = {}
    if len(versions) > 1:
        found = visible_cases(memberships).filter(process=name).order_by()
        rows = found.values_list("process_version").annotate(CountOf("pk"))
        counts = dict(rows)
    return [Followed(p, counts.get(p.version, 0)) for p in versions]


def map_of(
    process: Process,
    memberships: Iterable[Membership],
    said: Mapping[str, Any],
    at: datetime.datetime,
) -> Map:
    """Return where the cases that one may know of wait, reduced by filters."""
    cases = visible_of(process, memberships)
    if code := said.get("jurisdiction"):
        cases = cases.filter(jurisdiction__code=code)
    return maps.map_of(process, cases, period=period_of(said, at), at=at)


def period_of(said: Mapping[str, Any], at: datetime.datetime) -> Period:
    """Return the period that is asked for: the last twelve months if none is."""
    until = said.get("until") or local_day(at)
    return Period(said.get("since") or until - A_YEAR, until)
