"""Make one move on many cases: foreseen, each on its own, resumed if cut short."""

import datetime
import logging
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from workflow import engine, inbox, refusals, refused, situations, statements
from workflow.cases import Attempt, binding_of, process_of
from workflow.deadlines import LOCAL
from workflow.models import Batch, BatchItem, Case, EntryKind, Event, Outcome
from workflow.process import Move, UnknownMove
from workflow.refusals import Ground, Refusal
from workflow.standing import memberships_of, one_at_a_time, visible_cases
from workflow.trail import register
from workflow.waking import Bell

logger = logging.getLogger(__name__)

MOST = 500
TOGETHER = 50
"""How many cases one transaction moves: the others wait for their rows meanwhile."""

KEPT_UNSTARTED = datetime.timedelta(days=1)

CHANGED = "Le dossier a changé depuis que vous l’avez choisi."

bell = Bell("bulk")


class BatchRefused(Exception):
    """The batch cannot be prepared or started; the message says why."""


class BatchNotFound(LookupError):
    """There is no such batch, or it is another person's."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A move that the tasks of some of the chosen cases ask the person to make."""

    move: Move
    count: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What would become of one case; no refusal means that the move would be made."""

    item: BatchItem
    refusals: tuple[Refusal, ...]

    @property
    def passes(self) -> bool:
        return not self.refusals


def prepare(
    *, case_ids: Collection[int], key: uuid.UUID, by: Any, at: datetime.datetime
) -> Batch:
    """
    Put aside the cases on which a person means to make one move.

    Those that she may not know of are left out without a word.

    :raises BatchRefused: if none is left, or more than `MOST`
    """
    one_at_a_time(by)
    if batch := Batch.objects.filter(key=key, by=by).first():
        return batch
    if len(case_ids) > MOST:
        raise BatchRefused(f"{MOST} dossiers au plus à la fois.")
    held = memberships_of(by, at.astimezone(LOCAL).date())
    known = visible_cases(held).filter(pk__in=case_ids)
    versions = list(known.order_by("reference").values_list("pk", "version"))
    if not versions:
        raise BatchRefused("Aucun dossier n’est choisi.")
    batch = Batch.objects.create(by=by, key=key, prepared_at=at)
    BatchItem.objects.bulk_create(
        BatchItem(batch=batch, case_id=case_id, seen=version)
        for case_id, version in versions
    )
    return batch


def batch_of(batch_id: int, *, by: Any) -> Batch:
    """
    Return a batch to the person who prepared it.

    :raises BatchNotFound: if it is not hers
    """
    batch = Batch.objects.filter(pk=batch_id, by=by).first()
    if batch is None:
        raise BatchNotFound(batch_id)
    return batch


def offers(batch: Batch, *, at: datetime.datetime) -> list[Offer]:
    """Return the moves that the tasks of these cases ask of her, most asked first."""
    held = memberships_of(batch.by, at.astimezone(LOCAL).date())
    asked = inbox.addressed_to(held).open()
    found: dict[str, tuple[Move, set[int]]] = {}
    for task in asked.filter(case__in=batch.items.values("case")):
        for move in task.flow_task.offers:
            found.setdefault(move.name, (move, set()))[1].add(task.case_id)
    counted = [Offer(move, len(cases)) for move, cases in found.values()]
    return sorted(counted, key=lambda offer: -offer.count)


def preview(batch: Batch, name: str, *, at: datetime.datetime) -> list[Verdict]:
    """Say of each case whether the move would be made now, or why not."""
    items = list(batch.items.select_related("case").order_by("pk"))
    subjects = _subjects(item.case for item in items)
    found = (
        _refusals(item, subjects[item.case_id], name, batch.by, at) for item in items
    )
    return [Verdict(item, tuple(why)) for item, why in zip(items, found, strict=True)]


def _subjects(cases: Iterable[Case]) -> dict[int, Any]:
    """Read the subjects of some cases, in one statement for each procedure."""
    by_process: dict[tuple[str, int], list[Case]] = {}
    for case in cases:
        by_process.setdefault((case.process, case.process_version), []).append(case)
    return {
        subject.pk: subject
        for (name, version), some in by_process.items()
        for subject in binding_of(name, version)
        .model._default_manager.filter(pk__in=[case.pk for case in some])
        .select_related("case")
    }


def _refusals(
    item: BatchItem, subject: Any, name: str, by: Any, at: datetime.datetime
) -> Iterator[Refusal]:
    process = process_of(subject.case)
    try:
        move = process.move(name)
    except UnknownMove:
        yield _stranger()
        return
    if subject.case.version != item.seen:
        yield Refusal(Ground.STATE, CHANGED)
        return
    situation = situations.situation_of(process, subject, by=by, at=at)
    yield from refusals.prospective(situation, move)


def _stranger() -> Refusal:
    return Refusal(Ground.STATE, "La procédure de ce dossier n’a pas ce geste.")


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says once for all the cases of a batch."""

    move: Move
    inputs: Mapping[str, Any]
    reason: str = ""
    effective_on: datetime.date | None = None
    confirmed_at: datetime.datetime | None = None


