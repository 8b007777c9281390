"""Count how many days were worked while each task waited that was answered since."""

import datetime
from bisect import bisect_right
from typing import Any
from zoneinfo import ZoneInfo

import holidays
from django.db import migrations

LOCAL = ZoneInfo("Europe/Paris")
SATURDAY = 5
AT_ONCE = 5_000


def count(apps: Any, schema_editor: Any) -> None:
    """Go through the answered tasks by their keys; interrupted, it goes on from there."""
    tasks = apps.get_model("workflow", "Task").objects.using(schema_editor.connection.alias)
    left = tasks.filter(status="DONE", worked_days=None).order_by("pk")
    worked, after = Worked(), 0
    while rows := list(
        left.filter(pk__gt=after).values_list("pk", "created", "finished")[:AT_ONCE]
    ):
        keys: dict[int, list[int]] = {}
        for key, created, finished in rows:
            keys.setdefault(worked.between(created, finished), []).append(key)
        for days, some in keys.items():
            tasks.filter(pk__in=some).update(worked_days=days)
        after = rows[-1][0]


class Worked:
    """The worked days of as many years as are asked about, in order."""

    def __init__(self) -> None:
        self.years = range(0)
        self.days: list[int] = []

    def between(self, start: datetime.datetime, end: datetime.datetime) -> int:
        """Count those after the day of a moment, up to the day of another."""
        first, last = (moment.astimezone(LOCAL).date() for moment in (start, end))
        if first.year not in self.years or last.year not in self.years:
            self._know(range(first.year, last.year + 1))
        before = bisect_right(self.days, first.toordinal())
        return max(0, bisect_right(self.days, last.toordinal()) - before)

    def _know(self, years: range) -> None:
        known = self.years or years
        self.years = range(min(known[0], years[0]), max(known[-1], years[-1]) + 1)
        off = holidays.country_holidays("FR", years=self.years, expand=False)
        first = datetime.date(self.years[0], 1, 1).toordinal()
        all_days = range(first, datetime.date(self.years[-1], 12, 31).toordinal() + 1)
        days = map(datetime.date.fromordinal, all_days)
        self.days = [
            day.toordinal() for day in days if day.weekday() < SATURDAY and day not in off
        ]


class Migration(migrations.Migration):

    # Each batch is written for good: no lock lasts.
    atomic = False

    dependencies = [("workflow", "0021_worked_days")]

    operations = [migrations.RunPython(count, migrations.RunPython.noop, elidable=True)]
