"""The works of an operation: their phases and milestones, and what they look like."""

import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q

from erbm.operations.models import Document, Operation


class Phase(models.Model):
    """
    A part of the works, or a milestone if it begins and ends on one day.

    - `planned_from`: none for a milestone;
    - `planned_to`: as it stood when the works began, and never changed since;
    - `forecast_to`: when it is now expected to end;
    - `actual_from`, `actual_to`: when it began and ended.
    """

    operation = models.ForeignKey(
        Operation, models.PROTECT, related_name="phases", verbose_name="opération"
    )
    rank = models.PositiveSmallIntegerField("rang")
    name = models.CharField("phase ou jalon", max_length=120)
    dwellings = models.PositiveIntegerField("logements", null=True, blank=True)
    planned_from = models.DateField("début prévu", null=True, blank=True)
    planned_to = models.DateField("fin prévue")
    forecast_to = models.DateField("fin annoncée", null=True, blank=True)
    actual_from = models.DateField("commencée le", null=True, blank=True)
    actual_to = models.DateField("terminée le", null=True, blank=True)

    class Meta:
        verbose_name = "phase des travaux"
        verbose_name_plural = "phases des travaux"
        ordering = ("rank",)
        constraints = [
            models.UniqueConstraint(
                fields=["operation", "rank"], name="phase_has_its_own_rank"
            ),
            models.CheckConstraint(
                name="phase_is_planned_to_end_after_it_begins",
                condition=Q(planned_from=None) | Q(planned_to__gte=F("planned_from")),
            ),
            models.CheckConstraint(
                name="phase_ends_after_it_begins",
                condition=Q(actual_from=None)
                | Q(actual_to=None)
                | Q(actual_to__gte=F("actual_from")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_milestone(self) -> bool:
        return self.planned_from is None

    @property
    def expected_to(self) -> datetime.date:
        """When it ended, or is now expected to."""
        return self.actual_to or self.forecast_to or self.planned_to

    @property
    def days_late(self) -> int:
        """Return by how many days it misses what was planned; below zero, it leads."""
        return (self.expected_to - self.planned_to).days

    @property
    def noted(self) -> dict[str, Any]:
        """The phase as the trail keeps it in clear: its name is kept apart."""
        days = ("planned_from", "planned_to", "forecast_to", "actual_from", "actual_to")
        dwellings = None if self.dwellings is None else str(self.dwellings)
        return {"dwellings": dwellings, **{name: getattr(self, name) for name in days}}


class Photo(models.Model):
    """What a document shows of the works, and when it was taken."""

    document = models.OneToOneField(
        Document,
        models.PROTECT,
        primary_key=True,
        related_name="photo",
        verbose_name="pièce",
    )
    taken_on = models.DateField("prise le")

    class Meta:
        verbose_name = "photographie"

    def __str__(self) -> str:
        return str(self.document)
