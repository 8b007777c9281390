"""What a person can do from the desk: share tasks out, mark, keep views, replay."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from erbm.accounts.queries import administers
from flows.roles import Role
from workflow import (
    bulk,
    claims,
    closures,
    delegations,
    incidents,
    marks,
    priorities,
    refused,
    saved_views,
    substitutions,
)
from workflow.bulk import BatchNotFound, BatchRefused
from workflow.claims import (
    AlreadyClaimed,
    AssigneeRefused,
    ClaimRefused,
    TaskNotFound,
)
from workflow.closures import ClosureNotFound, ClosureRefused, NotHead
from workflow.deadlines import local_day
from workflow.delegations import DelegationNotFound, DelegationRefused, Request
from workflow.incidents import IncidentNotFound
from workflow.marks import CaseNotFound, DayRefused, TaskNotMine
from workflow.models import (
    Case,
    EntryKind,
    Message,
    Priority,
)
from workflow.priorities import MoveRefused
from workflow.saved_views import ViewNotFound, ViewRefused
from workflow.substitutions import Absence, SubstitutionNotFound, SubstitutionRefused
from workflow.trail import register

__all__ = [
    "Absence",
    "AlreadyClaimed",
    "AssigneeRefused",
    "BatchNotFound",
    "BatchRefused",
    "CaseNotFound",
    "ClaimRefused",
    "ClosureNotFound",
    "ClosureRefused",
    "DayRefused",
    "DelegationNotFound",
    "DelegationRefused",
    "IncidentNotFound",
    "MoveRefused",
    "NotHead",
    "Request",
    "SubstitutionNotFound",
    "SubstitutionRefused",
    "TaskNotFound",
    "TaskNotMine",
    "ViewNotFound",
    "ViewRefused",
    "assign",
    "bring_back",
    "claim",
    "close_unit",
    "delegate",
    "delete_view",
    "follow",
    "hand_back",
    "note_export",
    "open_on_view",
    "prepare_batch",
    "prioritise_case",
    "prioritise_task",
    "put_off",
    "release",
    "reopen_unit",
    "replace_view",
    "replay",
    "replay_all",
    "revise_view",
    "revoke",
    "save_view",
    "start_batch",
    "substitute",
    "take_over",
    "unfollow",
    "withdraw",
]

_durably = transaction.atomic(durable=True)

# What the engine does under a lock that its caller opens, in a transaction of its own.

claim = _durably(claims.claim)
release = _durably(claims.release)
take_over = _durably(claims.take_over)
assign = _durably(claims.assign)

delegate = _durably(delegations.delegate)
hand_back = _durably(delegations.hand_back)
withdraw = _durably(delegations.withdraw)

substitute = _durably(substitutions.substitute)
revoke = _durably(substitutions.revoke)
close_unit = _durably(closures.add)
reopen_unit = _durably(closures.remove)

prepare_batch = _durably(bulk.prepare)
start_batch = _durably(bulk.start)

follow = _durably(marks.follow)
unfollow = _durably(marks.unfollow)
put_off = _durably(marks.put_off)
bring_back = _durably(marks.bring_back)
prioritise_task = _durably(priorities.set_on_task)

save_view = _durably(saved_views.save)
replace_view = _durably(saved_views.replace)
revise_view = _durably(saved_views.revise)
delete_view = _durably(saved_views.delete)
open_on_view = _durably(saved_views.open_on)


@transaction.atomic(durable=True)
def replay(*, message_id: int, by: Any, at: datetime.datetime) -> Message:
    """
    Have a message that was given up delivered again.

    :raises IncidentNotFound: if it has not been given up, or the person does not
        administer the software
    """
    if not administers(by, local_day(at)):
        raise IncidentNotFound(message_id)
    return incidents.replay(
        message_id=message_id, role=Role.ADMINISTRATOR, by=by, at=at
    )


@transaction.atomic(durable=True)
def replay_all(*, by: Any, at: datetime.datetime) -> list[Message]:
    """
    Have every message that was given up delivered again.

    :raises IncidentNotFound: if the person does not administer the software
    """
    if not administers(by, local_day(at)):
        raise IncidentNotFound
    return incidents.replay_all(role=Role.ADMINISTRATOR, by=by, at=at)


def prioritise_case(
    *, case_id: int, priority: Priority, by: Any, at: datetime.datetime
) -> Case:
    """
    Set the priority of a case, and of all that it asks.

    :raises CaseNotFound: if there is none, or none that the person may know of
    :raises MoveRefused: if the person may not; every reason is said
    """
    with refused.kept(priorities.KIND, by=by, at=at, pk=case_id):
        case = marks.known_case(case_id=case_id, by=by, at=at)
        return priorities.set_on_case(case=case, priority=priority, by=by, at=at)


@transaction.atomic(durable=True)
def note_export(
    *, name: str, form: str, said: Mapping[str, Any], by: Any, at: datetime.datetime
) -> None:
    """Write in the register that somebody takes a list out, reduced to what she said.

    Of what she was looking for, the words are kept apart: they may be a name.
    """
    typed = {"q": str(said["q"])} if said.get("q") else {}
    reduced = {one: str(value) for one, value in said.items() if one != "q"}
    register.enter(
        EntryKind.LIST_EXPORTED,
        by=by,
        at=at,
        facts={"list": name, "form": form, "said": reduced},
        texts=typed,
    )
