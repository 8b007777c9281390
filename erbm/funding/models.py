"""Who pays what: the lines of an operation's financing plan."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from erbm.programme.schemes import Scheme
from workflow.models import Unit

__all__ = ["Line", "Scheme"]


class LineQuerySet(models.QuerySet["Line"]):
    def grants(self) -> "LineQuerySet":
        """Keep what others than the owner pay."""
        return self.exclude(scheme=Scheme.OWN)

    def followed_elsewhere(self) -> "LineQuerySet":
        """Keep those that no grant of this register follows."""
        return self.filter(is_followed=False)

    def awaiting_notification(self) -> "LineQuerySet":
        return self.grants().filter(notified_on=None)

    def awaiting_settlement(self) -> "LineQuerySet":
        return self.grants().filter(settled_on=None)


class Line(models.Model):
    """
    One funder's part in the cost of an operation.

    `is_followed`: a grant of this register asks for it; its notification and its
    balance are then those of the grant, and are written nowhere else.
    """

    operation = models.ForeignKey(
        "operations.Operation",
        models.PROTECT,
        related_name="lines",
        verbose_name="opération",
    )
    scheme = models.CharField("dispositif", max_length=20, choices=Scheme.choices)
    funder = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="financeur",
    )
    amount_cents = models.BigIntegerField("montant en centimes")
    notified_on = models.DateField("notifiée le", null=True, blank=True)
    notification = models.CharField("référence de l’acte", max_length=100, blank=True)
    settled_on = models.DateField("soldée le", null=True, blank=True)
    is_followed = models.BooleanField("suivie par une subvention", default=False)

    objects: ClassVar[LineQuerySet] = LineQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "ligne de financement"
        constraints = [
            models.CheckConstraint(
                name="line_amount_is_positive", condition=Q(amount_cents__gt=0)
            ),
            models.CheckConstraint(
                name="line_scheme_is_known", condition=Q(scheme__in=Scheme.values)
            ),
            models.CheckConstraint(
                name="line_is_settled_after_it_is_notified",
                condition=Q(settled_on=None) | Q(notified_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        name = self.get_scheme_display()
        if self.funder is None or self.funder.short_name == name:
            return name
        return f"{name} ({self.funder.short_name})"

    @property
    def noted(self) -> dict[str, str | None]:
        """The line as the trail keeps it."""
        return {
            "scheme": str(self.scheme),
            "funder": self.funder.code if self.funder else None,
            "amount_cents": str(self.amount_cents),
        }
