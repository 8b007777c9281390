"""The latest comments, on the page of a case that knows nothing of them."""

from typing import Any

from django import template
from django.utils import timezone

from erbm.exchange import queries
from erbm.held import held_by
from workflow.models import Case

LATEST = 3

register = template.Library()


@register.inclusion_tag("exchange/latest.html", takes_context=True)
def latest_comments(context: Any, case: Case) -> dict[str, Any]:
    """Show the latest comments that the person may read, and how many there are."""
    request = context["request"]
    held = held_by(request, timezone.localdate())
    talks = queries.talks(case, by=request.user, held=held)
    return {"case": case, "talks": talks[:LATEST], "count": len(talks)}
