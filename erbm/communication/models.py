"""An occasion on which an operation is shown to the public or to the press."""

import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from erbm.operations.models import Operation
from workflow.models import Unit


class Occasion(models.TextChoices):
    VISIT = "visit", "Visite"
    FIRST_STONE = "first_stone", "Pose de première pierre"
    SHOW_HOUSE = "show_house", "Présentation d’un logement témoin"
    MEETING = "meeting", "Réunion publique"
    INAUGURATION = "inauguration", "Inauguration"
    SIGNING = "signing", "Signature"
    OTHER = "other", "Autre événement"


class PublicEventQuerySet(models.QuerySet["PublicEvent"]):
    def held(self) -> "PublicEventQuerySet":
        """Keep those that were not called off."""
        return self.filter(called_off_at=None)

    def between(
        self, first: datetime.datetime, last: datetime.datetime
    ) -> "PublicEventQuerySet":
        """Keep those that begin from a moment on, and before another."""
        return self.filter(starts_at__gte=first, starts_at__lt=last)

    def on_operations(
        self, operations: "models.QuerySet[Operation]"
    ) -> "PublicEventQuerySet":
        return self.filter(operation__in=operations.values("pk"))

    def told(self) -> "PublicEventQuerySet":
        """Read with each what a calendar says of it."""
        return self.select_related("operation__case__jurisdiction", "organiser")


class PublicEvent(models.Model):
    """
    A visit, an inauguration…, of one operation.

    - `organiser`: the unit that invites;
    - `ends_at`: none when nobody knows yet;
    - `called_off_at`, `called_off_because`: since when it will not take place, and why.
    """

    operation = models.ForeignKey(
        Operation,
        models.PROTECT,
        related_name="public_events",
        verbose_name="opération",
    )
    occasion = models.CharField("nature", max_length=20, choices=Occasion.choices)
    title = models.CharField("intitulé", max_length=200)
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin", null=True, blank=True)
    place = models.CharField("lieu", max_length=200)
    note = models.TextField("précisions", blank=True)
    organiser = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name="organisateur"
    )
    announced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name="annoncé par",
    )
    announced_at = models.DateTimeField("annoncé le")
    called_off_at = models.DateTimeField("annulé le", null=True, blank=True)
    called_off_because = models.CharField(
        "motif de l’annulation", max_length=300, blank=True
    )

    objects: ClassVar[PublicEventQuerySet] = PublicEventQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "événement de communication"
        verbose_name_plural = "événements de communication"
        constraints = [
            models.CheckConstraint(
                name="public_event_ends_after_it_starts",
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
            ),
            models.CheckConstraint(
                name="public_event_occasion_is_known",
                condition=Q(occasion__in=Occasion.values),
            ),
            models.CheckConstraint(
                name="public_event_is_called_off_with_a_reason",
                condition=Q(called_off_at=None, called_off_because="")
                | (Q(called_off_at__isnull=False) & ~Q(called_off_because="")),
            ),
        ]
        indexes = [models.Index(fields=["starts_at", "id"], name="public_event_by_day")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_called_off(self) -> bool:
        return self.called_off_at is not None
