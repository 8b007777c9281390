"""Fill the agenda of a sitting, and say of it what the trail notes."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError
from django.db.models import Max

from erbm.committees.models import AgendaItem, Sitting
from erbm.committees.openings import refuse
from erbm.operations.models import Operation
from workflow import engine
from workflow.deadlines import local_day
from workflow.refusals import Ground


def in_due_time(sitting: Sitting, at: datetime.datetime) -> None:
    """
    Refuse what comes after the agenda was frozen, but for the reason it is late.

    :raises MoveRefused: if it does
    """
    if local_day(at) > sitting.freeze_on:
        message = (
            f"L’ordre du jour est arrêté depuis le {sitting.freeze_on:%d/%m/%Y} : "
            "ajoutez l’opération en point tardif, avec un motif."
        )
        raise refuse(Ground.REQUIREMENT, message)


def append(
    sitting: Sitting, operations: Sequence[Operation], **facts: Any
) -> list[AgendaItem]:
    """
    Put operations at the end of an agenda.

    :raises MoveRefused: if another agenda took one of them meanwhile
    """
    latest = sitting.items.aggregate(last=Max("position"))["last"] or 0
    try:
        return AgendaItem.objects.bulk_create(
            AgendaItem(sitting=sitting, operation=one, position=rank, **facts)
            for rank, one in enumerate(operations, latest + 1)
        )
    except IntegrityError as error:
        message = "Une autre séance vient d’inscrire l’une de ces opérations."
        raise refuse(Ground.STATE, message) from error


def noted_agenda(sitting: Sitting, *, added: Sequence[Operation] = ()) -> engine.Noted:
    facts: dict[str, Any] = {
        "agenda": [item.operation.case.reference for item in sitting.agenda()]
    }
    if added:
        facts["added"] = [operation.case.reference for operation in added]
    return engine.Noted(facts=facts)


def item_of(sitting: Sitting, item_id: int) -> AgendaItem:
    """
    Return an item of a sitting.

    :raises MoveRefused: if it is not on its agenda
    """
    item = sitting.items.select_related("operation__case").filter(pk=item_id).first()
    if item is None:
        raise refuse(Ground.INPUT, "Ce point n’est pas à l’ordre du jour.")
    return item


def undecide(item: AgendaItem) -> None:
    """Take back what was decided of an item."""
    item.decision = item.reason = item.conditions = ""
    item.position_for = item.position_against = ""
    item.votes_for = item.votes_against = item.abstentions = None
    item.planned_on = item.seen = item.decided_by = item.decided_at = None
