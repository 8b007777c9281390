"""Legal durations: how a delay written in a procedure becomes a due date."""

import datetime
import enum
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from workflow import calendars

# A delay expires at the end of its last day, by the clock on the wall.
LOCAL = ZoneInfo("Europe/Paris")


CPC_642 = "code de procédure civile, art. 642"
"""What would end on a Saturday, a Sunday or a public holiday goes on to the next
working day: the rule of civil procedure, for the delays to which a text applies it."""


@dataclass(frozen=True, slots=True)
class Days:
    """
    A number of calendar days.

    - `rolled_by`: the rule by which a last day that is not worked leaves its place to
      the next that is; none, and the delay ends on whatever day it ends.
    """

    count: int
    rolled_by: str = ""

    def __str__(self) -> str:
        plural = "s" if abs(self.count) > 1 else ""
        return f"{self.count} jour{plural}{_rolling(self.rolled_by)}"

    def after(self, day: datetime.date, closed: calendars.Closed = ()) -> datetime.date:
        return _rolled(day + datetime.timedelta(days=self.count), self.rolled_by)


@dataclass(frozen=True, slots=True)
class Months:
    """
    A number of months counted date to date: 31 January + 1 = 28 February.

    `rolled_by` is that of `Days`.
    """

    count: int
    rolled_by: str = ""

    def __str__(self) -> str:
        return f"{self.count} mois{_rolling(self.rolled_by)}"

    def after(self, day: datetime.date, closed: calendars.Closed = ()) -> datetime.date:
        return _rolled(day + relativedelta(months=self.count), self.rolled_by)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """A number of days worked: no weekend, no public holiday, no closure counts."""

    count: int
    rolled_by = ""

    def __str__(self) -> str:
        plural = "s" if abs(self.count) > 1 else ""
        return f"{self.count} jour{plural} ouvré{plural}"

    def after(self, day: datetime.date, closed: calendars.Closed = ()) -> datetime.date:
        return calendars.count(self.count, day, closed)


Delay = Days | Months | WorkingDays


def _rolled(day: datetime.date, rule: str) -> datetime.date:
    return calendars.first_worked(day) if rule else day


def _rolling(rule: str) -> str:
    return f", reportés au jour ouvré suivant ({rule})" if rule else ""


class Since(enum.Enum):
    """From which day of a move the delay of what it asks runs."""

    ENTRY = "son enregistrement"
    EFFECT = "sa date d’effet"


@dataclass(frozen=True, slots=True)
class Until:
    """The day that a subject holds in one of its attributes, as it stands."""

    attribute: str
    label: str

    def __str__(self) -> str:
        return self.label


def due(
    delay: Delay, start: datetime.datetime, closed: calendars.Closed = ()
) -> datetime.datetime:
    """
    Return the last moment of the delay that starts at `start`.

    The day on which the delay starts does not count (dies a quo), and its last
    day counts whole.
    """
    return end_of(delay.after(local_day(start), closed))


def resumed(
    delay: object,
    due_at: datetime.datetime,
    *,
    stopped_on: datetime.date,
    resumes_on: datetime.date,
    closed: calendars.Closed = (),
) -> datetime.datetime:
    """
    Return the last moment of a delay which stopped on a day, and goes on from another.

    As many days are left as there were: worked days if it is counted in these. The
    hour does not shift when the clocks of the country do meanwhile.
    """
    last = local_day(due_at)
    if isinstance(delay, WorkingDays):
        left = calendars.worked_between(stopped_on, last, closed)
        return end_of(calendars.count(left, resumes_on, closed))
    later = last + (resumes_on - stopped_on)
    return end_of(_rolled(later, getattr(delay, "rolled_by", "")))


def local_day(moment: datetime.datetime) -> datetime.date:
    """Return the day of a moment, by the clock on the wall."""
    return moment.astimezone(LOCAL).date()


def start_of(day: datetime.date) -> datetime.datetime:
    """Return the first moment of a day, by the clock on the wall."""
    return datetime.datetime.combine(day, datetime.time(), tzinfo=LOCAL)


def end_of(day: datetime.date) -> datetime.datetime:
    """Return the last second of a day, by the clock on the wall."""
    return datetime.datetime.combine(
        day, datetime.time(23, 59, 59), tzinfo=LOCAL
    ).astimezone(datetime.UTC)
