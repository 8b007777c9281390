"""Where operations are: arrondissements, EPCI, communes and mining cités."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from workflow.models import Jurisdiction, Unit


class ArrondissementQuerySet(models.QuerySet["Arrondissement"]):
    def in_programme(self) -> "ArrondissementQuerySet":
        """Keep those that a partnership committee of the programme covers whole."""
        return self.filter(in_programme=True)


class Arrondissement(models.Model):
    """A subdivision of a département, and the jurisdiction of its sub-prefect."""

    code = models.CharField("code Insee", max_length=4, unique=True)
    name = models.CharField("nom", max_length=60)
    departement = models.CharField("département", max_length=3)
    jurisdiction = models.OneToOneField(
        Jurisdiction,
        models.PROTECT,
        related_name="arrondissement",
        verbose_name="ressort",
    )
    in_programme = models.BooleanField("dans le programme", default=False)

    objects: ClassVar[ArrondissementQuerySet] = ArrondissementQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "arrondissement"
        constraints = [
            models.CheckConstraint(
                name="arrondissement_code_begins_with_its_departement",
                condition=Q(code__startswith=F("departement")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EpciQuerySet(models.QuerySet["Epci"]):
    def in_programme(self) -> "EpciQuerySet":
        """Keep the partners of the programme."""
        return self.filter(in_programme=True)


class Epci(models.Model):
    """A grouping of communes; the programme binds eight of them.

    - `committee`: the arrondissement where its operations are handled;
    - `note`: why, when it is not where its communes lie, or has no committee.
    """

    siren = models.CharField("Siren", max_length=9, unique=True)
    name = models.CharField("nom", max_length=150)
    short_name = models.CharField("nom court", max_length=60)
    committee = models.ForeignKey(
        Arrondissement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="epci",
        verbose_name="arrondissement de rattachement",
    )
    note = models.CharField("note sur le rattachement", max_length=300, blank=True)
    in_programme = models.BooleanField("dans le programme", default=False)

    objects: ClassVar[EpciQuerySet] = EpciQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "EPCI"
        verbose_name_plural = "EPCI"
        constraints = [
            models.CheckConstraint(
                name="epci_siren_has_nine_digits", condition=Exact(Length("siren"), 9)
            ),
            models.CheckConstraint(
                name="epci_in_programme_has_a_committee",
                condition=Q(in_programme=False) | Q(committee__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.short_name


class CommuneQuerySet(models.QuerySet["Commune"]):
    def in_programme(self) -> "CommuneQuerySet":
        """Keep those of an arrondissement or of an EPCI of the programme."""
        return self.filter(
            Q(arrondissement__in_programme=True) | Q(epci__in_programme=True)
        )


class Commune(models.Model):
    """A municipality, known by its INSEE code."""

    code = models.CharField("code Insee", max_length=5, unique=True)
    name = models.CharField("nom", max_length=100)
    departement = models.CharField("département", max_length=3)
    arrondissement = models.ForeignKey(
        Arrondissement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="communes",
        verbose_name="arrondissement",
    )
    epci = models.ForeignKey(
        Epci,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="communes",
        verbose_name="EPCI",
    )
    population = models.PositiveIntegerField("population", null=True, blank=True)

    objects: ClassVar[CommuneQuerySet] = CommuneQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "commune"
        constraints = [
            models.CheckConstraint(
                name="commune_code_has_five_characters",
                condition=Exact(Length("code"), 5),
            ),
            models.CheckConstraint(
                name="commune_code_begins_with_its_departement",
                condition=Q(code__startswith=F("departement")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_in_programme(self) -> bool:
        """Tell the same as `CommuneQuerySet.in_programme`, of one commune."""
        return any(
            place is not None and place.in_programme
            for place in (self.arrondissement, self.epci)
        )

    @property
    def committee(self) -> Arrondissement | None:
        """The arrondissement that handles its operations: its EPCI's comes first."""
        if self.epci is not None and self.epci.in_programme:
            return self.epci.committee
        return self.arrondissement


class Cite(models.Model):
    """A mining housing estate; it may straddle several communes.

    - `dwellings`: as its landlord counts them, where a source says so;
    - `unesco`: whether it is inscribed, unknown when null;
    - `source`, `source_date`: where the figures were read, and of which day;
    - `note`: what they count, and what other sources say.
    """

    code = models.SlugField("code", max_length=80, unique=True)
    name = models.CharField("nom", max_length=100)
    communes = models.ManyToManyField(
        Commune, related_name="cites", verbose_name="communes"
    )
    landlord = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cites",
        verbose_name="bailleur",
    )
    dwellings = models.PositiveIntegerField("logements", null=True, blank=True)
    unesco = models.BooleanField("inscrite par l’Unesco", null=True, blank=True)
    source = models.CharField("source", max_length=300)
    source_date = models.DateField("date de la source", null=True, blank=True)
    note = models.CharField("note", max_length=300, blank=True)

    class Meta:
        verbose_name = "cité"
        constraints = [
            models.CheckConstraint(
                name="cite_has_dwellings_when_counted",
                condition=Q(dwellings=None) | Q(dwellings__gt=0),
                violation_error_message=(
                    "Un nombre de logements inconnu reste vide, il n’est pas nul."
                ),
            ),
            models.CheckConstraint(
                name="cite_names_its_source", condition=~Q(source="")
            ),
        ]

    def __str__(self) -> str:
        return self.name
