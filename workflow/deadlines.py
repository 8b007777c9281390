"""Legal durations: how a delay written in a procedure becomes a due date."""

import datetime
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

# A delay expires at the end of its last day, by the clock on the wall.
LOCAL = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Days:
    """A number of calendar days."""

    count: int

    def __str__(self) -> str:
        return f"{self.count} jour{'s' if self.count > 1 else ''}"

    def after(self, day: datetime.date) -> datetime.date:
        return day + datetime.timedelta(days=self.count)


@dataclass(frozen=True, slots=True)
class Months:
    """A number of months counted date to date: 31 January + 1 = 28 February."""

    count: int

    def __str__(self) -> str:
        return f"{self.count} mois"

    def after(self, day: datetime.date) -> datetime.date:
        return day + relativedelta(months=self.count)


Delay = Days | Months


@dataclass(frozen=True, slots=True)
class Until:
    """The day that a subject holds in one of its attributes, as it stands."""

    attribute: str
    label: str

    def __str__(self) -> str:
        return self.label


def due(delay: Delay, start: datetime.datetime) -> datetime.datetime:
    """
    Return the last moment of the delay that starts at `start`.

    The day on which the delay starts does not count (dies a quo), and its last
    day counts whole.
    """
    return end_of(delay.after(start.astimezone(LOCAL).date()))


def start_of(day: datetime.date) -> datetime.datetime:
    """Return the first moment of a day, by the clock on the wall."""
    return datetime.datetime.combine(day, datetime.time(), tzinfo=LOCAL)


def end_of(day: datetime.date) -> datetime.datetime:
    """Return the last second of a day, by the clock on the wall."""
    return datetime.datetime.combine(
        day, datetime.time(23, 59, 59), tzinfo=LOCAL
    ).astimezone(datetime.UTC)
