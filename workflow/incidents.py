"""What went wrong and waits for an operator: messages given up, cases that lie."""

import contextlib
import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from workflow import outbox
from workflow.cases import bound_processes, process_of
from workflow.deadlines import LOCAL, local_day
from workflow.models import Case, Membership, Message, Signature, Task
from workflow.trail import chain

SILENT = datetime.timedelta(hours=1)
"""How long a rung may be late: one that nothing keeps from ringing rings in seconds."""


class IncidentNotFound(LookupError):
    """No message of this number has been given up: another replayed it, perhaps."""


def parked() -> QuerySet[Message]:
    """Return the messages given up, with their events and cases, oldest first."""
    return (
        Message.objects.incidents()
        .select_related("event__case", "event__actor")
        .order_by("parked_at", "id")
    )


def replay(*, message_id: int, role: str, by: Any, at: datetime.datetime) -> Message:
    """
    Have a message that was given up delivered again, and note who asked for it.

    `role` is that in which the person operates the engine; the caller checks it.

    :raises IncidentNotFound: if it has not been given up
    """
    message = _replay(message_id, role, by, at)
    outbox.bell.ring()
    return message


def replay_all(*, role: str, by: Any, at: datetime.datetime) -> list[Message]:
    """Replay the messages given up, but for those that another replays meanwhile."""
    replayed = []
    # Always in this order, so that two people who ask for it do not block each other.
    waiting = parked().order_by("event__case", "id").values_list("id", flat=True)
    for number in list(waiting):
        with contextlib.suppress(IncidentNotFound):
            replayed.append(_replay(number, role, by, at))
    if replayed:
        outbox.bell.ring()
    return replayed


def _replay(message_id: int, role: str, by: Any, at: datetime.datetime) -> Message:
    assert connection.in_atomic_block
    cases = Case.objects.select_for_update(of=("self",))
    case = cases.filter(events__messages=message_id).first()
    message = Message.objects.incidents().filter(pk=message_id).first()
    if case is None or message is None:
        raise IncidentNotFound(message_id)
    chain.append(case, _replayed(case, message, role, by, at))
    case.save_head()
    message.attempts, message.parked_at = 0, None
    message.due_at, message.latest_error = at, ""
    message.save(update_fields=["attempts", "parked_at", "due_at", "latest_error"])
    return message


def _replayed(
    case: Case, message: Message, role: str, by: Any, at: datetime.datetime
) -> chain.Entry:
    return chain.Entry(
        kind="replay",
        actor=by,
        at=at,
        role=role,
        facts={
            "from": case.state,
            "to": case.state,
            "listener": message.listener,
            "key": message.key,
            "attempts": message.attempts,
            "parked_at": message.parked_at,
        },
        texts={"error": message.latest_error},
    )


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A case whose tasks do not fit its state, and the sentence that says so."""

    case: Case
    message: str


def contradictions(*, at: datetime.datetime) -> Iterator[Contradiction]:
    """Find the cases that contradict the rules at a moment, whatever their number."""
    known, final = Q(pk__in=[]), Q(pk__in=[])
    for process in bound_processes():
        follows = Q(process=process.name, process_version=process.version)
        known |= follows & Q(state__in=process.states.values)
        final |= follows & Q(state__in=process.final)
    yield from _lost(known)
    yield from _mismatched(Case.objects.filter(known), final)
    yield from _unsigned(Case.objects.filter(known))
    yield from _deserted(Case.objects.filter(known), local_day(at))
    yield from _silent(Case.objects.filter(known), at)


def _lost(known: Q) -> Iterator[Contradiction]:
    """Find the cases whose version, or whose state, no code declares any more."""
    for case in Case.objects.exclude(known).iterator():
        yield Contradiction(
            case,
            f"{case.reference} suit la procédure {case.process} "
            f"v{case.process_version} à l’état {case.state}, que rien ne déclare.",
        )


def _mismatched(cases: QuerySet[Case], final: Q) -> Iterator[Contradiction]:
    """Find the cases whose tasks or journey do not fit their state."""
    tasks = Task.objects.filter(case=OuterRef("pk"))
    for case in cases.filter(final, Exists(tasks.unfinished())).iterator():
        yield Contradiction(case, f"{_at(case)}, qui est final, et a encore une tâche.")
    for case in cases.filter(~final, ~Exists(tasks.open())).iterator():
        yield Contradiction(case, f"{_at(case)} et n’attend personne.")
    for case in cases.filter(final, journey__finished=None).iterator():
        yield Contradiction(case, f"{_at(case)}, mais son parcours continue.")
    for case in cases.filter(~final, journey__finished__isnull=False).iterator():
        yield Contradiction(case, f"{_at(case)}, mais son parcours est fini.")


def _unsigned(cases: QuerySet[Case]) -> Iterator[Contradiction]:
    """Find the cases that do not say truly whether they await signatures."""
    collected = Exists(
        Signature.objects.filter(
            case=OuterRef("pk"), struck_by=None, took_effect_by=None
        )
    )
    for case in cases.filter(~collected, awaits_signatures=True).iterator():
        yield Contradiction(case, f"{_at(case)} et attend des signatures sans aucune.")
    for case in cases.filter(collected, awaits_signatures=False).iterator():
        yield Contradiction(case, f"{_at(case)} et ignore une signature recueillie.")


def _deserted(cases: QuerySet[Case], on: datetime.date) -> Iterator[Contradiction]:
    """Find the tasks that wait for a role that nobody holds on a day in their unit."""
    place = {"unit": OuterRef("unit"), "role": OuterRef("role")}
    everywhere, here = Q(jurisdiction=None), Q(jurisdiction=OuterRef("jurisdiction"))
    held = Membership.objects.current(on).filter(everywhere | here, **place)
    waiting = Task.objects.open().filter(
        ~Exists(held.filter(user__is_active=True)), case__in=cases
    )
    for task in waiting.select_related("case", "unit").order_by("pk").iterator():
        role = process_of(task.case).role_label(task.role)
        yield Contradiction(
            task.case,
            f"{_at(task.case)} et attend de « {task.unit} » le rôle « {role} », "
            "que personne n’y tient.",
        )


def _silent(cases: QuerySet[Case], at: datetime.datetime) -> Iterator[Contradiction]:
    """Find the rungs that should have rung: their sweep fails, again and again."""
    late = Task.objects.ringing(at - SILENT).filter(case__in=cases)
    for task in late.select_related("case").iterator():
        assert task.next_ring_at is not None
        moment = task.next_ring_at.astimezone(LOCAL)
        yield Contradiction(
            task.case,
            f"{_at(task.case)} et la relance du {moment:%d/%m/%Y à %H:%M} "
            f"(« {task.label} ») n’est pas partie.",
        )


def _at(case: Case) -> str:
    label = process_of(case).state_label(case.state)
    return f"{case.reference} est à l’état « {label} »"
