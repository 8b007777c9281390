"""Open sittings, in the calendar of a body that somebody keeps."""

import datetime
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import F

from erbm.committees import queries
from erbm.committees.models import Body, Sitting
from flows.sitting.lifecycle import PROCESS, SECRETARIES
from workflow import opening
from workflow.deadlines import local_day
from workflow.engine import MoveRefused
from workflow.models import Membership
from workflow.refusals import Ground, Refusal


def refuse(ground: Ground, message: str, field: str = "") -> MoveRefused:
    """Return the refusal of a command, for one reason."""
    return MoveRefused([Refusal(ground, message, field=field)])


def kept_by(body_id: int, by: Any, at: datetime.datetime) -> Body:
    """
    Hold a body until the transaction ends, for whoever keeps its calendar.

    :raises MoveRefused: if the person does not
    """
    body = Body.objects.select_for_update(of=("self",)).get(pk=body_id)
    held = Membership.objects.current(local_day(at)).filter(
        user=by,
        role__in=SECRETARIES,
        unit__seats__body=body,
        unit__seats__role=F("role"),
    )
    if not any(membership.covers(body.jurisdiction_id) for membership in held):
        raise refuse(Ground.ROLE, f"Vous ne tenez pas le secrétariat : {body}.")
    return body


def sitting_of(body: Body, day: datetime.date, **facts: Any) -> Sitting:
    """Return a sitting of a body on a day, not yet saved."""
    sitting = Sitting(body=body, starts_at=body.starts_at, place=body.place, **facts)
    sitting.move_to(day)
    return sitting


def opened(
    body: Body,
    new: Sequence[Sitting],
    *,
    by: Any,
    at: datetime.datetime,
    key: UUID | None = None,
) -> list[Sitting]:
    """
    Open the cases of new sittings.

    :raises MoveRefused: if a role that is asked something has no seat
    """
    parties = queries.parties_of(body)
    cases = [
        opening.NewCase(
            subject=sitting,
            title=sitting.titled(),
            jurisdiction=body.jurisdiction,
            parties=parties,
            facts={"body": body.code, "held_on": sitting.held_on},
            key=key,
        )
        for sitting in new
    ]
    role = next((role for role in SECRETARIES if role in parties), SECRETARIES[0])
    try:
        opening.open_cases(PROCESS, cases, role=role, by=by, at=at)
    except opening.NobodyCompetent as nobody:
        message = f"Un siège manque dans cette instance ({nobody})."
        raise refuse(Ground.REQUIREMENT, message) from nobody
    return list(new)
