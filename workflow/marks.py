"""What a person marks for herself: the cases she follows, the tasks she puts off.

Nothing of it changes what may be decided, nor enters the trail.
"""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from workflow import inbox
from workflow.deadlines import LOCAL
from workflow.models import Case, Follow, Snooze, Task
from workflow.standing import memberships_of, visible_cases

LONGEST = datetime.timedelta(days=366)


class CaseNotFound(LookupError):
    """There is no such case, or the person may not know of it."""


class TaskNotMine(LookupError):
    """The person has not taken charge of such a task, or it waits no more."""


class DayRefused(ValueError):
    """A task is put off to a day to come, and not for ever; the message says so."""


@dataclass(frozen=True, slots=True)
class Marks:
    """
    The marks of a person on some cases and tasks.

    - `followed`: the ids of the cases she follows;
    - `put_off`: the day on which each task she put off comes back, by its id.
    """

    followed: frozenset[int] = frozenset()
    put_off: Mapping[int, datetime.date] = field(default_factory=dict)


def marks_of(
    by: Any,
    at: datetime.datetime,
    *,
    cases: Collection[int] = (),
    tasks: Collection[int] = (),
) -> Marks:
    """Read the marks of a person on what a page shows."""
    follows = Follow.objects.filter(user=by, case__in=cases)
    put_off = Snooze.objects.filter(user=by, task__in=tasks, until__gt=_day(at))
    return Marks(
        frozenset(follows.values_list("case", flat=True)),
        dict(put_off.values_list("task", "until")),
    )


def known_case(*, case_id: int, by: Any, at: datetime.datetime) -> Case:
    """
    Return a case that a person may know of.

    :raises CaseNotFound: if there is none, or none that she may know of
    """
    case = visible_cases(memberships_of(by, _day(at))).filter(pk=case_id).first()
    if case is None:
        raise CaseNotFound(case_id)
    return case


def follow(*, case_id: int, by: Any, at: datetime.datetime) -> Case:
    """
    Follow a case that one may know of; twice is as once.

    :raises CaseNotFound: if there is none, or none that she may know of
    """
    case = known_case(case_id=case_id, by=by, at=at)
    Follow.objects.get_or_create(user=by, case=case, defaults={"since": at})
    return case


def unfollow(*, case_id: int, by: Any, at: datetime.datetime) -> Case:
    """
    Follow a case no more.

    :raises CaseNotFound: if there is none that she followed or may know of
    """
    follows = Follow.objects.filter(user=by, case=case_id)
    followed = follows.select_related("case").first()
    case = followed.case if followed else known_case(case_id=case_id, by=by, at=at)
    follows.delete()
    return case


def put_off(
    *, task_id: int, until: datetime.date, by: Any, at: datetime.datetime
) -> Task:
    """
    Hide a task from one's own until a day, on which it comes back by itself.

    :raises TaskNotMine: if the person has not taken charge of it, or it waits no more
    :raises DayRefused: if the day has come already, or is too far
    """
    task = _mine(task_id, by, at)
    if until <= _day(at):
        raise DayRefused("Choisissez un jour à venir.")
    if until > _day(at) + LONGEST:
        raise DayRefused("Une tâche se remet d’un an au plus.")
    Snooze.objects.update_or_create(user=by, task=task, defaults={"until": until})
    return task


def bring_back(*, task_id: int, by: Any, at: datetime.datetime) -> Task:
    """
    Put a task back among one's own before its day.

    :raises TaskNotMine: if the person has not taken charge of it, or it waits no more
    """
    task = _mine(task_id, by, at)
    Snooze.objects.filter(user=by, task=task).delete()
    return task


def _mine(task_id: int, by: Any, at: datetime.datetime) -> Task:
    addressed = inbox.addressed_to(memberships_of(by, _day(at)))
    task = addressed.open().filter(pk=task_id, owner=by).select_related("unit").first()
    if task is None:
        raise TaskNotMine(task_id)
    return task


def _day(at: datetime.datetime) -> datetime.date:
    return at.astimezone(LOCAL).date()
