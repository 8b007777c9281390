"""What is set aside for operations whose grants are not programmed yet."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from erbm.programme.models.envelopes import Envelope
from erbm.programme.schemes import GRANTED_CHOICES
from workflow.models import Case


class ReservationQuerySet(models.QuerySet["Reservation"]):
    def live(self) -> "ReservationQuerySet":
        """Keep those that still hold something."""
        return self.filter(cents__gt=0)


class Reservation(models.Model):
    """
    Money that waits in an envelope for an operation.

    `cents`: what is left of it, part of what the envelope says is reserved. A grant
    that is programmed takes its own over; nil, it has been handed over or set free.
    Only the functions of `erbm.programme.reservations` change it.
    """

    envelope = models.ForeignKey(
        Envelope,
        models.PROTECT,
        related_name="reservations",
        verbose_name="enveloppe",
    )
    case = models.ForeignKey(
        Case, models.PROTECT, related_name="+", verbose_name="dossier"
    )
    scheme = models.CharField("dispositif", max_length=20, choices=GRANTED_CHOICES)
    cents = models.BigIntegerField("réservé en centimes")

    objects: ClassVar[ReservationQuerySet] = ReservationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "réservation"
        constraints = [
            models.CheckConstraint(
                name="reservation_is_not_negative", condition=Q(cents__gte=0)
            ),
            models.UniqueConstraint(
                fields=["case", "scheme"],
                condition=Q(cents__gt=0),
                name="reservation_is_alone_under_its_scheme",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}, {self.envelope}"
