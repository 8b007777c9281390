"""What an operation owes, on its own page, which knows nothing of it."""

from typing import Any

from django import template
from django.utils import timezone

from erbm.obligations import queries
from erbm.operations.queries import Sheet
from flows.edits import ACCEPT_CONDITIONS

register = template.Library()


@register.inclusion_tag("obligations/of_operation.html")
def operation_conditions(sheet: Sheet) -> dict[str, Any]:
    """Show what an operation owes, and what services asked for that nobody accepted."""
    on = timezone.localdate(sheet.at)
    owed = queries.of_operation(sheet.operation)
    return {
        "operation": sheet.operation,
        "rows": [(one, one.is_overdue(on)) for one in owed],
        "demanded": queries.demanded(sheet.operation),
        "may_accept": not sheet.refusals_of(ACCEPT_CONDITIONS),
    }
