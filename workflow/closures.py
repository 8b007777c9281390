"""When a unit is closed: who heads it says so, and takes it back."""

import datetime
from typing import Any

from django.db import connection

from workflow.deadlines import local_day
from workflow.models import Closure, EntryKind, Membership, Unit
from workflow.trail import register


class NotHead(Exception):
    """The person does not head this unit."""


class ClosureNotFound(LookupError):
    """This unit has no such closure: somebody has taken it back, perhaps."""


class ClosureRefused(Exception):
    """The closure contradicts itself or what is past; the message says how."""


LONGEST = datetime.timedelta(days=92)
"""Beyond, it is no closure any more: the competences have to change."""


def add(
    *,
    unit_id: int,
    first_on: datetime.date,
    last_on: datetime.date,
    label: str,
    by: Any,
    at: datetime.datetime,
) -> Closure:
    """
    Close a unit for some days, which count in no delay that starts from now on.

    :raises NotHead: if the person does not head the unit
    :raises ClosureRefused: if the days are past, upside down or too many
    """
    unit = _locked(unit_id, by, at)
    if last_on < first_on:
        raise ClosureRefused("Une fermeture ne peut finir avant de commencer.")
    if last_on < local_day(at):
        raise ClosureRefused("Cette fermeture est déjà finie.")
    if last_on - first_on > LONGEST:
        raise ClosureRefused("Une fermeture dure trois mois au plus.")
    if unit.closures.filter(first_on__lte=last_on, last_on__gte=first_on).exists():
        raise ClosureRefused("L’unité est déjà fermée une partie de ces jours.")
    closure = Closure.objects.create(
        unit=unit, first_on=first_on, last_on=last_on, label=label
    )
    _mark(unit)
    _note("add", closure, by, at)
    return closure


def remove(*, unit_id: int, closure_id: int, by: Any, at: datetime.datetime) -> Closure:
    """
    Take back a closure that is not over.

    :raises NotHead: if the person does not head the unit
    :raises ClosureNotFound: if the unit has none of this number that is not over
    """
    unit = _locked(unit_id, by, at)
    closure = unit.closures.not_over(local_day(at)).filter(pk=closure_id).first()
    if closure is None:
        raise ClosureNotFound(closure_id)
    _note("delete", closure, by, at)
    closure.delete()
    _mark(unit)
    return closure


def _note(deed: str, closure: Closure, by: Any, at: datetime.datetime) -> None:
    days = {"first_on": closure.first_on, "last_on": closure.last_on}
    is_new = deed == "add"
    register.enter(
        EntryKind.CONFIGURED,
        by=by,
        at=at,
        facts={
            "table": closure._meta.label_lower,
            "row": closure.pk,
            "deed": deed,
            "unit": closure.unit.code,
            "changes": {
                name: [None, day] if is_new else [day, None]
                for name, day in days.items()
            },
        },
        texts={"label": closure.label},
    )


def _locked(unit_id: int, by: Any, at: datetime.datetime) -> Unit:
    assert connection.in_atomic_block
    heads = Membership.objects.current(local_day(at)).filter(user=by, is_head=True)
    unit = Unit.objects.select_for_update(of=("self",)).filter(pk=unit_id).first()
    if unit is None or not heads.filter(unit=unit).exists():
        raise NotHead(unit_id)
    return unit


def _mark(unit: Unit) -> None:
    unit.has_closures = unit.closures.exists()
    unit.save(update_fields=["has_closures"])
