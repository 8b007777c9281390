"""The works of an operation, on its own page, which knows nothing of them."""

from typing import Any

from django import template

from erbm.delivery import queries
from erbm.operations.queries import Sheet
from flows.edits import ADD_DOCUMENT, KEEP_SCHEDULE
from flows.operation import State

SHOWN_IN = frozenset(
    {
        *(State.FUNDING, State.FUNDED, State.IN_PROGRESS, State.DELIVERED),
        *(State.CLOSED, State.SUSPENDED),
    }
)

register = template.Library()


@register.inclusion_tag("delivery/of_operation.html")
def operation_works(sheet: Sheet) -> dict[str, Any]:
    """Show the calendar of the works and their photographs, once there may be any."""
    if sheet.case.state not in SHOWN_IN:
        return {"works": None}
    return {
        "works": queries.works_of(sheet.operation),
        "operation": sheet.operation,
        "may_keep": not sheet.refusals_of(KEEP_SCHEDULE),
        "may_join": not sheet.refusals_of(ADD_DOCUMENT),
    }
