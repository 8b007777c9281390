"""What a unit is in public life: a State service, an operator, a commune…"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from erbm.territory.models import Commune, Epci
from workflow.models import Unit


class Category(models.TextChoices):
    STATE = "state", "service de l’État"
    OPERATOR = "operator", "opérateur de l’État"
    REGION = "region", "Région"
    DEPARTEMENT = "departement", "Département"
    EPCI = "epci", "EPCI"
    COMMUNE = "commune", "commune"
    LANDLORD = "landlord", "bailleur social"
    OTHER = "other", "autre organisme"


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def landlords(self) -> "OrganisationQuerySet":
        return self.filter(category=Category.LANDLORD)

    def collectivites(self) -> "OrganisationQuerySet":
        """Keep the local authorities, which carry subsidised projects."""
        return self.filter(
            category__in=[
                Category.REGION,
                Category.DEPARTEMENT,
                Category.EPCI,
                Category.COMMUNE,
            ]
        )


class Organisation(models.Model):
    """The body behind a unit."""

    unit = models.OneToOneField(
        Unit,
        models.PROTECT,
        primary_key=True,
        related_name="organisation",
        verbose_name="unité",
    )
    category = models.CharField("catégorie", max_length=20, choices=Category.choices)
    siren = models.CharField("Siren", max_length=9, blank=True)
    commune = models.OneToOneField(
        Commune,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="organisation",
        verbose_name="commune",
    )
    epci = models.OneToOneField(
        Epci,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="organisation",
        verbose_name="EPCI",
    )

    objects: ClassVar[OrganisationQuerySet] = OrganisationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "organisme"
        constraints = [
            models.CheckConstraint(
                name="organisation_category_is_known",
                condition=Q(category__in=Category.values),
            ),
            models.CheckConstraint(
                name="organisation_with_a_commune_is_one",
                condition=Q(commune=None) | Q(category=Category.COMMUNE),
            ),
            models.CheckConstraint(
                name="organisation_with_an_epci_is_one",
                condition=Q(epci=None) | Q(category=Category.EPCI),
            ),
        ]

    def __str__(self) -> str:
        return str(self.unit)
