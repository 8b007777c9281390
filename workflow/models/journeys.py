"""Who is asked to do what: journeys and tasks, on viewflow’s tables."""

import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from viewflow.workflow.models import AbstractProcess, AbstractTask
from viewflow.workflow.status import STATUS

from workflow.models.cases import Case
from workflow.models.priorities import Priority
from workflow.models.trail import Event
from workflow.models.units import Jurisdiction, Unit

OPEN = Q(finished=None, held_at=None)


class Journey(AbstractProcess):
    """The course of one case through its procedure."""

    case = models.OneToOneField(
        Case, models.PROTECT, primary_key=True, related_name="journey"
    )

    class Meta:
        verbose_name = "parcours"


class TaskQuerySet(models.QuerySet["Task"]):
    def open(self) -> "TaskQuerySet":
        """Keep the tasks that wait for somebody."""
        return self.filter(OPEN)

    def unfinished(self) -> "TaskQuerySet":
        """Keep the tasks that wait, and those that a pause holds."""
        return self.filter(finished=None)

    def ringing(self, at: datetime.datetime) -> "TaskQuerySet":
        """Keep those of which a rung is to ring, the longest awaited first."""
        return self.filter(next_ring_at__lte=at).order_by("next_ring_at", "id")

    def overdue(self, at: datetime.datetime) -> "TaskQuerySet":
        """Keep the open tasks whose due date has passed."""
        # What nothing makes due has its rank at the end of time, as has a clock that
        # stands; and the indexes hold the rank.
        return self.open().filter(sort_at__lt=at)


class Task(AbstractTask):
    """What a unit is asked to do on a case.

    It repeats what the inbox shows and sorts by, so that a page of the inbox
    reads one table.

    - `role`: the role in which the unit is asked;
    - `due_at`: the due date in force, `original_due_at` the one first given;
    - `sort_at`: `due_at`, or the end of time when nothing is due;
    - `held_at`: since when a pause holds it;
    - `stopped_on`: from which day its clock stands, as in a pause; `stopped_by` is
      the event that stopped this clock alone;
    - `rung`: which rung of its ladder comes next, `next_ring_at` the moment when it
      rings, `rang_at` the one when the last rang;
    - `worked_days`: how many days were worked while it waited, once answered. They are
      those of the whole country, as known on that day: a closure of the unit that is
      entered afterwards changes nothing in them, nor does a clock that stood.
    """

    # Parts of viewflow's task that a headless use never reads: left out rather
    # than stored and indexed a million times.
    previous = None
    external_task_id = None
    scheduled = None
    owner_permission = None
    # The generic foreign key cannot be left out: its column stays, unindexed.
    owner_permission_content_type = models.ForeignKey(
        ContentType, models.PROTECT, null=True, db_index=False, related_name="+"
    )

    process = models.ForeignKey(
        Journey,
        models.PROTECT,
        db_index=False,  # its values are those of `case`
        related_name="tasks",
        verbose_name="parcours",
    )
    status = models.CharField(
        "avancement", max_length=50, choices=STATUS.choices, default=STATUS.NEW
    )
    created = models.DateTimeField("ouverte le")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="claimed_tasks",
        verbose_name="prise en charge par",
    )
    case = models.ForeignKey(Case, models.PROTECT, related_name="tasks")
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        db_index=False,
        related_name="tasks",
        verbose_name="adressée à",
    )
    role = models.CharField("rôle", max_length=40)
    kind = models.CharField("procédure", max_length=40)
    step = models.CharField("nœud", max_length=60)
    label = models.CharField("demande", max_length=150)
    stage = models.CharField("étape", max_length=40)
    reference = models.CharField("référence", max_length=40)
    subject = models.CharField("intitulé", max_length=300)
    jurisdiction = models.ForeignKey(
        Jurisdiction,
        models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name="ressort",
    )
    amount_cents = models.BigIntegerField("montant en centimes", default=0)
    priority = models.PositiveSmallIntegerField(
        "priorité", choices=Priority.choices, default=Priority.NORMAL
    )
    due_at = models.DateTimeField("échéance", null=True, blank=True)
    original_due_at = models.DateTimeField("échéance d’origine", null=True, blank=True)
    sort_at = models.DateTimeField("rang")
    held_at = models.DateTimeField("suspendue depuis", null=True, blank=True)
    stopped_on = models.DateField("délai arrêté depuis le", null=True, blank=True)
    stopped_by = models.ForeignKey(
        Event,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name="délai arrêté par",
    )
    rung = models.PositiveSmallIntegerField("échelon", default=0, db_default=0)
    next_ring_at = models.DateTimeField("prochaine relance", null=True, blank=True)
    rang_at = models.DateTimeField("relancée le", null=True, blank=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="completed_tasks",
        verbose_name="accomplie par",
    )
    completed_move = models.CharField(
        "accomplie par le geste", max_length=60, blank=True
    )
    worked_days = models.PositiveSmallIntegerField(
        "attente en jours ouvrés", null=True, blank=True
    )

    objects: ClassVar[TaskQuerySet] = TaskQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "tâche"
        constraints = [
            models.UniqueConstraint(
                fields=["case", "step", "unit"],
                condition=Q(finished=None),
                name="task_is_asked_once_of_a_unit",
            ),
            models.CheckConstraint(
                name="task_is_finished_when_done",
                condition=Q(finished=None) ^ Q(status__in=["DONE", "CANCELED"]),
            ),
            models.CheckConstraint(
                name="task_says_its_wait_when_answered",
                condition=Q(worked_days=None) ^ Q(status="DONE"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["unit", "role", "sort_at", "id"],
                condition=OPEN,
                name="task_of_unit",
            ),
            models.Index(
                fields=["unit", "role", "created", "id"],
                condition=OPEN,
                name="task_of_unit_by_wait",
            ),
            models.Index(
                fields=["unit", "role", "-amount_cents", "-id"],
                condition=OPEN,
                name="task_of_unit_by_amount",
            ),
            models.Index(
                fields=["unit", "role", "priority", "sort_at", "id"],
                condition=OPEN,
                name="task_of_unit_by_priority",
            ),
            # The first page of somebody who belongs to several units.
            models.Index(
                fields=["sort_at", "id"], condition=OPEN, name="task_by_urgency"
            ),
            models.Index(
                fields=["owner", "sort_at", "id"], condition=OPEN, name="task_of_owner"
            ),
            models.Index(
                fields=["next_ring_at", "id"],
                condition=Q(next_ring_at__isnull=False),
                name="task_to_ring",
            ),
            # With what tells whether one may still know of it: what one did is counted
            # without a look at the tasks, which lie all over the table.
            models.Index(
                fields=[
                    *("completed_by", "-finished", "-id"),
                    *("unit", "role", "case", "jurisdiction", "priority"),
                ],
                condition=Q(completed_by__isnull=False),
                name="task_done_by",
            ),
            # All that the map of a procedure reads of what was answered.
            models.Index(
                fields=["flow_task", "finished", "worked_days", "case"],
                condition=Q(status="DONE"),
                name="task_answered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} · {self.label}"

    @property
    def is_stopped(self) -> bool:
        """Tell whether its own clock was stopped, apart from any pause of the case."""
        return self.stopped_by_id is not None

    @property
    def was_put_off(self) -> bool:
        """Tell whether its due date is no more the one first given."""
        return self.due_at != self.original_due_at
