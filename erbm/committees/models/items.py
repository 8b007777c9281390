"""What stands on an agenda, who attends, who stands aside, what is corrected later."""

from operator import attrgetter
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from erbm.committees.accepting import ORIGINS, Acceptance
from erbm.committees.applying import Verdict
from erbm.committees.decisions import BINDING, REASONED, Decision
from erbm.committees.models.sittings import Sitting
from erbm.operations.models import Operation
from flows.hearings import Demand, Unreadable, demands_in
from flows.roles import Role
from workflow.engine import MoveRefused
from workflow.models import Unit
from workflow.refusals import Ground, Refusal

TOLD = (
    *("operation__case__reference", "decision", "postponed_because", "reason"),
    *("conditions", "planned_on", "position_for", "position_against"),
    *("votes_for", "votes_against", "abstentions"),
)
"""The columns that say what was decided of an item."""

DECIDED = (
    *("sitting", "position", "decision", "reason", "conditions", "planned_on"),
    *("position_for", "position_against", "seen", "number"),
)
NAMED = tuple(
    f"operation__case__{name}"
    for name in ("reference", "title", "process", "process_version")
)
"""What the close of a sitting reads of its items, and of their operations."""

_columns_told = attrgetter(*(name.replace("__", ".") for name in TOLD))


def told_of(
    reference: str, decision: str, postponed_because: str, *said: Any
) -> list[str]:
    """Return what was decided of an item, from its columns, as it is approved."""
    decided = decision or ("postponed" if postponed_because else "")
    return [reference, decided, *("" if one is None else str(one) for one in said)]


class AgendaItemQuerySet(models.QuerySet["AgendaItem"]):
    def live(self) -> "AgendaItemQuerySet":
        """Keep those whose operation still waits for its sitting."""
        return self.filter(is_live=True)

    def decided(self) -> "AgendaItemQuerySet":
        return self.exclude(decision="")

    def undecided(self) -> "AgendaItemQuerySet":
        """Keep those that are neither decided nor left to a later sitting."""
        return self.filter(decision="", postponed_because="")

    def in_order(self) -> "AgendaItemQuerySet":
        """Read each in order, with what names its operation and nothing else of it."""
        named = self.select_related("operation__case").order_by("position", "pk")
        return named.only(*DECIDED, *NAMED)

    def told(self) -> list[list[str]]:
        """Return what was decided of each, as it is approved."""
        rows = self.order_by("position", "pk").values_list(*TOLD)
        return [told_of(*row) for row in rows]


