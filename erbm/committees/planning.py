"""When a body sits: the days of a year that its rule gives."""

import datetime
from dataclasses import dataclass

from dateutil.rrule import MONTHLY, rrule, weekday

from workflow import calendars

LAST = -1
"""The week of a rule that means the last of the month."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """
    For instance, the second Tuesday of every second month from February on.

    - `weekday`: from Monday, 0, to Friday, 4;
    - `week`: which of these days of the month: 1 to 4, or the last.
    """

    first_month: int
    every_months: int
    week: int
    weekday: int


def days_of(rhythm: Rhythm, year: int) -> list[datetime.date]:
    """Return the days of a year; a public holiday leaves its place to the next one."""
    start = datetime.datetime(year, rhythm.first_month, 1, tzinfo=datetime.UTC)
    end = datetime.datetime(year, 12, 31, tzinfo=datetime.UTC)
    found = rrule(
        MONTHLY,
        interval=rhythm.every_months,
        dtstart=start,
        until=end,
        byweekday=weekday(rhythm.weekday, rhythm.week),
    )
    return [worked_from(moment.date()) for moment in found]


def worked_from(day: datetime.date) -> datetime.date:
    """Return a day if people work on it, or else the next one on which they do."""
    return day if calendars.is_worked(day) else calendars.count(1, day)