def start(*, batch_id: int, said: Said, by: Any, at: datetime.datetime) -> Batch:
    """
    Have a move made on every case of a batch, and call a worker to it.

    To start a batch twice is to start it once.

    :raises BatchNotFound: if it is not hers
    """
    assert connection.in_atomic_block
    mine = Batch.objects.select_for_update(of=("self",)).filter(by=by)
    batch = mine.filter(pk=batch_id).first()
    if batch is None:
        raise BatchNotFound(batch_id)
    if batch.started_at is None:
        batch.move, batch.label = said.move.name, said.move.label
        batch.said = {
            "inputs": dict(said.inputs),
            "reason": said.reason,
            "effective_on": said.effective_on,
        }
        batch.confirmed_at, batch.started_at = said.confirmed_at, at
        batch.save()
        bell.ring()
    return batch


def carry_on(*, limit: int, at: datetime.datetime) -> int:
    """
    Try up to `limit` cases of the batches under way, and return how many were tried.

    They are tried some at a time, and one at a time when that breaks down, so that
    whatever stops the worker leaves the others to the next one. Whoever calls asks
    again until nothing is left.
    """
    tried = 0
    while tried < limit and (some := _try_some(min(TOGETHER, limit - tried), at)):
        tried += some
    _finish(at)
    return tried


def _try_some(count: int, at: datetime.datetime) -> int:
    """Try some cases in one transaction; if that breaks down, the first one alone."""
    try:
        with transaction.atomic(durable=True):
            return _try(_next(count), at)
    except Exception:
        logger.warning("bulk.broke_down", exc_info=True)
    return _try_one(at)


def _try_one(at: datetime.datetime) -> int:
    items: list[BatchItem] = []
    try:
        with transaction.atomic(durable=True):
            items = _next(1)
            return _try(items, at)
    except Exception as error:
        if not items:
            raise
        logger.exception("bulk.failed", extra={"item": items[0].pk})
        _fail(items[0], error, at)
    return 1


def _next(count: int) -> list[BatchItem]:
    """Take some cases of one batch and of one procedure that no other worker holds."""
    waiting = BatchItem.objects.waiting().select_related("batch__by", "case")
    if connection.features.has_select_for_update_skip_locked:
        waiting = waiting.select_for_update(skip_locked=True, of=("self",))
    items = list(waiting.order_by("batch", "pk")[:count])
    return [
        item
        for item in items
        if item.batch_id == items[0].batch_id
        and item.case.process == items[0].case.process
    ]


def _try(items: list[BatchItem], at: datetime.datetime) -> int:
    """Make the move through the one door, or write down why it is not made."""
    if not items:
        return 0
    attempts = {}
    for item in items:
        try:
            attempts[item.case_id] = _attempt(item, at)
        except UnknownMove:
            item.outcome, item.message = Outcome.REFUSED, _stranger().message
    process, by = process_of(items[0].case), items[0].batch.by
    found = engine.fire_all(process, attempts, by=by, at=at)
    events = _events(found)
    with statements.together():
        for item in items:
            if item.case_id in found:
                _note(item, found[item.case_id], events, at)
            item.done_at = at
            statements.update([item], ("outcome", "message", "event", "done_at"))
    return len(items)


