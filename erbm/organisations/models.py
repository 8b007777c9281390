"""What a unit is in public life: a State service, an operator, a commune…"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from erbm.territory.models import Commune, Epci
from flows.roles import Role
from workflow.cases import bound_processes
from workflow.models import Competence, Unit


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
    siret = models.CharField(
        "Siret",
        max_length=14,
        blank=True,
        help_text="Celui du siège ; il figure dans les données publiées.",
    )
    postal_address = models.CharField(
        "adresse postale",
        max_length=300,
        blank=True,
        help_text="Sur une ligne ; elle figure sur les accusés de réception "
        "(CRPA, art. R. 112-5).",
    )
    telephone = models.CharField("téléphone", max_length=30, blank=True)
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
                name="organisation_siret_has_fourteen_digits",
                condition=Q(siret="") | Q(siret__regex=r"^\d{14}$"),
                violation_error_message="Un Siret a quatorze chiffres.",
            ),
            models.CheckConstraint(
                name="organisation_with_a_commune_is_one",
                condition=Q(commune=None) | Q(category=Category.COMMUNE),
                violation_error_message=(
                    "Seul un organisme de catégorie commune renvoie à une commune."
                ),
            ),
            models.CheckConstraint(
                name="organisation_with_an_epci_is_one",
                condition=Q(epci=None) | Q(category=Category.EPCI),
                violation_error_message=(
                    "Seul un organisme de catégorie EPCI renvoie à un EPCI."
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.unit)


class Remit(Competence):
    """A competence in the words of the ERBM, as the administration keeps it."""

    class Meta:
        proxy = True
        verbose_name = "compétence"

    def __str__(self) -> str:
        where = self.jurisdiction or "partout"
        return f"{self.process_title}, {self.role_label}, {where} → {self.unit}"

    @property
    def role_label(self) -> str:
        return dict(Role.choices).get(self.role, self.role)

    @property
    def process_title(self) -> str:
        return process_titles().get(self.process, self.process)


def process_titles() -> dict[str, str]:
    """Return the titles of the procedures, by name, in their latest versions."""
    return {process.name: process.title for process in bound_processes()}
