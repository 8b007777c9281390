"""The rules that say whose opinion an operation needs."""

from django.db import models

from workflow.deadlines import Months
from workflow.models import Unit
from workflow.opinions import Meaning, Terms

SILENCES = [(meaning.value, meaning.deemed) for meaning in Meaning]


class ConsultationRule(models.Model):
    """One unit to consult, for a kind of operation and under conditions.

    An empty `departement` means everywhere. `months` and `silence`, when they are
    given, are the unit's own: how long it has, and what its silence means.
    """

    kind = models.CharField("nature", max_length=20)
    departement = models.CharField("département", max_length=3, blank=True)
    protected_only = models.BooleanField("en secteur protégé seulement", default=False)
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name="unité consultée"
    )
    months = models.PositiveSmallIntegerField("délai en mois", null=True, blank=True)
    silence = models.CharField(
        "sens du silence", max_length=20, blank=True, choices=SILENCES
    )

    class Meta:
        verbose_name = "règle de consultation"
        verbose_name_plural = "règles de consultation"
        constraints = [
            models.CheckConstraint(
                name="consultation_rule_leaves_some_time",
                condition=models.Q(months=None) | models.Q(months__gte=1),
                violation_error_message="Le délai est d’un mois au moins.",
            ),
            models.UniqueConstraint(
                fields=["kind", "departement", "unit"],
                name="consultation_rule_is_written_once",
                violation_error_message="Cette règle existe déjà.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.unit}"

    @property
    def terms(self) -> Terms:
        """What differs for the unit, from what the procedure says of all."""
        return Terms(
            due=Months(self.months) if self.months else None,
            silence=Meaning(self.silence) if self.silence else None,
        )
