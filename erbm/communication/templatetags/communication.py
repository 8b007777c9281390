"""The public events of an operation, on a page that knows nothing of them."""

from typing import Any

from django import template

from erbm.communication import queries

register = template.Library()


@register.inclusion_tag("communication/latest.html")
def public_events(sheet: Any) -> dict[str, Any]:
    """Show the latest events of an operation, and lead to a new one who may."""
    may = queries.organiser_for(sheet.situation.standing) is not None
    events = queries.of_operation(sheet.case.pk)
    return {"events": events, "may": may, "case": sheet.case}
