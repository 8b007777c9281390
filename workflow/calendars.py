"""Which days are worked: neither weekends, nor public holidays, nor closures."""

import datetime
import functools
from collections.abc import Collection

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
    days = (end - start).days
    return sum(is_worked(start + ONE_DAY * n, closed) for n in range(1, days + 1))


def first_worked(day: datetime.date) -> datetime.date:
    """Return a day if people work on it, else the next on which they do."""
    return day if is_worked(day) else count(1, day)
