"""People who help one another: substitutes, and what is prepared for a decision."""

import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from workflow.models.cases import Case
from workflow.models.journeys import Task
from workflow.models.trail import AppendOnly
from workflow.models.units import Unit


class SubstitutionQuerySet(models.QuerySet["Substitution"]):
    def standing(self) -> "SubstitutionQuerySet":
        """Keep those that nobody has revoked."""
        return self.filter(revoked_at=None)

    def on(self, day: datetime.date) -> "SubstitutionQuerySet":
        """Keep those that run on a day, the first and the last included."""
        return self.standing().filter(first_day__lte=day, last_day__gte=day)

    def during(
        self, first_day: datetime.date, last_day: datetime.date
    ) -> "SubstitutionQuerySet":
        """Keep those that run on one day at least of a period."""
        return self.standing().filter(first_day__lte=last_day, last_day__gte=first_day)


class Substitution(models.Model):
    """Somebody who acts in another's name while she is away (suppléance).

    It is its own record: written once, then revoked at most.

    - `principal`: the person who is away, `substitute` the one who acts for her;
    - `processes`: the names of the procedures it is limited to; none means all;
    - `unit`: the unit it is limited to, when it was set by the head of that unit.
    """

    principal = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="absences",
        verbose_name="personne absente",
    )
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        db_index=False,  # the index of those that run begins with it
        related_name="substitutions",
        verbose_name="suppléant",
    )
    first_day = models.DateField("premier jour")
    last_day = models.DateField("dernier jour")
    processes = models.JSONField("procédures", default=list, blank=True)
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="unité",
    )
    reason = models.CharField("motif", max_length=200, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name="fixée par",
    )
    set_at = models.DateTimeField("fixée le")
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="révoquée par",
    )
    revoked_at = models.DateTimeField("révoquée le", null=True, blank=True)

    objects: ClassVar[SubstitutionQuerySet] = SubstitutionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "suppléance"
        constraints = [
            models.CheckConstraint(
                name="substitution_ends_after_it_starts",
                condition=Q(last_day__gte=F("first_day")),
                violation_error_message="Une absence ne peut finir avant de commencer.",
            ),
            models.CheckConstraint(
                name="substitution_is_by_another",
                condition=~Q(principal=F("substitute")),
                violation_error_message="Personne ne se supplée soi-même.",
            ),
            models.CheckConstraint(
                name="substitution_is_revoked_by_somebody",
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                violation_error_message="Une révocation a un auteur et un moment.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["substitute", "last_day"],
                condition=Q(revoked_at=None),
                name="substitution_of_substitute",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.substitute} pour {self.principal}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        written = set(kwargs.get("update_fields") or ())
        if not self._state.adding and written != {"revoked_by", "revoked_at"}:
            raise AppendOnly(str(self))
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnly(str(self))

    def reaches(self, process: str) -> bool:
        """Tell whether it holds for a procedure."""
        return not self.processes or process in self.processes


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def awaited(self) -> "DelegationQuerySet":
        """Keep those whose answer is still of use to somebody."""
        return self.filter(returned_at=None, withdrawn_at=None, task__finished=None)


class Delegation(models.Model):
    """What a person asks another, or another unit, to prepare before she decides.

    - `by`: who asked, and to whom the answer comes back;
    - `instructions`, `answer`: free texts between them, of which the trail only holds
      SHA-256(salt ‖ text).
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="delegations")
    task = models.ForeignKey(Task, models.PROTECT, related_name="delegations")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name="demandée par",
    )
    to_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="à la personne",
    )
    to_unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="à l’unité",
    )
    instructions = models.TextField("consigne")
    instructions_salt = models.BinaryField(
        "sel de la consigne", max_length=16, blank=True
    )
    due_on = models.DateField("attendue le", null=True, blank=True)
    asked_at = models.DateTimeField("demandée le")
    answer = models.TextField("réponse", blank=True)
    answer_salt = models.BinaryField("sel de la réponse", max_length=16, blank=True)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="rendue par",
    )
    returned_at = models.DateTimeField("rendue le", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="retirée par",
    )
    withdrawn_at = models.DateTimeField("retirée le", null=True, blank=True)

    objects: ClassVar[DelegationQuerySet] = DelegationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "préparation"
        constraints = [
            models.CheckConstraint(
                name="delegation_is_to_a_person_or_a_unit",
                condition=Q(to_user=None) ^ Q(to_unit=None),
                violation_error_message="Choisissez une personne ou une unité.",
            ),
            models.CheckConstraint(
                name="delegation_is_returned_or_withdrawn",
                condition=Q(returned_at=None) | Q(withdrawn_at=None),
                violation_error_message="Ce qui est rendu ne se retire plus.",
            ),
            models.UniqueConstraint(
                fields=["task", "to_user"],
                condition=Q(returned_at=None, withdrawn_at=None),
                name="delegation_is_asked_once_of_a_person",
                violation_error_message="Cette personne prépare déjà cette tâche.",
            ),
            models.UniqueConstraint(
                fields=["task", "to_unit"],
                condition=Q(returned_at=None, withdrawn_at=None),
                name="delegation_is_asked_once_of_a_unit",
                violation_error_message="Cette unité prépare déjà cette tâche.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} · {self.target}"

    @property
    def target(self) -> Any:
        """The person or the unit that prepares."""
        return self.to_user or self.to_unit
