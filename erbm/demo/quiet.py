"""The demonstration's past is told to nobody: its messages are done with."""

import datetime

from django.db.models import QuerySet

from workflow.models import Event, Message

QUIET = "Passé de démonstration\u00a0: rien n’a été envoyé."


def keep_quiet(told: QuerySet[Event], *, at: datetime.datetime) -> None:
    """Mark done, at a moment, what these events still owe to their listeners."""
    # In one statement PostgreSQL, which has not counted yet the rows of tables just
    # filled, goes through all the messages for each event, or for each message.
    events = list(told.values_list("pk", flat=True))
    Message.objects.filter(event__in=events, done_at=None).update(
        done_at=at, latest_error=QUIET
    )
