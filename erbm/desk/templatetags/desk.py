"""How the desk names what the engine stores as codes."""

import contextlib

from django import template

from erbm import words
from erbm.operations.models import Kind
from workflow.cases import bound_processes, process_of
from workflow.models import Case, Event, Task
from workflow.process import UnknownMove

register = template.Library()

LISTENERS = {
    "erbm.operations.notifications.ask_the_units": "Courriel aux services sollicités",
    "erbm.operations.notifications.tell_the_owner": "Courriel au porteur",
}


@register.filter
def kind_label(kind: str) -> str:
    """Name a kind of operation."""
    return str(Kind(kind).label)


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


def _counted(number: int, noun: str) -> str:
    plural = "s" if number > 1 else ""
    return f"{words.count(number)}{words.FIXED}{noun}{plural}"


@register.filter
def listener_label(name: str) -> str:
    """Name what a listener sends, or show its code if we have no words for it."""
    return LISTENERS.get(name, name)


@register.filter
def event_label(event: Event) -> str:
    """Name the move that an event tells of."""
    return _move_label(event.case.process, event.move)
