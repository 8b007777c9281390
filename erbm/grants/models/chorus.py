"""What Chorus says of our commitments, and where it differs from what we say."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from erbm.grants.models.grants import Grant


class Restitution(models.Model):
    """One file of Chorus, as it was received: it changes nothing by itself."""

    filename = models.CharField("fichier", max_length=200)
    sha256 = models.CharField("empreinte SHA-256", max_length=64, unique=True)
    rows = models.PositiveIntegerField("lignes")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name="reçu par",
    )
    at = models.DateTimeField("reçu le")

    class Meta:
        verbose_name = "restitution Chorus"
        verbose_name_plural = "restitutions Chorus"

    def __str__(self) -> str:
        return self.filename


class DifferenceKind(models.TextChoices):
    MISSING = "missing", "EJ absent de Chorus"
    AMOUNT = "amount", "Montant engagé différent"
    PAID = "paid", "Montant payé différent"
    UNKNOWN = "unknown", "EJ inconnu ici"


class Answer(models.TextChoices):
    OPEN = "open", "À traiter"
    ACCEPTED = "accepted", "Accepté : à corriger"
    DISMISSED = "dismissed", "Écarté"


class DifferenceQuerySet(models.QuerySet["Difference"]):
    def open(self) -> "DifferenceQuerySet":
        return self.filter(answer=Answer.OPEN)


class Difference(models.Model):
    """One point on which Chorus and this register disagree, until somebody answers."""

    restitution = models.ForeignKey(
        Restitution,
        models.PROTECT,
        related_name="differences",
        verbose_name="restitution",
    )
    kind = models.CharField("écart", max_length=20, choices=DifferenceKind.choices)
    ej_number = models.CharField("numéro d’EJ", max_length=40)
    grant = models.ForeignKey(
        Grant,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="differences",
        verbose_name="subvention",
    )
    ours_cents = models.BigIntegerField("ici, en centimes", null=True)
    theirs_cents = models.BigIntegerField("Chorus, en centimes", null=True)
    answer = models.CharField(
        "suite", max_length=20, choices=Answer.choices, default=Answer.OPEN
    )
    reason = models.TextField("motif", blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="traité par",
    )
    answered_at = models.DateTimeField("traité le", null=True, blank=True)

    objects = DifferenceQuerySet.as_manager()

    class Meta:
        verbose_name = "écart avec Chorus"
        verbose_name_plural = "écarts avec Chorus"
        constraints = [
            models.CheckConstraint(
                name="difference_is_answered_by_somebody",
                condition=Q(answer="open", answered_by=None)
                | ~Q(answer="open") & Q(answered_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} : {self.ej_number}"
