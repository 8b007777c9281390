"""Who may act: units, the people in them, and what each unit is competent for."""

import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

if TYPE_CHECKING:
    from workflow.models.people import Substitution


class Jurisdiction(models.Model):
    """A territory over which a role is held (ressort)."""

    code = models.CharField("code", max_length=40, unique=True)
    name = models.CharField("nom", max_length=150)

    class Meta:
        verbose_name = "ressort"

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """A body to which tasks are addressed: a service, an operator, a collectivité."""

    code = models.SlugField("code", max_length=80, unique=True)
    name = models.CharField("nom", max_length=200)
    short_name = models.CharField("nom court", max_length=60)
    email = models.EmailField("boîte fonctionnelle", blank=True)
    is_active = models.BooleanField("en activité", default=True)
    # Whether it has closures: what has none costs no query.
    has_closures = models.BooleanField(
        "ferme parfois", default=False, db_default=False, editable=False
    )

    class Meta:
        verbose_name = "unité"

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, on: datetime.date) -> "MembershipQuerySet":
        """Keep those that run on a day: of open accounts, in units that still exist."""
        return self.filter(
            Q(ends_on=None) | Q(ends_on__gte=on),
            starts_on__lte=on,
            unit__is_active=True,
            user__is_active=True,
        )


class Membership(models.Model):
    """A role held by a person, through a unit, over a territory, for a period.

    No jurisdiction means the whole territory of the unit. `is_head` says that the
    person heads the unit: she arranges who works there, and decides nothing by it.
    `substitution` is set on those that somebody else holds while the person is away.
    """

    substitution: "Substitution | None" = None

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="memberships",
        verbose_name="personne",
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="memberships", verbose_name="unité"
    )
    role = models.CharField("rôle", max_length=40)
    jurisdiction = models.ForeignKey(
        Jurisdiction,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="ressort",
    )
    starts_on = models.DateField("depuis le")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    is_head = models.BooleanField("responsable de l’unité", default=False)

    objects: ClassVar[MembershipQuerySet] = MembershipQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "appartenance"
        constraints = [
            models.CheckConstraint(
                name="membership_ends_after_it_starts",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="Un rôle ne peut finir avant de commencer.",
            ),
            models.UniqueConstraint(
                fields=["user", "unit", "role", "jurisdiction", "starts_on"],
                name="membership_is_held_once",
                violation_error_message="Cette personne tient déjà ce rôle.",
            ),
            models.UniqueConstraint(
                fields=["user", "unit", "role", "starts_on"],
                condition=Q(jurisdiction=None),
                name="membership_is_held_once_everywhere",
                violation_error_message="Cette personne tient déjà ce rôle.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.role} · {self.unit}"

    def covers(self, jurisdiction_id: int) -> bool:
        """Tell whether it reaches a jurisdiction."""
        return self.jurisdiction_id in {None, jurisdiction_id}

    def reaches(self, process: str) -> bool:
        """Tell whether whoever holds it may use it in a procedure."""
        return self.substitution is None or self.substitution.reaches(process)

    @property
    def principal(self) -> Any:
        """The person in whose name it is held; none when it is one's own."""
        return self.substitution.principal if self.substitution else None


class Competence(models.Model):
    """Which unit plays a role in a procedure, in a jurisdiction or everywhere."""

    process = models.CharField("procédure", max_length=40)
    role = models.CharField("rôle", max_length=40)
    jurisdiction = models.ForeignKey(
        Jurisdiction,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="ressort",
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="competences", verbose_name="unité"
    )

    class Meta:
        verbose_name = "compétence"
        constraints = [
            models.UniqueConstraint(
                fields=["process", "role", "jurisdiction"],
                name="competence_is_held_by_one_unit",
                violation_error_message="Une unité a déjà ce rôle dans ce ressort.",
            ),
            models.UniqueConstraint(
                fields=["process", "role"],
                condition=Q(jurisdiction=None),
                name="competence_is_held_by_one_unit_everywhere",
                violation_error_message="Une unité a déjà ce rôle partout.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.process} · {self.role} · {self.unit}"
