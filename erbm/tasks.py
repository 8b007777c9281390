"""The shell's own periodic task: show that beat and a worker are alive."""

from typing import Any

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

HEARTBEAT = "beat_seen_at"
REMEMBERED = 24 * 3600


@shared_task
def beat_heart(**kwargs: Any) -> None:
    """Write down when beat last asked, through the broker, for a worker."""
    cache.set(HEARTBEAT, timezone.now(), REMEMBERED)
