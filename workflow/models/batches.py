"""One move made on many cases: what was chosen, what was said, what came of each."""

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from workflow.models.cases import Case
from workflow.models.trail import Event


class Batch(models.Model):
    """
    Cases that a person chose together, then the move she made on them.

    - `said`: what she typed, kept until every case has been tried, and no longer;
    - `confirmed_at`: when she proved who she is, if the move asks for it.
    """

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="batches",
        verbose_name="par",
    )
    key = models.UUIDField("clé", unique=True)
    move = models.CharField("geste", max_length=60, blank=True)
    label = models.CharField("libellé du geste", max_length=200, blank=True)
    said = models.JSONField("ce qui a été dit", default=dict, encoder=DjangoJSONEncoder)
    prepared_at = models.DateTimeField("préparé le")
    confirmed_at = models.DateTimeField("identité confirmée le", null=True)
    started_at = models.DateTimeField("lancé le", null=True)
    finished_at = models.DateTimeField("achevé le", null=True)

    class Meta:
        verbose_name = "lot"
        constraints = [
            models.CheckConstraint(
                name="batch_starts_with_a_move",
                condition=Q(started_at=None) | ~Q(move=""),
            ),
            models.CheckConstraint(
                name="batch_ends_after_it_starts",
                condition=Q(finished_at=None) | Q(started_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["started_at"],
                condition=Q(started_at__isnull=False, finished_at=None),
                name="batch_under_way",
            )
        ]

    def __str__(self) -> str:
        return f"Lot {self.pk}"


class Outcome(models.TextChoices):
    WAITING = "waiting", "En attente"
    MADE = "made", "Fait"
    REFUSED = "refused", "Refusé"
    STALE = "stale", "Modifié entre-temps"
    FAILED = "failed", "En panne"


class ItemQuerySet(models.QuerySet["BatchItem"]):
    def waiting(self) -> "ItemQuerySet":
        """Keep those of the batches under way that were not tried yet."""
        return self.filter(outcome=Outcome.WAITING, batch__started_at__isnull=False)


class BatchItem(models.Model):
    """
    One case of a batch.

    - `seen`: the version of the case when it was chosen;
    - `message`: why the move was not made, in words.
    """

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="items")
    case = models.ForeignKey(
        Case, models.PROTECT, related_name="+", verbose_name="dossier"
    )
    seen = models.PositiveIntegerField("version vue")
    outcome = models.CharField(
        "issue", max_length=10, choices=Outcome.choices, default=Outcome.WAITING
    )
    message = models.TextField("pourquoi", blank=True)
    event = models.ForeignKey(
        Event, models.PROTECT, null=True, related_name="+", verbose_name="événement"
    )
    done_at = models.DateTimeField("traité le", null=True)

    objects: ClassVar[ItemQuerySet] = ItemQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "dossier d’un lot"
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "case"], name="batch_holds_a_case_once"
            ),
            models.CheckConstraint(
                name="batch_item_outcome_is_known",
                condition=Q(outcome__in=Outcome.values),
            ),
            models.CheckConstraint(
                name="batch_item_made_has_its_event",
                condition=~Q(outcome=Outcome.MADE) | Q(event__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["batch", "id"],
                condition=Q(outcome=Outcome.WAITING),
                name="batch_item_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} · {self.case_id}"
