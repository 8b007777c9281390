"""Ring the rungs of the tasks that are due soon, or late: each once, in their order."""

import datetime
import itertools
import logging
from collections.abc import Iterator, Sequence

from django.db import connection, transaction

from workflow import ladders, outbox, schedules, statements
from workflow.calendars import Closed
from workflow.ladders import Rung
from workflow.models import Case, Task
from workflow.trail import chain
from workflow.trail.chain import Draft

logger = logging.getLogger(__name__)

BATCH = 100  # cases that one transaction holds, a few hundredths of a second
LIMIT = 5_000


def sweep(*, at: datetime.datetime, limit: int = LIMIT) -> int:
    """
    Ring what is to ring, and return how many rungs rang.

    A case that somebody holds is left to the next sweep. A rung rings in the
    transaction that moves its task on to the next: two sweeps at once, or one that
    dies, ring none twice; and one that comes late rings all that were missed.
    """
    found = list(Task.objects.ringing(at).values_list("case_id", "pk")[:limit])
    rang = 0
    for batch in _batches(found):
        try:
            rang += _ring(batch, at)
        except Exception:
            # One that cannot ring must not silence its neighbours.
            logger.exception("escalations.failed", extra={"tasks": len(batch)})
            rang += sum(_ring_alone(one, at) for one in batch)
    return rang


def _batches(found: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Cut into lots of as many cases, all the tasks of a case in the same one."""
    cases = itertools.groupby(sorted(found), key=lambda one: one[0])
    by_case = (list(tasks) for _, tasks in cases)
    while lot := list(itertools.islice(by_case, BATCH)):
        yield [one for tasks in lot for one in tasks]


def _ring_alone(one: tuple[int, int], at: datetime.datetime) -> int:
    try:
        return _ring([one], at)
    except Exception:
        logger.exception("escalations.stuck", extra={"task": one[1]})
        return 0


@transaction.atomic
def _ring(batch: Sequence[tuple[int, int]], at: datetime.datetime) -> int:
    """Ring the rungs of some tasks in one transaction, in as few statements."""
    cases = _lock({case_id for case_id, _ in batch})
    tasks = list(
        Task.objects.ringing(at)
        .filter(pk__in=[task_id for _, task_id in batch], case__in=cases)
        .select_related("unit", "process")
    )
    closed = schedules.closed_days({task.unit for task in tasks})
    drafts = [
        draft
        for task in tasks
        for draft in _climb(task, cases[task.case_id], closed.get(task.unit_id, ()), at)
    ]
    events = chain.write(drafts)
    for process, group in itertools.groupby(events, key=lambda e: e.case.process):
        outbox.enqueue(process, *group)
    statements.update_each(
        Task,
        ["rung", "next_ring_at", "rang_at"],
        [(task.pk, task.rung, task.next_ring_at, task.rang_at) for task in tasks],
    )
    told = [cases[pk] for pk in sorted({task.case_id for task in tasks})]
    statements.update_each(
        Case,
        ["latest_seq", "latest_hash"],
        [(case.pk, case.latest_seq, case.latest_hash) for case in told],
    )
    if events:
        outbox.bell.ring()
    return len(events)


def _lock(case_ids: set[int]) -> dict[int, Case]:
    """Hold the cases that nobody holds, always in the same order."""
    cases = Case.objects.filter(pk__in=case_ids).order_by("pk")
    if connection.features.has_select_for_update_skip_locked:
        cases = cases.select_for_update(skip_locked=True, of=("self",))
    return {case.pk: case for case in cases}


def _climb(
    task: Task, case: Case, closed: Closed, at: datetime.datetime
) -> Iterator[Draft]:
    """Ring the rungs of a task whose moment has come, and place it on the next."""
    ladder = task.flow_task.ladder
    while task.next_ring_at and task.next_ring_at <= at:
        yield chain.draft(case, _entry(task, case, ladder[task.rung], at))
        task.rung, task.rang_at = task.rung + 1, at
        task.next_ring_at = ladders.next_ring(ladder, task.rung, task.due_at, closed)


def _entry(task: Task, case: Case, rung: Rung, at: datetime.datetime) -> chain.Entry:
    return chain.Entry(
        kind=outbox.ESCALATED,
        actor=None,
        at=at,
        role=task.role,
        unit=task.unit,
        facts={
            "from": case.state,
            "to": case.state,
            "task": task.step,
            "task_id": str(task.pk),
            "rung": rung.place,
            "tells": rung.whom,
            "rings_at": task.next_ring_at,
            "due_at": task.due_at,
        },
    )
