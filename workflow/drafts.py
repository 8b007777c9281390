"""Keep what a person is typing for a move, until she makes it or gives it up."""

import datetime
import json
from collections.abc import Mapping

from django.db import transaction
from django.db.models import Q, QuerySet

from workflow import inputs, refusals
from workflow.engine import MoveRefused
from workflow.models import Draft, Task
from workflow.process import Move
from workflow.refusals import Ground, Refusal
from workflow.situations import Situation

LARGEST = 64 * 1024
"""How many bytes one draft may hold, whatever its fields."""


def fields_of(move: Move) -> list[str]:
    """Name what a draft of a move keeps: never what proves an identity."""
    said = [wanted.name for wanted in move.inputs]
    return [*said, *(["reason"] if move.reason else []), "effective_on"]


def save(
    situation: Situation,
    move: Move,
    values: Mapping[str, str],
    *,
    is_shared: bool,
    at: datetime.datetime,
) -> Draft | None:
    """
    Keep what a person has typed for a move; nothing is kept of nothing.

    :raises MoveRefused: if she cannot make it now, or has typed too much
    """
    if found := refusals.prospective(situation, move):
        raise MoveRefused(found)
    kept = {n: values[n] for n in fields_of(move) if values.get(n, "").strip()}
    if found := list(_excess(kept)):
        raise MoveRefused(found)
    if not kept:
        discard(situation, move)
        return None
    role = refusals.acting_role(situation, move)
    assert role is not None, "refusals let through a person without a role"
    with transaction.atomic():
        draft, _ = Draft.objects.update_or_create(
            case=situation.subject.case,
            move=move.name,
            user=situation.by,
            task=_task(situation, move),
            defaults={
                "unit": refusals.acting_unit(situation, move, role),
                "values": kept,
                "is_shared": is_shared,
                "saved_at": at,
            },
        )
    return draft


def own(situation: Situation, move: Move) -> Draft | None:
    """Return what the person had begun to type for a move, if it still serves."""
    return _open(situation, move).filter(user=situation.by).first()


def shared(situation: Situation, move: Move) -> list[Draft]:
    """Return what colleagues of hers had begun, and let her take up."""
    role = refusals.acting_role(situation, move)
    units = situation.standing.held.get(role or "", ())
    drafts = _open(situation, move).filter(is_shared=True, unit__in=units)
    return list(drafts.exclude(user=situation.by).order_by("-saved_at"))


def usable(draft: Draft, move: Move) -> dict[str, str]:
    """Return what of a draft the move still asks for."""
    asked = fields_of(move)
    return {name: str(said) for name, said in draft.values.items() if name in asked}


def discard(situation: Situation, move: Move) -> None:
    """Delete what the person had typed for a move, whatever it answered."""
    Draft.objects.filter(
        case=situation.subject.case, move=move.name, user=situation.by
    ).delete()


def forget_stale(
    *, at: datetime.datetime, kept_for: datetime.timedelta, limit: int
) -> int:
    """Delete the drafts left for long, and those of tasks that are done."""
    stale = Q(saved_at__lt=at - kept_for) | Q(task__finished__isnull=False)
    some = Draft.objects.filter(stale).order_by("saved_at").values("pk")[:limit]
    deleted, _ = Draft.objects.filter(pk__in=[row["pk"] for row in some]).delete()
    return deleted


def _open(situation: Situation, move: Move) -> QuerySet[Draft]:
    """Find the drafts of a move for what it answers now."""
    return Draft.objects.filter(
        case=situation.subject.case, move=move.name, task=_task(situation, move)
    ).select_related("user")


def _task(situation: Situation, move: Move) -> Task | None:
    """Return the open task that a person would answer by a move."""
    if (role := refusals.acting_role(situation, move)) is None:
        return None
    unit = refusals.acting_unit(situation, move, role)
    answered = (
        task
        for task in situation.unfinished_tasks
        if (task.role, task.unit_id) == (role, unit.pk)
        and move in task.flow_task.offers
    )
    return min(answered, key=lambda task: task.pk, default=None)


def _excess(values: Mapping[str, str]) -> list[Refusal]:
    """Refuse what no field would take, and what all of them together should not."""
    found = []
    for name, said in values.items():
        try:
            inputs.read_text(said)
        except inputs.Absurd as absurd:
            found.append(Refusal(Ground.INPUT, f"Brouillon : {absurd}", field=name))
    if len(json.dumps(values, ensure_ascii=False).encode()) > LARGEST:
        most = f"Un brouillon tient en {LARGEST // 1024} Ko au plus."
        found.append(Refusal(Ground.INPUT, most))
    return found