class AgendaItem(models.Model):
    """
    An operation on the agenda of a sitting, and what is decided of it there.

    - `is_live`: it still waits there; an operation does so on one agenda at most;
    - `is_late`: it came after the agenda was frozen, for the reason `late_because`;
    - `version`: grows by one at each change, so that two who edit see each other;
    - `seen`: the version of the operation of which it was decided;
    - `number`: of the decision, in the year of its body, drawn at the close.
    """

    sitting = models.ForeignKey(
        Sitting, models.PROTECT, related_name="items", verbose_name="séance"
    )
    operation = models.ForeignKey(
        Operation,
        models.PROTECT,
        related_name="agenda_items",
        verbose_name="opération",
    )
    position = models.PositiveSmallIntegerField("rang")
    is_live = models.BooleanField("en attente de la séance", default=True)
    is_late = models.BooleanField("point tardif", default=False)
    late_because = models.TextField("motif d’ajout tardif", blank=True)
    postponed_because = models.TextField("motif du report", blank=True)
    decision = models.CharField(
        "décision", max_length=30, choices=Decision.choices, blank=True
    )
    reason = models.TextField("motif", blank=True)
    conditions = models.TextField("conditions", blank=True)
    planned_on = models.DateField("séance suivante", null=True, blank=True)
    position_for = models.TextField("position favorable", blank=True)
    position_against = models.TextField("position défavorable", blank=True)
    votes_for = models.PositiveSmallIntegerField("pour", null=True, blank=True)
    votes_against = models.PositiveSmallIntegerField("contre", null=True, blank=True)
    abstentions = models.PositiveSmallIntegerField("abstentions", null=True, blank=True)
    version = models.PositiveIntegerField("version", default=1)
    seen = models.PositiveIntegerField("version de l’opération", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="consignée par",
    )
    decided_at = models.DateTimeField("consignée le", null=True, blank=True)
    number = models.PositiveIntegerField("numéro", null=True, blank=True)

    objects: ClassVar[AgendaItemQuerySet] = AgendaItemQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "point de l’ordre du jour"
        verbose_name_plural = "points de l’ordre du jour"
        constraints = [
            models.UniqueConstraint(
                fields=["sitting", "operation"],
                name="item_is_on_an_agenda_once",
                violation_error_message="Cette opération est déjà à l’ordre du jour.",
            ),
            models.UniqueConstraint(
                fields=["operation"],
                condition=Q(is_live=True),
                name="item_waits_for_one_sitting",
                violation_error_message="Cette opération attend déjà une séance.",
            ),
            models.CheckConstraint(
                name="item_is_decided_or_postponed",
                condition=Q(decision="") | Q(postponed_because=""),
            ),
            models.CheckConstraint(
                name="item_is_decided_by_somebody",
                condition=Q(decision="", decided_by=None, seen=None)
                | Q(decided_by__isnull=False, seen__isnull=False) & ~Q(decision=""),
            ),
            models.CheckConstraint(
                name="item_gives_the_reasons_it_must",
                condition=~Q(decision__in=sorted(REASONED)) | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        case = self.operation.case
        return f"point {self.position}, {case.reference} ({case.title})"

    @property
    def is_postponed(self) -> bool:
        return bool(self.postponed_because)

    @property
    def is_settled(self) -> bool:
        return bool(self.decision) or self.is_postponed

    @property
    def number_label(self) -> str:
        """The number of its decision, as it is quoted; nothing until the close."""
        if self.number is None:
            return ""
        body, year = self.sitting.body, self.sitting.held_on.year
        return f"{body.code.upper()}-{year}-D{self.number:04}"

    @property
    def binds(self) -> bool:
        """Tell whether its operation is accepted under conditions."""
        return self.decision in BINDING and bool(self.conditions)

    def demands(self) -> list[Demand]:
        """
        Return the conditions under which its operation is accepted, if it is.

        :raises MoveRefused: if one of them has no day
        """
        if not self.binds:
            return []
        try:
            return demands_in(self.conditions)
        except Unreadable as unreadable:
            why = Refusal(Ground.INPUT, f"{self} : {unreadable}")
            raise MoveRefused([why]) from unreadable

    def told(self) -> list[str]:
        """Return what was decided of it, as it is approved."""
        return told_of(*_columns_told(self))

    def verdict(self) -> Verdict:
        """Return the move that its decision comes to."""
        assert self.seen is not None, "a decision says what it is about"
        return Verdict(
            case_id=self.operation_id,
            label=str(self),
            move=self.decision,
            seen=self.seen,
            inputs=self.inputs,
            reason=self.reason,
        )

    def acceptance(self) -> Acceptance:
        """Return the conditions to be followed from the close on."""
        sitting = self.sitting
        return Acceptance(
            operation_id=self.operation_id,
            process=self.operation.process,
            label=str(self),
            demands=self.demands(),
            origin=ORIGINS[sitting.body.kind],
            decision=f"{sitting.titled()} ({self.number_label})",
        )

    @property
    def inputs(self) -> dict[str, Any]:
        """What its move asks for; what another asks for is ignored."""
        return {
            "sitting_on": self.sitting.held_on,
            "quorum": True,
            "planned_on": self.planned_on,
            "position_for": self.position_for,
            "position_against": self.position_against,
        }


class Attendance(models.Model):
    """
    A seat of the body, as it was when the sitting was convened, and who came for it.

    - `proxy_to`: the seat that carries its vote, when nobody came.
    """

    sitting = models.ForeignKey(
        Sitting, models.PROTECT, related_name="attendances", verbose_name="séance"
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="attendances", verbose_name="unité"
    )
    role = models.CharField("rôle", max_length=40, choices=Role.choices)
    has_vote = models.BooleanField("voix délibérative")
    is_chair = models.BooleanField("préside")
    rank = models.PositiveSmallIntegerField("rang")
    is_present = models.BooleanField("présent", default=False)
    name = models.CharField("représenté par", max_length=150, blank=True)
    proxy_to = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="proxies",
        verbose_name="mandat à",
    )

    class Meta:
        verbose_name = "présence"
        constraints = [
            models.UniqueConstraint(
                fields=["sitting", "unit", "role"], name="attendance_is_one_a_seat"
            ),
            models.CheckConstraint(
                name="attendance_is_in_person_or_by_proxy",
                condition=Q(is_present=False) | Q(proxy_to=None),
            ),
        ]

    def __str__(self) -> str:
        return self.unit.name


class Withdrawal(models.Model):
    """A seat that stands aside of one item, for an interest in it (déport)."""

    item = models.ForeignKey(
        AgendaItem, models.PROTECT, related_name="withdrawals", verbose_name="point"
    )
    attendance = models.ForeignKey(
        Attendance, models.PROTECT, related_name="withdrawals", verbose_name="siège"
    )
    reason = models.CharField("motif", max_length=300)

    class Meta:
        verbose_name = "déport"
        constraints = [
            models.UniqueConstraint(
                fields=["item", "attendance"], name="withdrawal_is_said_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attendance} · {self.item_id}"


class Erratum(models.Model):
    """A correction of published minutes, numbered, beside them."""

    sitting = models.ForeignKey(
        Sitting, models.PROTECT, related_name="errata", verbose_name="séance"
    )
    number = models.PositiveSmallIntegerField("numéro")
    correction = models.TextField("correction")
    reason = models.TextField("motif")
    published_on = models.DateField("publié le")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="par"
    )

    class Meta:
        verbose_name = "erratum"
        verbose_name_plural = "errata"
        constraints = [
            models.UniqueConstraint(
                fields=["sitting", "number"], name="erratum_has_its_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sitting} · erratum n° {self.number}"
