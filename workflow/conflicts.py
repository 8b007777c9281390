"""Keep a person away from the decisions of a case in which she has an interest."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from workflow import answers, engine, progress, situations
from workflow.cases import process_of
from workflow.engine import MoveRefused, Receipt
from workflow.journeys import StepActivation
from workflow.models import Conflict, Event, Membership, Task, Unit
from workflow.process import Process
from workflow.refusals import Ground, Refusal, of_conflicts
from workflow.situations import Situation
from workflow.standing import Standing, memberships_of, standing_on
from workflow.trail import chain, recusals

DECLARED, LIFTED = recusals.DECLARED, recusals.LIFTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a person says of the interest that somebody has in a case."""

    about: Any
    by: Any
    at: datetime.datetime
    reason: str
    key: UUID


def declare(process: Process, case_id: int, said: Statement) -> Receipt:
    """
    Keep a person away from the decisions of a case, from now on.

    Her tasks are given back, and her signatures that await others are struck out.

    :raises Subject.DoesNotExist: if the procedure has no such case
    :raises MoveRefused: if it is not for this person to say, or nothing to say
    :raises KeyReused: if the key of the request has served for something else
    """

    def change(situation: Situation, event: Event) -> None:
        case = situation.subject.case
        Conflict.objects.create(case=case, user=said.about, declared_by=event)
        case.has_conflicts = True
        _give_back(situation, said)
        _take_back(situation, said, event)

    return _state(process, case_id, said, DECLARED, refusals_to_declare, change)


def lift(process: Process, case_id: int, said: Statement) -> Receipt:
    """
    Let a person take part again in the decisions of a case.

    :raises Subject.DoesNotExist: if the procedure has no such case
    :raises MoveRefused: if it is not for this person to say, or nothing to lift
    :raises KeyReused: if the key of the request has served for something else
    """

    def change(situation: Situation, event: Event) -> None:
        case = situation.subject.case
        standing = Conflict.objects.standing().filter(case=case)
        standing.filter(user=said.about).update(lifted_by=event)
        case.has_conflicts = standing.exists()

    return _state(process, case_id, said, LIFTED, refusals_to_lift, change)


Judge = Callable[[Situation, Any], list[Refusal]]


def refusals_to_declare(situation: Situation, about: Any) -> list[Refusal]:
    """Return every reason why a person may not declare the conflict of another."""
    if not _may_speak_of(situation, about):
        who = " ou ".join(_overseers(situation))
        return [
            Refusal(
                Ground.ROLE,
                "Le conflit d’intérêts d’une autre personne est déclaré par le "
                f"responsable de son unité{f' ou par : {who}' if who else ''}.",
            )
        ]
    found = []
    if not _standing_of(situation, about).held:
        found.append(
            Refusal(
                Ground.ROLE, f"{about} ne prend part à aucune décision de ce dossier."
            )
        )
    if about.pk in situation.conflicts:
        found.append(
            Refusal(Ground.STATE, f"{about} est déjà en dehors de ces décisions.")
        )
    return found


def refusals_to_lift(situation: Situation, about: Any) -> list[Refusal]:
    """Return every reason why a person may not lift the conflict of another."""
    principal = _acting(situation, LIFTED).principal
    found = []
    if about in {situation.by, principal}:
        found.append(
            Refusal(
                Ground.FOUR_EYES,
                "Personne ne lève le conflit d’intérêts qui l’écarte elle-même.",
            )
        )
    elif kept := of_conflicts(situation.subject.case, situation.by, principal):
        found += kept
    elif not _oversees(situation):
        who = " ou ".join(_overseers(situation)) or "personne"
        found.append(
            Refusal(Ground.ROLE, f"Un conflit d’intérêts est levé par : {who}.")
        )
    if about.pk not in situation.conflicts:
        found.append(
            Refusal(Ground.STATE, f"Aucun conflit d’intérêts n’écarte {about}.")
        )
    return found


def people_to_speak_of(situation: Situation) -> list[Any]:
    """Return those whose conflict of interest a person may declare, herself first."""
    parties = Q(pk__in=[])
    for role, units in situation.standing.parties.items():
        parties |= Q(role=role, unit__in=units)
    members = Membership.objects.current(situation.on).filter(parties)
    if not _oversees(situation):
        headed = Membership.objects.current(situation.on)
        heads = headed.filter(user=situation.by, is_head=True).values("unit")
        members = members.filter(Q(unit__in=heads) | Q(user=situation.by))
    found = {m.user_id: m.user for m in members.select_related("user").order_by("pk")}
    kept = [user for pk, user in found.items() if pk not in situation.conflicts]
    return sorted(kept, key=lambda user: (user != situation.by, str(user)))


