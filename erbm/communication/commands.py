"""What a person can do with public events: announce, revise, call off."""

import datetime
from dataclasses import dataclass
from typing import Any

from erbm.communication.models import PublicEvent
from erbm.communication.queries import organiser_for
from erbm.operations.models import Operation
from workflow import refused
from workflow.deadlines import local_day
from workflow.engine import MoveRefused
from workflow.models import Unit
from workflow.refusals import Ground, Refusal
from workflow.standing import memberships_of, standing_on

__all__ = ["Announcement", "EventNotFound", "MoveRefused"]

ANNOUNCE = "announce_event"
REVISE = "revise_event"
CALL_OFF = "call_off_event"


class EventNotFound(LookupError):
    """The operation has no such event, or it was called off."""


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """What is said of an event."""

    occasion: str
    title: str
    starts_at: datetime.datetime
    ends_at: datetime.datetime | None
    place: str
    note: str = ""


def announce(
    *, operation_id: int, said: Announcement, by: Any, at: datetime.datetime
) -> PublicEvent:
    """
    Announce an event of an operation.

    :raises MoveRefused: if the person may not show this operation
    """
    with refused.kept(ANNOUNCE, by=by, at=at, pk=operation_id):
        organiser = _organiser(operation_id, by, at)
        return PublicEvent.objects.create(
            operation_id=operation_id,
            organiser=organiser,
            announced_by=by,
            announced_at=at,
            **vars(said),
        )


def revise(
    *,
    operation_id: int,
    event_id: int,
    said: Announcement,
    by: Any,
    at: datetime.datetime,
) -> PublicEvent:
    """
    Say something else of an event that was not called off.

    :raises EventNotFound: if there is none
    :raises MoveRefused: if the person may not show this operation
    """
    with refused.kept(REVISE, by=by, at=at, pk=operation_id):
        _organiser(operation_id, by, at)
        event = _locked(operation_id, event_id)
        for name, value in vars(said).items():
            setattr(event, name, value)
        event.save(update_fields=list(vars(said)))
        return event


def call_off(
    *, operation_id: int, event_id: int, reason: str, by: Any, at: datetime.datetime
) -> PublicEvent:
    """
    Say that an event will not take place, and why; it stays in the calendar.

    :raises EventNotFound: if there is none
    :raises MoveRefused: if the person may not show this operation
    """
    with refused.kept(CALL_OFF, by=by, at=at, pk=operation_id):
        _organiser(operation_id, by, at)
        event = _locked(operation_id, event_id)
        event.called_off_at, event.called_off_because = at, reason
        event.save(update_fields=["called_off_at", "called_off_because"])
        return event


def _organiser(operation_id: int, by: Any, at: datetime.datetime) -> Unit:
    operation = Operation.objects.select_related("case").get(pk=operation_id)
    held = memberships_of(by, local_day(at))
    organiser = organiser_for(standing_on(operation.case, held))
    if organiser is None:
        raise MoveRefused(
            [Refusal(Ground.ROLE, "Vous n’organisez rien pour cette opération.")]
        )
    return organiser


def _locked(operation_id: int, event_id: int) -> PublicEvent:
    events = PublicEvent.objects.held().select_for_update(of=("self",))
    event = events.filter(operation=operation_id, pk=event_id).first()
    if event is None:
        raise EventNotFound(event_id)
    return event
