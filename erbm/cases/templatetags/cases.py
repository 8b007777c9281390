"""Where the pages of a case are, whatever its procedure."""

from typing import Any

from django import template

from erbm.cases import rooms
from erbm.cases.rooms import Room
from workflow.models import Case

register = template.Library()


@register.simple_tag
def case_url(process: str, pk: int, name: str = "detail", *more: Any) -> str:
    """Return the address of a page of a case; nothing if no page shows it."""
    try:
        return rooms.address_of(process, pk, name, *more)
    except rooms.UnknownRoom:
        return ""


@register.filter
def kind_label(process: str) -> str:
    """Name a procedure as lists do."""
    return rooms.label_of(process)


@register.simple_tag
def case_room(case: Case) -> Room:
    """Return the room where a case is shown."""
    return rooms.room_of(case.process)
