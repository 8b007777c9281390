"""When funds are asked for together, what else counts, and what services plan."""

from django.db import models
from django.db.models import F, Q

from erbm.programme.models.themes import Theme
from workflow.models import Case, Unit


class Campaign(models.Model):
    """A window of deposit, the committee of the financers, the joint notification."""

    name = models.CharField("nom", max_length=120, unique=True)
    opens_on = models.DateField("dépôt à partir du")
    closes_on = models.DateField("dépôt jusqu’au")
    committee_on = models.DateField("comité des financeurs le", null=True, blank=True)
    notified_on = models.DateField("notification conjointe le", null=True, blank=True)

    class Meta:
        verbose_name = "campagne"
        constraints = [
            models.CheckConstraint(
                name="campaign_closes_after_it_opens",
                condition=Q(closes_on__gte=F("opens_on")),
                violation_error_message="Une campagne commence avant de finir.",
            ),
            models.CheckConstraint(
                name="campaign_is_decided_after_it_closes",
                condition=Q(committee_on=None) | Q(committee_on__gte=F("closes_on")),
                violation_error_message="Le comité se tient après la fin des dépôts.",
            ),
            models.CheckConstraint(
                name="campaign_is_notified_after_its_committee",
                condition=Q(notified_on=None)
                | Q(committee_on__isnull=False, notified_on__gte=F("committee_on")),
                violation_error_message="La notification suit le comité.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """Another account in which an operation also counts: CRTE, CPER, recovery plan…"""

    code = models.SlugField("code", max_length=40, unique=True)
    label = models.CharField("intitulé", max_length=120)
    rank = models.PositiveSmallIntegerField("rang", default=0)

    class Meta:
        verbose_name = "étiquette"

    def __str__(self) -> str:
        return self.label


class Tagging(models.Model):
    """A case that counts under a tag."""

    tag = models.ForeignKey(
        Tag, models.PROTECT, related_name="taggings", verbose_name="étiquette"
    )
    case = models.ForeignKey(
        Case, models.PROTECT, related_name="+", verbose_name="dossier"
    )

    class Meta:
        verbose_name = "étiquetage"
        constraints = [
            models.UniqueConstraint(
                fields=["tag", "case"], name="tagging_counts_a_case_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tag} · {self.case}"


class ServicePlan(models.Model):
    """What a service or an operator means to spend in a year, on what."""

    year = models.PositiveSmallIntegerField("exercice")
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name="service ou opérateur"
    )
    label = models.CharField("action", max_length=200)
    theme = models.ForeignKey(
        Theme,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="thème",
    )
    planned_cents = models.BigIntegerField("prévu en centimes")
    spent_cents = models.BigIntegerField("réalisé en centimes", default=0)

    class Meta:
        verbose_name = "programmation d’un service"
        verbose_name_plural = "programmation des services"
        constraints = [
            models.CheckConstraint(
                name="service_plan_amounts_are_not_negative",
                condition=Q(planned_cents__gte=0, spent_cents__gte=0),
            ),
            models.UniqueConstraint(
                fields=["year", "unit", "label"],
                name="service_plan_is_written_once",
                violation_error_message="Cette action est déjà inscrite.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit.short_name} {self.year} : {self.label}"
