"""The case: one thing that goes through a procedure, and the units it concerns."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django_fsm import FSMField

from workflow.models.priorities import Priority
from workflow.models.units import Jurisdiction, Unit


class StateField(FSMField):
    """The state of a case, which only the engine may change."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        kwargs["protected"] = True
        super().__init__(*args, **kwargs)


class Case(models.Model):
    """What the engine knows of a thing that moves: the facts live in its subject.

    - `version`: grows by one at each change; a form shows the one it was made from;
    - `latest_seq`, `latest_hash`: the head of its trail;
    - `returns_to`: where it was before a pause;
    - `has_conflicts`: somebody is kept away from its decisions.
    """

    process = models.CharField("procédure", max_length=40)
    process_version = models.PositiveIntegerField("version de la procédure")
    reference = models.CharField("référence", max_length=40, unique=True)
    title = models.CharField("intitulé", max_length=300)
    state = StateField("état")
    returns_to = models.CharField("reprend à", max_length=40, blank=True)
    stage = models.CharField("étape", max_length=40)
    version = models.PositiveIntegerField("version", default=0)
    jurisdiction = models.ForeignKey(
        Jurisdiction, models.PROTECT, related_name="+", verbose_name="ressort"
    )
    awaits_signatures = models.BooleanField("signatures en attente", default=False)
    has_conflicts = models.BooleanField("conflits d’intérêts déclarés", default=False)
    amount_cents = models.BigIntegerField("montant en centimes", default=0)
    priority = models.PositiveSmallIntegerField(
        "priorité", choices=Priority.choices, default=Priority.NORMAL
    )
    opened_at = models.DateTimeField("ouvert le")
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name="ouvert par",
    )
    changed_at = models.DateTimeField("modifié le")
    latest_seq = models.PositiveIntegerField("dernier numéro", default=0)
    latest_hash = models.BinaryField("dernière empreinte", max_length=32, default=b"")

    HEAD = ("latest_seq", "latest_hash")

    class Meta:
        verbose_name = "dossier"
        constraints = [
            models.CheckConstraint(
                name="case_amount_is_not_negative", condition=Q(amount_cents__gte=0)
            ),
        ]
        indexes = [
            models.Index(fields=["jurisdiction", "stage"], name="case_pipeline"),
            models.Index(fields=["-changed_at", "-id"], name="case_latest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} · {self.title}"

    def save_head(self) -> None:
        """Write the head of its trail, after an event that changes nothing else."""
        self.save(update_fields=self.HEAD)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        # A protected field refuses every assignment after the first, Django's own
        # reload included: forget the old value and let the reload set it anew.
        self.__dict__.pop("state", None)
        super().refresh_from_db(*args, **kwargs)


class Subject(models.Model):
    """What a case is about: the facts of one thing, in one row beside its case.

    Its methods marked `@performs` say what a move changes in it; only the engine
    calls them.
    """

    case = models.OneToOneField(
        Case, models.PROTECT, primary_key=True, related_name="%(class)s"
    )

    DERIVED: ClassVar[frozenset[str]] = frozenset()
    """The columns that only say again what others say: the trail leaves them out."""

    READ_TOGETHER: ClassVar[tuple[str, ...]] = ()
    """What the conditions of moves look at, read once for several subjects."""

    class Meta:
        abstract = True

    def numbered(self) -> None:
        """Draw what follows from the reference of its new case, before it is saved."""


class Party(models.Model):
    """The unit that plays a role in a case."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="parties")
    role = models.CharField("rôle", max_length=40)
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        db_index=False,
        related_name="parties",
        verbose_name="unité",
    )

    class Meta:
        verbose_name = "partie"
        indexes = [
            # The cases of a unit, without reading the parties themselves.
            models.Index(fields=["unit", "role", "case"], name="party_of_unit"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "role", "unit"], name="party_plays_a_role_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} · {self.unit}"


class Counter(models.Model):
    """A sequence of numbers without gaps, taken under its row's lock."""

    name = models.CharField(max_length=80, unique=True)
    value = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = "compteur"

    def __str__(self) -> str:
        return f"{self.name} : {self.value}"
