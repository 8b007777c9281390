"""The life of the procedures: what inspections found, cases that change version."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from workflow.models.cases import Case


class Inspection(models.Model):
    """One search for the cases that contradict the rules, and what it counted.

    `asked_by` is the person who asked for it; nobody did when the night did.
    """

    started_at = models.DateTimeField("commencée le", db_index=True)
    ended_at = models.DateTimeField("finie le")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="demandée par",
    )
    cases = models.PositiveIntegerField("dossiers examinés")
    found = models.PositiveIntegerField("contradictions")

    class Meta:
        verbose_name = "contrôle"

    def __str__(self) -> str:
        return f"contrôle du {self.started_at:%d/%m/%Y %H:%M}"


class Finding(models.Model):
    """A case that an inspection found to contradict the rules, and the reason."""

    inspection = models.ForeignKey(
        Inspection, models.PROTECT, related_name="findings", verbose_name="contrôle"
    )
    case = models.ForeignKey(
        Case, models.PROTECT, related_name="+", verbose_name="dossier"
    )
    message = models.CharField("constat", max_length=500)

    class Meta:
        verbose_name = "constat"

    def __str__(self) -> str:
        return self.message


class Transfer(models.Model):
    """A plan to carry cases from one version of their procedure to another.

    - `states`, `steps`: for each state and step of `before`, that of `after`; a step
      left out loses its tasks;
    - `keeps_signatures`: the signatures collected are kept where the move still
      exists, or all struck out;
    - `key`: that of the form that prepared it, if a page did.
    """

    process = models.CharField("procédure", max_length=40)
    before = models.PositiveIntegerField("version quittée")
    after = models.PositiveIntegerField("version rejointe")
    states = models.JSONField("états", default=dict)
    steps = models.JSONField("nœuds", default=dict)
    keeps_signatures = models.BooleanField("signatures gardées", default=True)
    reason = models.TextField("motif")
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name="préparée par",
    )
    planned_at = models.DateTimeField("préparée le")
    key = models.UUIDField("clé", unique=True, null=True)

    class Meta:
        verbose_name = "migration de dossiers"
        constraints = [
            models.CheckConstraint(
                name="transfer_changes_the_version",
                condition=~Q(before=F("after")),
                violation_error_message="Les deux versions sont la même.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.process} : v{self.before} → v{self.after}"


class PassageQuerySet(models.QuerySet["Passage"]):
    def waiting(self) -> "PassageQuerySet":
        """Keep those that are still to be made, or to be tried again."""
        return self.filter(done_at=None)

    def made(self) -> "PassageQuerySet":
        """Keep those that were made, and not undone."""
        return self.filter(done_at__isnull=False, undone_at=None)


class Passage(models.Model):
    """One case of a transfer: to be carried over, carried, or brought back.

    - `refusal`: why it could not be the last time it was tried;
    - `reached`: the version number of the case once carried, so that whoever brings
      it back knows that nothing happened since;
    - `undo`: what bringing it back restores, of the case and of its tasks.
    """

    transfer = models.ForeignKey(
        Transfer, models.PROTECT, related_name="passages", verbose_name="migration"
    )
    case = models.ForeignKey(
        Case, models.PROTECT, related_name="+", verbose_name="dossier"
    )
    refusal = models.TextField("refus", blank=True)
    done_at = models.DateTimeField("fait le", null=True)
    undone_at = models.DateTimeField("défait le", null=True)
    reached = models.PositiveIntegerField("version du dossier atteinte", null=True)
    undo = models.JSONField("pour revenir", default=dict)

    objects: ClassVar[PassageQuerySet] = PassageQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "passage"
        constraints = [
            models.UniqueConstraint(
                fields=["transfer", "case"], name="passage_is_planned_once"
            ),
            models.CheckConstraint(
                name="passage_is_undone_after_it_is_done",
                condition=Q(undone_at=None) | Q(done_at__isnull=False),
            ),
            models.CheckConstraint(
                name="passage_done_says_what_it_reached",
                condition=Q(done_at=None) | Q(reached__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transfer} · {self.case_id}"
