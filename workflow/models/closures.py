"""When a unit is closed."""

import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from workflow.models.units import Unit


class ClosureQuerySet(models.QuerySet["Closure"]):
    def not_over(self, on: datetime.date) -> "ClosureQuerySet":
        """Keep those that run on a day or are to come, in their order."""
        return self.filter(last_on__gte=on).order_by("first_on", "id")


class Closure(models.Model):
    """Some days, in a row, on which a unit does not work.

    They lengthen the delays in worked days of what is asked of it.
    """

    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="closures", verbose_name="unité"
    )
    first_on = models.DateField("premier jour")
    last_on = models.DateField("dernier jour")
    label = models.CharField("motif", max_length=100)

    objects: ClassVar[ClosureQuerySet] = ClosureQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "fermeture"
        constraints = [
            models.CheckConstraint(
                name="closure_ends_after_it_starts",
                condition=Q(last_on__gte=F("first_on")),
                violation_error_message="Elle ne peut finir avant de commencer.",
            ),
            models.UniqueConstraint(
                fields=["unit", "first_on", "last_on"],
                name="closure_is_said_once",
                violation_error_message="Cette fermeture est déjà inscrite.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.label}"

    @property
    def days(self) -> list[datetime.date]:
        """Every day of it."""
        length = (self.last_on - self.first_on).days + 1
        return [self.first_on + datetime.timedelta(days=n) for n in range(length)]
