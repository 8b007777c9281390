"""What Celery runs: the letters of the day."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from erbm.notices import notifications
from workflow import digests


@shared_task(name="erbm.notices.tasks.send_digests", ignore_result=True)
def send_digests(**kwargs: Any) -> int:
    """Send the letters of the day that have not left yet."""
    return digests.send_due(at=timezone.now(), send=notifications.send_digest)
