"""Say how pressing a task is, for its unit; or a case, for those who oversee it."""

import dataclasses
import datetime
from typing import Any

from workflow import cases, claims, situations
from workflow.claims import TaskNotFound
from workflow.engine import MoveRefused
from workflow.models import Case, Priority, Task
from workflow.refusals import Ground, Refusal
from workflow.situations import Situation
from workflow.trail import chain

__all__ = [
    "KIND",
    "MoveRefused",
    "TaskNotFound",
    "case_refusals",
    "set_on_case",
    "set_on_task",
]

KIND = "priority"


def case_refusals(situation: Situation) -> list[Refusal]:
    """Return every reason why a person may not set the priority of a case."""
    found, process = [], situation.process
    state = situation.subject.case.state
    if state in process.final:
        said = (
            f"Le dossier est à l’état « {process.state_label(state)} » : il est clos."
        )
        found.append(Refusal(Ground.STATE, said))
    if _overseer(situation) is None:
        labels = map(process.role_label, sorted(map(str, process.overseers)))
        who = " ou ".join(labels) or "personne"
        said = f"La priorité d’un dossier revient à : {who}."
        found.append(Refusal(Ground.ROLE, said))
    return found


def _overseer(situation: Situation) -> str | None:
    overseers = sorted(map(str, situation.process.overseers))
    return situation.standing.first_held(overseers)


def set_on_task(
    *, task_id: int, priority: Priority, by: Any, at: datetime.datetime
) -> Task:
    """
    Set the priority of one task, for whoever may act on it.

    :raises TaskNotFound: if it is not open, or not the person's to do
    """
    task, principal = claims.locked_task(task_id, by, at)
    previous = task.priority
    if previous == priority:
        return task
    task.priority = priority
    task.save(update_fields=["priority"])
    facts = {"task": task.step, "priority": [previous, int(priority)]}
    entry = chain.Entry(
        kind=KIND,
        actor=by,
        at=at,
        role=task.role,
        unit=task.unit,
        facts=facts,
        principal=principal,
    )
    _record(task.case, entry)
    return task


def set_on_case(
    *, case: Case, priority: Priority, by: Any, at: datetime.datetime
) -> Case:
    """
    Set the priority of a case, of what it asks now and of what it will ask.

    :raises MoveRefused: if the person may not; every reason is said
    """
    process = cases.process_of(case)
    subject = situations.locked(process, case.pk)
    situation = situations.situation_of(process, subject, by=by, at=at)
    role = _overseer(situation)
    if found := case_refusals(situation):
        raise MoveRefused(found)
    assert role is not None, "refusals let through a person without a role"
    locked = subject.case
    previous = locked.priority
    if previous == priority:
        return locked
    locked.priority = priority
    Task.objects.unfinished().filter(case=locked).update(priority=priority)
    unit = situation.standing.held[role][0]
    facts = {"priority": [previous, int(priority)]}
    entry = chain.Entry(
        kind=KIND,
        actor=by,
        at=at,
        role=role,
        unit=unit,
        facts=facts,
        principal=situation.standing.principal(role, unit),
    )
    _record(locked, entry)
    return locked


def _record(case: Case, entry: chain.Entry) -> None:
    """Write it in the trail, and leave the version: no decision depends on it."""
    here = {"from": case.state, "to": case.state}
    chain.append(case, dataclasses.replace(entry, facts={**here, **entry.facts}))
    case.save(update_fields=["priority", *Case.HEAD])
