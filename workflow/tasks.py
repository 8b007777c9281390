"""What Celery runs: it is woken, or it sweeps; the rows decide what is to be done."""

import datetime
from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from workflow import (
    bulk,
    drafts,
    escalations,
    inspections,
    outbox,
    testimonies,
    verifications,
)
from workflow.trail import sealing, witnesses


@shared_task(name="workflow.tasks.deliver", ignore_result=True)
def deliver(limit: int = 50, **kwargs: Any) -> int:
    """Deliver the messages that are due."""
    return outbox.deliver(limit=limit, at=timezone.now())


@shared_task(name="workflow.tasks.sweep", ignore_result=True)
def sweep(**kwargs: Any) -> int:
    """Deliver what no wake-up announced."""
    return outbox.deliver(limit=200, at=timezone.now())


@shared_task(name="workflow.tasks.ring", ignore_result=True)
def ring(**kwargs: Any) -> int:
    """Tell those whom the ladders name of what is due soon, or late."""
    return escalations.sweep(at=timezone.now())


@shared_task(name="workflow.tasks.carry_on_batches", ignore_result=True)
def carry_on_batches(limit: int = 100, **kwargs: Any) -> int:
    """Make some of the moves asked for on many cases, and call for the rest."""
    tried = bulk.carry_on(limit=limit, at=timezone.now())
    if tried == limit:
        carry_on_batches.apply_async(retry=False)
    return tried


@shared_task(name="workflow.tasks.forget_unstarted_batches", ignore_result=True)
def forget_unstarted_batches(**kwargs: Any) -> int:
    """Delete what was prepared and never started."""
    return bulk.forget_unstarted(at=timezone.now())


@shared_task(name="workflow.tasks.forget_stale_drafts", ignore_result=True)
def forget_stale_drafts(limit: int = 10_000, **kwargs: Any) -> int:
    """Delete what was typed long ago, or for a task that is done."""
    kept_for = datetime.timedelta(days=settings.DRAFTS_KEPT_DAYS)
    return drafts.forget_stale(at=timezone.now(), kept_for=kept_for, limit=limit)


# Longer than the others may last, and shorter than what gives a task away again.
@shared_task(
    name="workflow.tasks.inspect",
    ignore_result=True,
    soft_time_limit=540,
    time_limit=570,
)
def inspect(**kwargs: Any) -> int:
    """Look for the cases that contradict the rules."""
    at = timezone.now()
    return inspections.inspect(by=None, at=at, clock=timezone.now).found


# Only a worker of the queue `sealing` has the key: that of the site never does.
@shared_task(name="workflow.tasks.seal", ignore_result=True)
def seal(**kwargs: Any) -> int:
    """Seal the events committed since the latest checkpoint."""
    at = timezone.now()
    made = sealing.seal(by=sealing.signer(), at=at)
    if made is None:
        return 0
    witnesses.keep(made, at=at)
    return made.size


@shared_task(name="workflow.tasks.tell_witnesses", ignore_result=True)
def tell_witnesses(**kwargs: Any) -> int:
    """Tell the witnesses of the day what was sealed first."""
    return testimonies.give_due(at=timezone.now())


@shared_task(
    name="workflow.tasks.verify",
    ignore_result=True,
    soft_time_limit=540,
    time_limit=570,
)
def verify(**kwargs: Any) -> int:
    """Verify the whole trail."""
    return verifications.verify_all(at=timezone.now(), clock=timezone.now).found


@shared_task(
    name="workflow.tasks.verify_if_asked",
    ignore_result=True,
    soft_time_limit=540,
    time_limit=570,
)
def verify_if_asked(**kwargs: Any) -> bool:
    """Verify the whole trail if somebody asked for it."""
    return verifications.answer(at=timezone.now(), clock=timezone.now) is not None


@outbox.bell.answered_by
def wake_worker() -> None:
    """Publish a wake-up, without insisting."""
    deliver.apply_async(retry=False)


@bulk.bell.answered_by
def wake_for_batches() -> None:
    """Publish that a batch was started, without insisting."""
    carry_on_batches.apply_async(retry=False)


@verifications.bell.answered_by
def wake_for_verifications() -> None:
    """Publish that a verification was asked for, without insisting."""
    verify_if_asked.apply_async(retry=False)
