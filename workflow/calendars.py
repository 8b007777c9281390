"""Which days are worked: neither weekends, nor public holidays, nor closures."""

import datetime
import functools
from collections.abc import Collection
from itertools import accumulate

import holidays

ONE_DAY = datetime.timedelta(days=1)
SATURDAY = 5

Closed = Collection[datetime.date]
"""The days on which a unit is closed, beside those on which nobody works."""


@functools.cache
def public_holidays(year: int) -> frozenset[datetime.date]:
    """Return the holidays of a year. (Code du travail, art. L. 3133-1.)"""
    return frozenset(holidays.country_holidays("FR", years=year, expand=False))


def is_worked(day: datetime.date, closed: Closed = ()) -> bool:
    """Tell whether people work on a day."""
    if day.weekday() >= SATURDAY or day in closed:
        return False
    return day not in public_holidays(day.year)


def count(number: int, day: datetime.date, closed: Closed = ()) -> datetime.date:
    """Return the last of so many worked days after a day, or before it if negative."""
    stride = ONE_DAY if number > 0 else -ONE_DAY
    left = abs(number)
    while left:
        day += stride
        left -= is_worked(day, closed)
    return day


def worked_between(
    start: datetime.date, end: datetime.date, closed: Closed = ()
) -> int:
    """Count the worked days after a day, up to another: below zero if it is before."""
    if end < start:
        return -worked_between(end, start, closed)
    years = sum(_passed(year)[-1] for year in range(start.year, end.year))
    off = sum(start < day <= end and is_worked(day) for day in set(closed))
    return years + _passed_on(end) - _passed_on(start) - off


def _passed_on(day: datetime.date) -> int:
    return _passed(day.year)[day.timetuple().tm_yday - 1]


@functools.cache
def _passed(year: int) -> tuple[int, ...]:
    """Return how many worked days of a year have passed on each of its days."""
    first, next_one = datetime.date(year, 1, 1), datetime.date(year + 1, 1, 1)
    days = range((next_one - first).days)
    return tuple(accumulate(is_worked(first + ONE_DAY * n) for n in days))


def first_worked(day: datetime.date) -> datetime.date:
    """Return a day if people work on it, else the next on which they do."""
    return day if is_worked(day) else count(1, day)
