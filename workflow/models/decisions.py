"""Who is kept away from a case's decisions, and how each opinion asked for counts."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from workflow.models.cases import Case
from workflow.models.journeys import Task
from workflow.models.trail import Event
from workflow.opinions import Meaning

STANDING = Q(lifted_by=None)
MEANINGS = [(meaning.value, meaning.label) for meaning in Meaning]


class ConflictQuerySet(models.QuerySet["Conflict"]):
    def standing(self) -> "ConflictQuerySet":
        """Keep those that nobody has lifted."""
        return self.filter(STANDING)


class Conflict(models.Model):
    """
    A person whom an interest of hers keeps away from the decisions of a case.

    The reason is a text of the event that declares it, where it can be erased.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="conflicts")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name="personne",
    )
    declared_by = models.ForeignKey(
        Event, models.PROTECT, related_name="+", verbose_name="déclaré par"
    )
    lifted_by = models.ForeignKey(
        Event, models.PROTECT, null=True, related_name="+", verbose_name="levé par"
    )

    objects: ClassVar[ConflictQuerySet] = ConflictQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "conflit d’intérêts"
        verbose_name_plural = "conflits d’intérêts"
        constraints = [
            # It also finds at once the few cases that a person is kept away from.
            models.UniqueConstraint(
                fields=["user", "case"],
                condition=STANDING,
                name="conflict_is_declared_once",
                violation_error_message="Ce conflit d’intérêts est déjà déclaré.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.case_id}"


def apart_from_conflicts(by: Any) -> Q:
    """Leave out the rows whose case a person is kept away from."""
    # A set of a few ids, read once: it leaves the plan of a long list as it was.
    return ~Q(case__in=Conflict.objects.standing().filter(user=by).values("case"))


class Consulted(models.Model):
    """
    What one unit answered to a consultation, or what its silence will say.

    - `said`: how its opinion counts; nothing while it has not given any;
    - `is_late`: it was given after its time: it is kept, and its silence counts;
    - `withdrawn_at`: since when it is not asked any more.
    """

    task = models.OneToOneField(
        Task, models.PROTECT, primary_key=True, related_name="consulted"
    )
    consultation = models.CharField("consultation", max_length=40)
    silence = models.CharField("sens du silence", max_length=20, choices=MEANINGS)
    said = models.CharField("sens", max_length=20, choices=MEANINGS, blank=True)
    said_by = models.ForeignKey(
        Event, models.PROTECT, null=True, related_name="+", verbose_name="rendu par"
    )
    is_late = models.BooleanField("hors délai", default=False)
    withdrawn_at = models.DateTimeField("retirée le", null=True)

    class Meta:
        verbose_name = "unité consultée"
        constraints = [
            models.CheckConstraint(
                name="consulted_said_what_an_event_tells",
                condition=Q(said="", said_by=None, is_late=False)
                | (~Q(said="") & Q(said_by__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} : {self.said or 'avis attendu'}"
