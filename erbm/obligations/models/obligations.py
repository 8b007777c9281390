"""An obligation: what somebody owes since an operation was decided, and by when."""

import datetime
from collections.abc import Collection
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from erbm.operations.models import Condition, Filed, Operation
from flows.hearings import LONGEST_CONDITION
from flows.obligation import lifecycle
from flows.obligation.lifecycle import State
from workflow.cases import Made, performs, subject_of
from workflow.models import Membership, Subject, Unit
from workflow.standing import granted, prepared_cases


class Origin(models.TextChoices):
    OPINION = "opinion", "Avis d’un service"
    COMMITTEE = "committee", "Comité d’arrondissement"
    ARBITRATION = "arbitration", "Arbitrage du sous-préfet"
    COPIL = "copil", "COPIL"
    AWARD = "award", "Décision d’aide"


class ObligationQuerySet(models.QuerySet["Obligation"]):
    def visible_with(self, memberships: Collection[Membership]) -> "ObligationQuerySet":
        """Keep those that memberships let one know of."""
        known = granted(memberships, case="case")
        prepared = prepared_cases(memberships)
        return self.filter(known | Q(case__in=prepared) if prepared else known)

    def with_facts(self) -> "ObligationQuerySet":
        """Read with each what a page shows of it."""
        return self.select_related(
            "case__jurisdiction",
            "debtor",
            "operation__case",
            "condition__opinion__unit",
        )

    def running(self) -> "ObligationQuerySet":
        return self.filter(case__state__in=[State.OPEN, State.REPORTED])

    def overdue(self, on: datetime.date) -> "ObligationQuerySet":
        """Keep those whose day has passed and that nobody has declared met."""
        return self.filter(case__state=State.OPEN, due_on__lt=on)


@subject_of(lifecycle.PROCESS)
class Obligation(Subject):
    """
    A condition accepted by whoever decided an operation.

    - `debtor`: who owes it, its owner unless somebody else was named;
    - `origin`, `decision`: who accepted it, and on which occasion;
    - `condition`: what a service had asked for, when it comes from an opinion;
    - `first_due_on`: the day first given, whatever put it off since.
    """

    operation = models.ForeignKey(
        Operation,
        models.PROTECT,
        related_name="obligations",
        verbose_name="opération",
    )
    debtor = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name="due par"
    )
    wording = models.CharField("condition", max_length=LONGEST_CONDITION)
    origin = models.CharField("origine", max_length=20, choices=Origin.choices)
    decision = models.CharField("décision", max_length=300, blank=True)
    condition = models.OneToOneField(
        Condition,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="obligation",
        verbose_name="condition de l’avis",
    )
    accepted_on = models.DateField("retenue le")
    first_due_on = models.DateField("échéance initiale")
    due_on = models.DateField("échéance")
    reported_on = models.DateField("déclarée tenue le", null=True, blank=True)
    met_on = models.DateField("tenue le", null=True, blank=True)
    waived_on = models.DateField("levée le", null=True, blank=True)

    objects: ClassVar[ObligationQuerySet] = ObligationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "condition à tenir"
        verbose_name_plural = "conditions à tenir"
        constraints = [
            models.CheckConstraint(
                name="obligation_origin_is_known",
                condition=Q(origin__in=Origin.values),
            ),
            models.CheckConstraint(
                name="obligation_is_never_brought_forward",
                condition=Q(due_on__gte=F("first_due_on")),
            ),
            models.CheckConstraint(
                name="obligation_ends_once",
                condition=Q(met_on=None) | Q(waived_on=None),
            ),
        ]
        indexes = [
            models.Index(fields=["operation"], name="obligation_of_operation"),
        ]

    def __str__(self) -> str:
        return str(self.case)

    # Facts

    def is_overdue(self, on: datetime.date) -> bool:
        """Tell whether its day has passed and nobody has declared it met."""
        return self.case.state == State.OPEN and self.due_on < on

    @property
    def is_postponed(self) -> bool:
        return self.due_on > self.first_due_on

    # Moves

    @performs(lifecycle.REPORT)
    def report(self, made: Made) -> None:
        self.reported_on = made.effective_on

    @performs(lifecycle.CONFIRM)
    def confirm(self, made: Made) -> None:
        self.met_on = made.effective_on

    @performs(lifecycle.SEND_BACK)
    def send_back(self, made: Made) -> None:
        self.reported_on = None

    @performs(lifecycle.POSTPONE)
    def postpone(self, made: Made) -> None:
        self.due_on = made.inputs["until"]

    @performs(lifecycle.WAIVE)
    def waive(self, made: Made) -> None:
        self.waived_on = made.effective_on


class Proof(Filed):
    """A file that shows that a condition is met."""

    obligation = models.ForeignKey(
        Obligation,
        models.PROTECT,
        related_name="proofs",
        verbose_name="condition à tenir",
    )

    class Meta:
        verbose_name = "preuve"
