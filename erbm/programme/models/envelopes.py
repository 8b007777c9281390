"""What may be spent under a scheme, in a year and on a territory."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from erbm.programme.schemes import GRANTED, GRANTED_CHOICES, Scheme
from workflow.models import Jurisdiction

DEPARTEMENTS = {"59": "Nord", "62": "Pas-de-Calais"}


class Level(models.TextChoices):
    REGION = "region", "Région"
    DEPARTEMENT = "departement", "Département"
    ARRONDISSEMENT = "arrondissement", "Arrondissement"

    @property
    def below(self) -> "Level | None":
        """The level to which an envelope of this one is delegated."""
        levels = list(Level)
        rank = levels.index(self) + 1
        return levels[rank] if rank < len(levels) else None


class EnvelopeQuerySet(models.QuerySet["Envelope"]):
    def with_places(self) -> "EnvelopeQuerySet":
        """Read with each what its name is made of."""
        return self.select_related("jurisdiction")

    def in_order(self) -> "EnvelopeQuerySet":
        """Sort by year, scheme and territory: the widest first."""
        return self.order_by(
            "-year",
            "scheme",
            "departement",
            Coalesce("jurisdiction__name", models.Value("")),
        )


class Envelope(models.Model):
    """
    The credits of a scheme for a year on a territory, and what became of them.

    Each cent granted is in one place: delegated to an envelope below, reserved for a
    line that is programmed, awarded by an act, or free. What is committed is part of
    what is awarded, and what is paid part of what is committed. Only the functions of
    `erbm.programme.envelopes` change the amounts.
    """

    scheme = models.CharField("dispositif", max_length=20, choices=GRANTED_CHOICES)
    year = models.PositiveSmallIntegerField("exercice")
    level = models.CharField(
        "échelon", max_length=20, choices=Level.choices, default=Level.REGION
    )
    departement = models.CharField("département", max_length=3, blank=True, default="")
    jurisdiction = models.ForeignKey(
        Jurisdiction,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="arrondissement",
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name="délégante",
    )
    granted_cents = models.BigIntegerField("dotation en centimes", default=0)
    delegated_cents = models.BigIntegerField("délégué en centimes", default=0)
    reserved_cents = models.BigIntegerField("réservé en centimes", default=0)
    awarded_cents = models.BigIntegerField("attribué en centimes", default=0)
    committed_cents = models.BigIntegerField("engagé en centimes", default=0)
    paid_cents = models.BigIntegerField("payé en centimes", default=0)

    objects: ClassVar[EnvelopeQuerySet] = EnvelopeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "enveloppe"
        constraints = [
            models.CheckConstraint(
                name="envelope_scheme_is_known",
                condition=Q(scheme__in=[scheme.value for scheme in GRANTED]),
            ),
            models.CheckConstraint(
                name="envelope_territory_fits_its_level",
                condition=Q(level="region", departement="", jurisdiction=None)
                | Q(level="departement", jurisdiction=None) & ~Q(departement="")
                | Q(level="arrondissement", jurisdiction__isnull=False)
                & ~Q(departement=""),
            ),
            models.CheckConstraint(
                name="envelope_amounts_are_not_negative",
                condition=Q(
                    delegated_cents__gte=0, reserved_cents__gte=0, paid_cents__gte=0
                ),
            ),
            models.CheckConstraint(
                name="envelope_is_never_overdrawn",
                condition=Q(
                    granted_cents__gte=F("delegated_cents")
                    + F("reserved_cents")
                    + F("awarded_cents")
                ),
            ),
            models.CheckConstraint(
                name="envelope_commits_what_it_awarded",
                condition=Q(awarded_cents__gte=F("committed_cents")),
            ),
            models.CheckConstraint(
                name="envelope_pays_what_it_committed",
                condition=Q(committed_cents__gte=F("paid_cents")),
            ),
            models.UniqueConstraint(
                fields=["scheme", "year", "departement", "jurisdiction"],
                name="envelope_is_alone_in_its_arrondissement",
            ),
            models.UniqueConstraint(
                fields=["scheme", "year", "departement"],
                condition=Q(jurisdiction=None),
                name="envelope_is_alone_in_its_departement",
            ),
        ]

    def __str__(self) -> str:
        return f"{Scheme(self.scheme).label} {self.year}, {self.territory}"

    @property
    def territory(self) -> str:
        """Where it may be spent, in words."""
        if self.jurisdiction is not None:
            return self.jurisdiction.name
        if self.departement:
            return DEPARTEMENTS.get(self.departement, self.departement)
        return "région"

    @property
    def free_cents(self) -> int:
        """What is neither delegated, nor reserved, nor awarded."""
        held = self.delegated_cents + self.reserved_cents + self.awarded_cents
        return self.granted_cents - held
