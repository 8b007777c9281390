"""What Celery runs: it is woken, or it sweeps; the rows decide what is to be done."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from workflow import outbox


@shared_task(name="workflow.tasks.deliver", ignore_result=True)
def deliver(limit: int = 50, **kwargs: Any) -> int:
    """Deliver the messages that are due."""
    return outbox.deliver(limit=limit, at=timezone.now())


@shared_task(name="workflow.tasks.sweep", ignore_result=True)
def sweep(**kwargs: Any) -> int:
    """Deliver what no wake-up announced."""
    return outbox.deliver(limit=200, at=timezone.now())


@outbox.on_wake
def wake_worker() -> None:
    """Publish a wake-up, without insisting."""
    deliver.apply_async(retry=False)
