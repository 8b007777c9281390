"""The grants of an operation, on its page."""

from typing import Any

from django import template

from erbm.grants import queries
from erbm.operations.queries import Sheet
from flows.stages import Stage

register = template.Library()

BEFORE_FUNDING = (Stage.PROPOSAL, Stage.COMMITTEE, Stage.COPIL)


@register.inclusion_tag("grants/of_operation.html")
def grants_of(sheet: Sheet) -> dict[str, Any]:
    """Show what is followed of each line that others pay, and what was refused."""
    operation, lines = sheet.operation, sheet.plan.granted
    found = queries.followup(operation, lines, list(sheet.held)) if lines else None
    return {
        "operation": operation,
        "is_early": operation.case.stage in BEFORE_FUNDING,
        "followed": found.lines if found else [],
        "ended": found.ended if found else [],
    }