def _may_speak_of(situation: Situation, about: Any) -> bool:
    return situation.by == about or _oversees(situation) or _heads(situation, about)


def _oversees(situation: Situation) -> bool:
    return situation.standing.first_held(_overseeing(situation)) is not None


def _overseeing(situation: Situation) -> list[str]:
    return sorted(map(str, situation.process.overseers))


@dataclass(frozen=True, slots=True)
class _Capacity:
    """As what, through which unit and in whose name one speaks."""

    role: str = ""
    unit: Unit | None = None
    principal: Any = None


def _acting(situation: Situation, kind: str) -> _Capacity:
    """Return the capacity of an overseer, or of whoever speaks of herself or her unit.

    A conflict is lifted as an overseer alone.
    """
    standing = situation.standing
    role = standing.first_held(_overseeing(situation))
    if role is None and kind == DECLARED:
        role = next(iter(standing.held), None)
    if role is None:
        return _Capacity()
    unit = standing.held[role][0]
    return _Capacity(role, unit, standing.principal(role, unit))


def _overseers(situation: Situation) -> list[str]:
    return list(map(situation.process.role_label, _overseeing(situation)))


def _heads(situation: Situation, about: Any) -> bool:
    """Tell whether the person heads a unit through which another acts on the case."""
    held = _standing_of(situation, about).held
    units = {unit.pk for units in held.values() for unit in units}
    headed = Membership.objects.current(situation.on).filter(
        user=situation.by, is_head=True, unit__in=units
    )
    return headed.exists()


def _standing_of(situation: Situation, user: Any) -> Standing:
    return standing_on(situation.subject.case, memberships_of(user, situation.on))


def _state(
    process: Process,
    case_id: int,
    said: Statement,
    kind: str,
    judge: Judge,
    change: Callable[[Situation, Event], None],
) -> Receipt:
    """Say something of a person under the lock of the case, once for each key."""
    subject = situations.locked(process, case_id)
    case = subject.case
    if receipt := answers.repeated(case, said.by, said.key, kind):
        return receipt
    followed = process_of(case)
    situation = situations.situation_of(followed, subject, by=said.by, at=said.at)
    found = judge(situation, said.about)
    if not said.reason.strip():
        found.append(Refusal(Ground.INPUT, "Motif : à renseigner.", field="reason"))
    if found:
        raise MoveRefused(found)
    case.version += 1
    case.changed_at = said.at
    event = engine.recorded(case, _entry(situation, said, kind))
    change(situation, event)
    case.save(
        update_fields=[
            "version",
            "changed_at",
            "latest_seq",
            "latest_hash",
            "has_conflicts",
            "awaits_signatures",
        ]
    )
    return Receipt.of(event)


def _entry(situation: Situation, said: Statement, kind: str) -> chain.Entry:
    state = situation.subject.case.state
    acting = _acting(situation, kind)
    return chain.Entry(
        kind=kind,
        # As those of a move or an edit, a name by which a request is recognised.
        move=kind,
        actor=said.by,
        at=said.at,
        role=acting.role,
        unit=acting.unit,
        principal=acting.principal,
        request_key=said.key,
        facts={
            "from": state,
            "to": state,
            "process_digest": situation.process.digest,
            "about": said.about.pk,
        },
        texts={"about": str(said.about), "reason": said.reason.strip()},
    )


def _give_back(situation: Situation, said: Statement) -> None:
    """Let others take the tasks that the person had taken."""
    for task in situation.unfinished_tasks:
        if task.owner_id == said.about.pk:
            StepActivation(task).release()
            task.save(update_fields=["status", "owner", "assigned"])


def _take_back(situation: Situation, said: Statement, event: Event) -> None:
    """Strike out what the person signed and others have not, and ask for it again."""
    mine = [
        name for name, people in situation.signed_by.items() if said.about.pk in people
    ]
    if not mine:
        return
    subject = situation.subject
    collected = situations.collected_signatures(subject.case)
    hers = Q(user=said.about) | Q(principal=said.about)
    collected.filter(hers).update(struck_by=event)
    pending, _ = situations.signatures(subject.case)
    subject.case.awaits_signatures = bool(pending)
    progress.realign(
        subject,
        list(Task.objects.unfinished().filter(case=subject.case)),
        situation.standing.parties,
        pending,
        said.at,
    )
