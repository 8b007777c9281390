"""What a person has begun to type for a move, and has not yet said."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from workflow.models.cases import Case
from workflow.models.journeys import Task
from workflow.models.units import Unit


class Draft(models.Model):
    """
    What a person has typed for a move: it decides nothing, and leaves no trace.

    - `task`: what it answers, if the move answers one: it ends with it;
    - `values`: what was typed, as it was, by the name of the field;
    - `is_shared`: whether the colleagues of the unit may take it up.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name="auteur",
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name="unité"
    )
    case = models.ForeignKey(
        Case, models.PROTECT, db_index=False, related_name="drafts"
    )
    move = models.CharField("geste", max_length=60)
    task = models.ForeignKey(Task, models.PROTECT, null=True, related_name="drafts")
    values = models.JSONField("saisie", default=dict)
    is_shared = models.BooleanField("partagé", default=False)
    saved_at = models.DateTimeField("enregistré le", db_index=True)

    class Meta:
        verbose_name = "brouillon"
        constraints = [
            models.UniqueConstraint(
                fields=["case", "move", "user", "task"],
                name="draft_of_a_task_is_one",
                violation_error_message="Ce brouillon existe déjà.",
            ),
            models.UniqueConstraint(
                fields=["case", "move", "user"],
                condition=Q(task=None),
                name="draft_without_task_is_one",
                violation_error_message="Ce brouillon existe déjà.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.move} · {self.user}"
