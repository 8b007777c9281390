"""The rules that say whose opinion an operation needs."""

from django.db import models

from workflow.models import Unit


class ConsultationRule(models.Model):
    """One unit to consult, for a kind of operation and under conditions.

    An empty `departement` means everywhere.
    """

    kind = models.CharField("nature", max_length=20)
    departement = models.CharField("département", max_length=3, blank=True)
    protected_only = models.BooleanField("en secteur protégé seulement", default=False)
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name="unité consultée"
    )

    class Meta:
        verbose_name = "règle de consultation"
        verbose_name_plural = "règles de consultation"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "departement", "unit"],
                name="consultation_rule_is_written_once",
                violation_error_message="Cette règle existe déjà.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.unit}"
