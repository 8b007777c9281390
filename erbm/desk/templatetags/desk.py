"""How the desk names what the engine stores as codes."""

import contextlib
import datetime
import json
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from erbm import words
from flows.roles import Role
from workflow import outbox
from workflow.cases import bound_processes, process_of
from workflow.ladders import Whom
from workflow.marks import Marks
from workflow.models import Case, Event, Priority, Task
from workflow.process import UnknownMove

PRIORITY_LOOKS = {
    Priority.URGENT: "fr-badge--error",
    Priority.HIGH: "fr-badge--warning",
}

register = template.Library()

LISTENERS = {
    "erbm.exchange.notifications.tell_the_followers": "Commentaire",
    "erbm.exchange.notifications.tell_the_mentioned": "Mention",
    "erbm.grants.notifications.end_the_grants": "Fin des demandes d’aide",
    "erbm.grants.notifications.open_the_grants": "Ouverture des demandes d’aide",
    "erbm.notices.notifications.tell_in_the_application": "Notification",
    "erbm.operations.notifications.tell_of_a_rung": "Relance ou signalement",
    "erbm.operations.notifications.ask_the_units": "Courriel aux services sollicités",
    "erbm.operations.notifications.tell_the_owner": "Courriel au porteur",
}


@register.filter
def move_label(task: Task) -> str:
    """Name the move by which a task was done."""
    return _move_label(task.kind, task.completed_move)


def _move_label(procedure: str, name: str) -> str:
    """Name a move after the latest version of its procedure that has it."""
    for process in reversed(bound_processes()):
        if process.name == procedure:
            with contextlib.suppress(UnknownMove):
                return process.move(name).label
    return name


@register.filter
def state_label(case: Case) -> str:
    """Name the state of a case, in the version of the procedure that it follows."""
    return process_of(case).state_label(case.state)


@register.filter
def operations_count(number: int) -> str:
    """Count operations."""
    return _counted(number, "opération")


@register.filter
def dwellings_count(number: int) -> str:
    """Count dwellings."""
    return _counted(number, "logement")


@register.filter
def events_count(number: int) -> str:
    """Count events of the trail."""
    return _counted(number, "événement")


def _counted(number: int, noun: str) -> str:
    plural = "s" if number > 1 else ""
    return f"{words.count(number)}{words.FIXED}{noun}{plural}"


@register.filter
def rung_reached(task: Task) -> str:
    """Say what the last rung of a task did."""
    tells = task.flow_task.ladder[task.rung - 1].tells
    if tells is Whom.ASKED:
        return "Relancée"
    if tells is Whom.HEAD:
        return "Signalée au responsable de l’unité"
    return f"Signalée ({Role(tells).label})"


@register.filter
def stop_reason(task: Task) -> str:
    """Say why the clock of a task was stopped; nothing once it has been erased."""
    event = task.stopped_by
    kept = getattr(event, "text", None) if event else None
    texts: dict[str, str] = json.loads(kept.text) if kept and kept.text else {}
    return texts.get("reason", "")


@register.filter
def listener_label(name: str) -> str:
    """Name what a listener sends, or show its code if we have no words for it."""
    return LISTENERS.get(name, name)


@register.filter
def event_label(event: Event) -> str:
    """Name the move that an event tells of."""
    if event.kind == outbox.ESCALATED:
        return "Échéance d’une tâche"
    return _move_label(event.case.process, event.move)


@register.simple_tag
def priority_badge(priority: int) -> SafeString | str:
    """Show a priority, unless it is that of most things."""
    if priority == Priority.NORMAL:
        return ""
    look = PRIORITY_LOOKS.get(Priority(priority), "")
    label = Priority(priority).label
    return format_html(
        '<span class="fr-badge fr-badge--sm fr-badge--no-icon erbm-badge {}">'
        "Priorité {}</span>",
        look,
        str(label).lower(),
    )


@register.simple_tag
def is_followed(marks: Marks, case_id: int) -> bool:
    """Tell whether the person follows a case."""
    return case_id in marks.followed


@register.simple_tag
def put_off_to(marks: Marks, task_id: int) -> datetime.date | None:
    """Return the day on which a task that the person put off comes back."""
    return marks.put_off.get(task_id)


@register.simple_tag
def acted_for(principals: Mapping[int, Any] | str, task_id: int) -> Any:
    """Return the person in whose name one would answer a task, if not one's own."""
    # Where nobody is acted for, a template may have no table to give.
    return principals.get(task_id) if isinstance(principals, Mapping) else None
