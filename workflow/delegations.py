"""Have something prepared by somebody else, and decide oneself when it comes back."""

import dataclasses
import datetime
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q

from workflow import claims, inputs
from workflow.claims import AlreadyClaimed, TaskNotFound
from workflow.deadlines import LOCAL
from workflow.models import Case, Delegation, Membership, Task, Unit
from workflow.models.people import DelegationQuerySet
from workflow.refusals import of_conflicts
from workflow.situations import conflicts_of
from workflow.standing import memberships_of
from workflow.trail import chain, preparations

__all__ = [
    "AlreadyClaimed",
    "DelegationNotFound",
    "DelegationRefused",
    "Request",
    "TaskNotFound",
    "awaited_of",
    "delegate",
    "hand_back",
    "may_read",
    "withdraw",
]


class DelegationRefused(Exception):
    """Nothing is asked or handed back; `reasons` says why, by field at fault."""

    def __init__(self, reasons: Sequence[tuple[str, str]]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(" ".join(message for _, message in reasons))


class DelegationNotFound(LookupError):
    """Nothing of the kind is awaited, or not of this person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be prepared, by a person or by a unit, and by which day."""

    to: Any
    instructions: str
    due_on: datetime.date | None = None

    @property
    def unit(self) -> Unit | None:
        return self.to if isinstance(self.to, Unit) else None

    @property
    def person(self) -> Any:
        return None if isinstance(self.to, Unit) else self.to


def delegate(
    *, task_id: int, request: Request, by: Any, at: datetime.datetime
) -> Delegation:
    """
    Ask somebody to prepare the answer to a task, and keep the task.

    :raises TaskNotFound: if it is not open, or not the person's to do
    :raises AlreadyClaimed: if somebody else has it
    :raises ClaimRefused: if the person could not answer it herself
    :raises DelegationRefused: if nothing can be asked of them; every reason is said
    """
    task, principal = claims.locked_task(task_id, by, at)
    if task.owner_id not in {None, by.pk}:
        raise AlreadyClaimed(task)
    # Whoever delegates takes the task: she must be one who may.
    claims.must_answer(task, by, at)
    on = at.astimezone(LOCAL).date()
    if reasons := list(_reasons(task, request, by, on)):
        raise DelegationRefused(reasons)
    asked = Delegation.objects.create(
        case=task.case,
        task=task,
        by=by,
        to_user=request.person,
        to_unit=request.unit,
        instructions=request.instructions.strip(),
        instructions_salt=secrets.token_bytes(chain.SALT),
        due_on=request.due_on,
        asked_at=at,
    )
    entry = _entry("delegation", asked, by, at)
    entry = dataclasses.replace(entry, principal=principal)
    # Whoever asks decides: the task is hers from now on.
    claims.hand(task, by, entry)
    return asked


def hand_back(
    *, delegation_id: int, answer: str, by: Any, at: datetime.datetime
) -> Delegation:
    """
    Give what one was asked to prepare to whoever asked for it.

    :raises DelegationNotFound: if nothing is awaited, or not of this person
    :raises DelegationRefused: if the answer says nothing, or cannot be written, or a
        conflict of interest keeps the person away
    """
    asked = _locked(delegation_id)
    held = memberships_of(by, at.astimezone(LOCAL).date())
    if not awaited_of(by, held).filter(pk=asked.pk).exists():
        raise DelegationNotFound(delegation_id)
    reasons = [("", one.message) for one in of_conflicts(asked.task.case, by, None)]
    if reasons := [*reasons, *_faults("answer", "Réponse", answer)]:
        raise DelegationRefused(reasons)
    asked.answer, asked.returned_by, asked.returned_at = answer.strip(), by, at
    asked.answer_salt = secrets.token_bytes(chain.SALT)
    asked.save(update_fields=["answer", "answer_salt", "returned_by", "returned_at"])
    claims.note(asked.task, _entry("return", asked, by, at))
    return asked


def withdraw(*, delegation_id: int, by: Any, at: datetime.datetime) -> Delegation:
    """
    Ask no longer for what was to be prepared.

    :raises DelegationNotFound: if nothing is awaited, or if the person neither asked
        for it nor has the task
    :raises TaskNotFound: if the task is no longer hers to do
    """
    asked = _locked(delegation_id)
    if by.pk not in {asked.by_id, asked.task.owner_id}:
        raise DelegationNotFound(delegation_id)
    principal = claims.answered_for(asked.task, by, at)
    asked.withdrawn_by, asked.withdrawn_at = by, at
    asked.save(update_fields=["withdrawn_by", "withdrawn_at"])
    entry = _entry("withdrawal", asked, by, at)
    claims.note(asked.task, dataclasses.replace(entry, principal=principal))
    return asked


def awaited_of(person: Any, memberships: Iterable[Membership]) -> DelegationQuerySet:
    """Return what a person, or a unit to which she belongs, is asked to prepare."""
    units = {one.unit_id for one in memberships if one.principal is None}
    return Delegation.objects.awaited().filter(Q(to_user=person) | Q(to_unit__in=units))


def may_read(asked: Delegation, by: Any, memberships: Iterable[Membership]) -> bool:
    """
    Tell whether a person may read what was asked, and what came back.

    Those between whom it went may: who asked, the unit of the task and whoever acts
    there in the name of another, who prepares. The other parties of the case may not.
    """
    if by.pk in {asked.by_id, asked.to_user_id, asked.returned_by_id}:
        return True
    return any(
        (one.unit_id == asked.task.unit_id and one.reaches(asked.case.process))
        or (one.unit_id == asked.to_unit_id and one.principal is None)
        for one in memberships
    )


def _committed(asked: Delegation, name: str) -> str:
    salt = bytes(getattr(asked, f"{name}_salt"))
    return chain.commitment(salt, getattr(asked, name))


def _locked(delegation_id: int) -> Delegation:
    """Lock the case, then read what is awaited as the lock leaves it."""
    assert connection.in_atomic_block
    cases = Case.objects.select_for_update(of=("self",))
    case = cases.filter(delegations=delegation_id).first()
    awaited = Delegation.objects.awaited().filter(pk=delegation_id)
    asked = awaited.select_related(
        "by", "to_user", "to_unit", "task__unit", "task__process"
    ).first()
    if case is None or asked is None:
        raise DelegationNotFound(delegation_id)
    asked.task.case = case
    return asked


def _entry(kind: str, asked: Delegation, by: Any, at: datetime.datetime) -> chain.Entry:
    # Every party of a case reads its trail: what they write each other is not there.
    name = preparations.TEXTS.get(kind)
    said = {name: _committed(asked, name)} if name else {}
    return chain.Entry(
        kind,
        by,
        at,
        facts={
            "delegation": asked.pk,
            "asked_by": asked.by_id,
            "to_user": asked.to_user_id,
            "to_unit": asked.to_unit.code if asked.to_unit else None,
            "due_on": asked.due_on,
            **said,
        },
        texts={"delegate": str(asked.target), "asked_by": str(asked.by)},
    )


def _reasons(
    task: Task, request: Request, by: Any, on: datetime.date
) -> Iterator[tuple[str, str]]:
    yield from _faults("instructions", "Consigne", request.instructions)
    if request.due_on and request.due_on < on:
        yield "due_on", "La date attendue est passée."
    if request.person == by:
        yield "to", "Ce que l’on prépare soi-même ne se délègue pas."
    elif request.person and request.person.pk in conflicts_of(task.case):
        yield "to", f"{request.to} a un conflit d’intérêts sur ce dossier."
    elif not _is_reachable(request, on):
        yield "to", f"{request.to} ne peut rien préparer : compte fermé ou sans rôle."
    again = Delegation.objects.awaited().filter(
        task=task, to_user=request.person, to_unit=request.unit
    )
    if again.exists():
        yield "to", f"{request.to} prépare déjà cette tâche."


def _is_reachable(request: Request, on: datetime.date) -> bool:
    if request.unit is not None:
        return request.unit.is_active
    current = Membership.objects.current(on).filter(user=request.person)
    return bool(request.person.is_active) and current.exists()


def _faults(field: str, label: str, text: str) -> Iterator[tuple[str, str]]:
    if not text.strip():
        yield field, f"{label} : à renseigner."
    try:
        inputs.read_text(text)
    except inputs.Absurd as absurd:
        yield field, f"{label} : {absurd}"
