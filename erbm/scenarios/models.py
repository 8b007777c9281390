"""A scenario: which operations an envelope would pay, how much, and why not others."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from erbm.operations.models import Operation
from erbm.programme.models import Envelope, Reservation
from erbm.programme.schemes import GRANTED_CHOICES


class Method(models.TextChoices):
    HAND = "hand", "à la main"
    RANKING = "ranking", "par classement"
    DWELLINGS = "dwellings", "au plus grand nombre de logements"
    SCORE = "score", "à la plus grande somme des notes"


class State(models.TextChoices):
    DRAFT = "draft", "Brouillon"
    ADOPTED = "adopted", "Adopté"
    DROPPED = "dropped", "Abandonné"


class ScenarioQuerySet(models.QuerySet["Scenario"]):
    def with_envelope(self) -> "ScenarioQuerySet":
        return self.select_related("envelope__jurisdiction", "author", "decided_by")

    def counted(self) -> "ScenarioQuerySet":
        """Read with each what it would pay, and to how many."""
        chosen = Q(shares__granted_cents__gt=0)
        return self.annotate(
            chosen_count=models.Count("shares", filter=chosen),
            left_out_count=models.Count("shares", filter=~chosen),
            granted_cents=models.Sum("shares__granted_cents", default=0),
            dwellings=models.Sum("shares__dwellings", filter=chosen, default=0),
        )


class Scenario(models.Model):
    """
    One way of sharing an envelope, which can be compared with others and adopted.

    - `room_cents`: what was free in the envelope when it was drawn up;
    - `weights`: how much each criterion counts; `themes`: those that have priority;
    - `cap_percent`: the most that one arrondissement receives of what is shared;
    - `note`: what the calculation says of itself.
    """

    envelope = models.ForeignKey(
        Envelope,
        models.PROTECT,
        related_name="scenarios",
        verbose_name="enveloppe",
    )
    name = models.CharField("nom", max_length=120)
    method = models.CharField("méthode", max_length=20, choices=Method.choices)
    weights = models.JSONField("poids des critères", default=dict)
    themes = models.JSONField("thèmes prioritaires", default=list)
    cap_percent = models.PositiveSmallIntegerField(
        "part maximale d’un arrondissement", null=True, blank=True
    )
    with_drafts = models.BooleanField("avec les projets non déposés", default=False)
    room_cents = models.BigIntegerField("à répartir en centimes")
    note = models.CharField("note", max_length=300, blank=True)
    state = models.CharField(
        "état", max_length=20, choices=State.choices, default=State.DRAFT
    )
    version = models.PositiveIntegerField("version", default=0)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name="auteur",
    )
    at = models.DateTimeField("établi le")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="décidé par",
    )
    decided_at = models.DateTimeField("décidé le", null=True, blank=True)

    objects: ClassVar[ScenarioQuerySet] = ScenarioQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "scénario"
        constraints = [
            models.CheckConstraint(
                name="scenario_state_is_known", condition=Q(state__in=State.values)
            ),
            models.CheckConstraint(
                name="scenario_is_decided_by_somebody",
                condition=Q(state="draft", decided_by=None, decided_at=None)
                | ~Q(state="draft")
                & Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.state == State.DRAFT


class ShareQuerySet(models.QuerySet["Share"]):
    def chosen(self) -> "ShareQuerySet":
        return self.filter(granted_cents__gt=0)

    def in_order(self) -> "ShareQuerySet":
        return self.order_by("rank", "pk")

    def with_facts(self) -> "ShareQuerySet":
        return self.select_related(
            "operation__case__jurisdiction",
            "operation__owner",
            "operation__theme",
            "reservation",
        )


class Share(models.Model):
    """
    One operation in a scenario.

    - `dwellings`, `score`: as they were when it was drawn up, the score in thousandths;
    - `reason`: why it is left out, or receives less than it asks for;
    - `reservation`: what the adoption has set aside in the envelope.
    """

    scenario = models.ForeignKey(
        Scenario, models.PROTECT, related_name="shares", verbose_name="scénario"
    )
    operation = models.ForeignKey(
        Operation, models.PROTECT, related_name="+", verbose_name="opération"
    )
    scheme = models.CharField("dispositif", max_length=20, choices=GRANTED_CHOICES)
    rank = models.PositiveIntegerField("rang")
    requested_cents = models.BigIntegerField("demandé en centimes")
    granted_cents = models.BigIntegerField("retenu en centimes", default=0)
    reservation = models.OneToOneField(
        Reservation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="share",
        verbose_name="réservation",
    )
    dwellings = models.PositiveIntegerField("logements", default=0)
    score = models.PositiveIntegerField("note en millièmes", default=0)
    reason = models.CharField("motif", max_length=600, blank=True)

    objects: ClassVar[ShareQuerySet] = ShareQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "opération d’un scénario"
        verbose_name_plural = "opérations d’un scénario"
        constraints = [
            models.UniqueConstraint(
                fields=["scenario", "operation"], name="share_is_once_in_its_scenario"
            ),
            models.CheckConstraint(
                name="share_is_granted_no_more_than_it_asks_for",
                condition=Q(
                    granted_cents__gte=0, granted_cents__lte=F("requested_cents")
                ),
            ),
            models.CheckConstraint(
                name="share_left_out_reserves_nothing",
                condition=Q(reservation=None) | Q(granted_cents__gt=0),
            ),
            models.CheckConstraint(
                name="share_left_out_says_why",
                condition=Q(granted_cents__gt=0) | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.operation)

    @property
    def reserved_cents(self) -> int:
        """What is still set aside for it, and no grant has taken over."""
        return self.reservation.cents if self.reservation else 0

    @property
    def facts(self) -> dict[str, Any]:
        """What two scenarios are compared by."""
        return {"granted_cents": self.granted_cents, "reason": self.reason}