def _events(found: Mapping[int, engine.Outcome]) -> dict[tuple[int, int], Event]:
    """Return the events that tell of the moves made, by case and number."""
    made = {
        case_id: outcome.seq
        for case_id, outcome in found.items()
        if isinstance(outcome, engine.Receipt)
    }
    events = Event.objects.filter(case__in=made, seq__in=set(made.values()))
    return {(event.case_id, event.seq): event for event in events}


def _note(
    item: BatchItem,
    found: engine.Outcome,
    events: Mapping[tuple[int, int], Event],
    at: datetime.datetime,
) -> None:
    match found:
        case engine.Receipt():
            item.outcome = Outcome.MADE
            item.event = events[item.case_id, found.seq]
        case engine.MoveRefused():
            item.outcome = Outcome.REFUSED
            item.message = "\n".join(refusal.message for refusal in found.refusals)
            _tell(item, found.refusals, at)
        case engine.StaleCase():
            item.outcome, item.message = Outcome.STALE, str(found)
        case UnknownMove():
            item.outcome, item.message = Outcome.REFUSED, _stranger().message
        case _:
            raise found


def _tell(item: BatchItem, found: Sequence[Refusal], at: datetime.datetime) -> None:
    """Have the register say it too: each case of a batch is tried once."""
    batch = item.batch
    facts = refused.facts_of(batch.move, item.case, found) | {"batch": batch.pk}
    register.enter(
        EntryKind.MOVE_REFUSED,
        by=batch.by,
        at=at,
        case=item.case,
        facts=facts,
        texts={"reasons": item.message},
    )


def _attempt(item: BatchItem, at: datetime.datetime) -> Attempt:
    batch, said = item.batch, item.batch.said
    effective_on = said["effective_on"]
    return Attempt(
        move=process_of(item.case).move(batch.move),
        by=batch.by,
        at=at,
        seen=item.seen,
        # The same each time the case is tried: a decision is made once.
        key=uuid.uuid5(batch.key, str(item.case_id)),
        reason=said["reason"],
        inputs=said["inputs"],
        effective_on=datetime.date.fromisoformat(effective_on)
        if effective_on
        else None,
        confirmed_at=batch.confirmed_at,
    )


def _fail(item: BatchItem, error: Exception, at: datetime.datetime) -> None:
    # Only the kind of the error: its words may hold secrets and personal data.
    message = f"Une erreur du logiciel a empêché ce geste ({type(error).__name__})."
    BatchItem.objects.filter(pk=item.pk, outcome=Outcome.WAITING).update(
        outcome=Outcome.FAILED, message=message, done_at=at
    )


def _finish(at: datetime.datetime) -> None:
    """End the batches of which every case was tried, and forget what was typed."""
    waiting = BatchItem.objects.filter(batch=OuterRef("pk"), outcome=Outcome.WAITING)
    Batch.objects.filter(
        ~Exists(waiting), started_at__isnull=False, finished_at=None
    ).update(finished_at=at, said={})


def forget_unstarted(*, at: datetime.datetime) -> int:
    """Delete the batches prepared and never started, and return how many."""
    old = Batch.objects.filter(started_at=None, prepared_at__lt=at - KEPT_UNSTARTED)
    with transaction.atomic():
        BatchItem.objects.filter(batch__in=old).delete()
        count, _ = old.delete()
    return count


def started_by(by: Any) -> QuerySet[Batch]:
    """Return the batches that a person started, the latest first."""
    return Batch.objects.filter(by=by, started_at__isnull=False).order_by("-pk")


def tally(batch: Batch) -> dict[Outcome, int]:
    """Count the cases of a batch by outcome."""
    outcomes = list(batch.items.values_list("outcome", flat=True))
    return {outcome: outcomes.count(outcome) for outcome in Outcome}
