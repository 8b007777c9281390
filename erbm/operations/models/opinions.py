"""The opinions that consulted services gave on an operation, and their conditions."""

from django.conf import settings
from django.db import models

from flows.hearings import LONGEST_CONDITION
from workflow.models import Unit


class Direction(models.TextChoices):
    FAVOURABLE = "favourable", "Favorable"
    WITH_RESERVATIONS = "with_reservations", "Favorable avec réserves"
    UNFAVOURABLE = "unfavourable", "Défavorable"
    NO_OBSERVATION = "no_observation", "Sans observation"


class Opinion(models.Model):
    """
    What one unit said of an operation.

    - `document`: the letter or the report that it joined.
    """

    operation = models.ForeignKey(
        "operations.Operation",
        models.PROTECT,
        related_name="opinions",
        verbose_name="opération",
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name="unité"
    )
    direction = models.CharField("sens", max_length=20, choices=Direction.choices)
    text = models.TextField("observations et réserves", blank=True)
    document = models.ForeignKey(
        "operations.Document",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="opinions",
        verbose_name="pièce jointe à l’avis",
    )
    given_on = models.DateField("rendu le")
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name="rendu par",
    )

    class Meta:
        verbose_name = "avis"
        verbose_name_plural = "avis"
        constraints = [
            models.CheckConstraint(
                name="opinion_direction_is_known",
                condition=models.Q(direction__in=Direction.values),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} : {self.get_direction_display()}"


class Condition(models.Model):
    """What a service asks of the owner, to be followed once the operation is decided.

    It binds nobody by itself: whoever decides accepts it, or does not.
    """

    opinion = models.ForeignKey(
        Opinion, models.PROTECT, related_name="conditions", verbose_name="avis"
    )
    wording = models.CharField("condition", max_length=LONGEST_CONDITION)
    due_on = models.DateField("à remplir avant le")

    class Meta:
        verbose_name = "condition d’un avis"
        verbose_name_plural = "conditions des avis"

    def __str__(self) -> str:
        return self.wording
