"""What a European fund asks to know of a grant, and the file that justifies it."""

from django.db import models
from django.db.models import F, Q

from erbm.grants.models.documents import GrantDocument
from erbm.grants.models.grants import Grant


class EuropeanFunds(models.Model):
    """The programme under which a grant is paid, and the period that counts."""

    grant = models.OneToOneField(
        Grant,
        models.PROTECT,
        primary_key=True,
        related_name="european",
        verbose_name="subvention",
    )
    programme = models.CharField("programme", max_length=200)
    axis = models.CharField("priorité ou axe", max_length=200)
    objective = models.CharField("objectif spécifique", max_length=200, blank=True)
    authority = models.CharField("autorité de gestion", max_length=200)
    reference = models.CharField("numéro de dossier", max_length=60, blank=True)
    eligible_from = models.DateField("dépenses éligibles du")
    eligible_until = models.DateField("dépenses éligibles au")
    rate = models.PositiveIntegerField(
        "taux de cofinancement, en centièmes de pour cent"
    )

    class Meta:
        verbose_name = "fonds européen d’une subvention"
        verbose_name_plural = "fonds européens des subventions"
        constraints = [
            models.CheckConstraint(
                name="european_period_has_an_end",
                condition=Q(eligible_until__gte=F("eligible_from")),
            ),
            models.CheckConstraint(
                name="european_rate_is_a_part", condition=Q(rate__lte=10_000)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme}, {self.axis}"


class EuropeanPiece(models.Model):
    """A document that the managing authority wants, and the one that answers it."""

    funds = models.ForeignKey(
        EuropeanFunds,
        models.PROTECT,
        related_name="pieces",
        verbose_name="fonds européen",
    )
    label = models.CharField("pièce", max_length=300)
    rank = models.PositiveSmallIntegerField("rang", default=0)
    document = models.ForeignKey(
        GrantDocument,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="pièce jointe",
    )

    class Meta:
        verbose_name = "pièce pour l’autorité de gestion"
        verbose_name_plural = "pièces pour l’autorité de gestion"

    def __str__(self) -> str:
        return self.label
