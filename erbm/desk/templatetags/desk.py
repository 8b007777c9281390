"""How the desk names what the engine stores as codes."""

from django import template

from erbm import words
from erbm.operations.models import Kind
from workflow.cases import bound_processes, process_of
from workflow.models import Case, Task
from workflow.process import UnknownMove

register = template.Library()


@register.filter
def kind_label(kind: str) -> str:
    """Name a kind of operation."""
    return str(Kind(kind).label)


@register.filter
def move_label(task: Task) -> str:
    """Name the move by which a task was done, in any version of its procedure."""
    for process in reversed(bound_processes()):
        if process.name == task.kind:
            try:
                return process.move(task.completed_move).label
            except UnknownMove:
                continue
    return task.completed_move


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
