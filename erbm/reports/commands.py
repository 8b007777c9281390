"""What a person can do with reports: take one, which the register remembers."""

import datetime
from typing import Any

from workflow.models import EntryKind
from workflow.trail import register


def note_taken(
    *, name: str, form: str, until: datetime.date, by: Any, at: datetime.datetime
) -> None:
    """Write in the register that somebody takes a report out, and of which day."""
    register.enter(
        EntryKind.LIST_EXPORTED,
        by=by,
        at=at,
        facts={"list": name, "form": form, "said": {"until": until.isoformat()}},
    )
