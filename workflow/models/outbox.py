"""What must be told: one row for each listener of an event."""

import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from workflow.models.trail import Event

WAITING = Q(done_at=None, parked_at=None)


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, at: datetime.datetime) -> "MessageQuerySet":
        """Keep those that nobody holds and whose time has come, oldest first."""
        return (
            self.filter(WAITING, due_at__lte=at)
            .filter(Q(lease_until=None) | Q(lease_until__lt=at))
            .order_by("due_at", "id")
        )

    def incidents(self) -> "MessageQuerySet":
        """Keep those given up after too many attempts."""
        return self.filter(done_at=None, parked_at__isnull=False)


class Message(models.Model):
    """One effect that one listener owes to one event.

    - `key`: what makes the effect recognisable when it is done twice;
    - `lease_until`: until when a worker holds it;
    - `parked_at`: since when it is an incident.
    """

    event = models.ForeignKey(Event, models.PROTECT, related_name="messages")
    listener = models.CharField("destinataire", max_length=200)
    key = models.CharField("clé", max_length=250, unique=True)
    due_at = models.DateTimeField("à partir de")
    lease_until = models.DateTimeField("retenu jusqu’à", null=True)
    attempts = models.PositiveSmallIntegerField("tentatives", default=0)
    latest_error = models.TextField("dernière erreur", blank=True)
    done_at = models.DateTimeField("fait le", null=True)
    parked_at = models.DateTimeField("abandonné le", null=True)

    objects: ClassVar[MessageQuerySet] = MessageQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "message"
        constraints = [
            models.CheckConstraint(
                name="message_is_done_or_parked",
                condition=Q(done_at=None) | Q(parked_at=None),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=WAITING, name="message_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.listener} ← {self.event_id}"
