"""A sitting: when a body meets, what it decides, and how that takes effect."""

import datetime
from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models, transaction
from django.db.models import Q

from erbm import words
from erbm.committees import accepting, applying
from erbm.committees.decisions import ADVISORY
from erbm.committees.models.bodies import Body, BodyVersion, Rules
from erbm.committees.quorum import Quorum, Rule, quorum
from flows.sitting import lifecycle
from flows.sitting.lifecycle import CO_CHAIRS
from workflow import opening, situations, statements
from workflow.cases import Made, performs, subject_of
from workflow.deadlines import LOCAL
from workflow.models import Membership, Party, Subject
from workflow.standing import granted

if TYPE_CHECKING:
    from erbm.committees.models.items import AgendaItem, Attendance


class SittingQuerySet(models.QuerySet["Sitting"]):
    def visible_with(self, memberships: Collection[Membership]) -> "SittingQuerySet":
        return self.filter(granted(memberships, case="case"))

    def held_between(
        self, since: datetime.date | None, until: datetime.date | None
    ) -> "SittingQuerySet":
        """Keep those of some days, both included; none sets no bound."""
        found = self.filter(held_on__gte=since) if since else self
        return found.filter(held_on__lte=until) if until else found

    def examining(self, code: str) -> "SittingQuerySet":
        """Keep those of the bodies that examine the operations of a jurisdiction."""
        bodies = Body.objects.filter(Q(territories=None) | Q(territories__code=code))
        return self.filter(body__in=bodies)

    def with_facts(self) -> "SittingQuerySet":
        return self.select_related("case__jurisdiction", "body", "convened_under")


@subject_of(lifecycle.PROCESS)
class Sitting(Subject):
    """
    One meeting of a body.

    - `convened_under`: the version of the rules of the body that it keeps since then;
    - `planned_for`: the day that the rule of the body gave it, if it did;
    - `freeze_on`: the last day on which an operation joins its agenda in due time;
    - `convene_by`: the last day on which its members may be convened;
    - `waives_quorum`: it was postponed for want of a quorum, and needs none any more.
    """

    body = models.ForeignKey(
        Body, models.PROTECT, related_name="sittings", verbose_name="instance"
    )
    convened_under = models.ForeignKey(
        BodyVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="règles de la convocation",
    )
    planned_for = models.DateField("jour prévu par la règle", null=True, blank=True)
    held_on = models.DateField("date")
    starts_at = models.TimeField("heure")
    place = models.CharField("lieu", max_length=300, blank=True)
    freeze_on = models.DateField("ordre du jour arrêté le")
    convene_by = models.DateField("à convoquer avant le")
    waives_quorum = models.BooleanField("sans condition de quorum", default=False)
    convened_on = models.DateField("convoquée le", null=True, blank=True)
    opened_on = models.DateField("ouverte le", null=True, blank=True)
    closed_on = models.DateField("close le", null=True, blank=True)
    published_on = models.DateField("relevé publié le", null=True, blank=True)
    minutes_number = models.PositiveIntegerField(
        "numéro du relevé", null=True, blank=True
    )

    objects: ClassVar[SittingQuerySet] = SittingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "séance"
        constraints = [
            models.UniqueConstraint(
                fields=["body", "planned_for"],
                condition=Q(planned_for__isnull=False),
                name="sitting_is_planned_once",
                violation_error_message="Cette séance est déjà prévue.",
            ),
            models.CheckConstraint(
                name="sitting_has_minutes_when_published",
                condition=Q(minutes_number=None) ^ Q(published_on__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["body", "held_on"], name="sitting_of_body")]

    def __str__(self) -> str:
        return str(self.case)

    # Facts

    @property
    def starts(self) -> datetime.datetime:
        return datetime.datetime.combine(self.held_on, self.starts_at, tzinfo=LOCAL)

    @property
    def is_frozen(self) -> bool:
        """Tell whether its agenda is no longer arranged."""
        return str(self.case.state) != lifecycle.State.PLANNED

    @property
    def minutes_label(self) -> str:
        """The number of its minutes, as they are quoted; nothing until published."""
        if self.minutes_number is None:
            return ""
        return f"{self.body.code.upper()}-{self.held_on.year}-{self.minutes_number:03}"

    def move_to(self, day: datetime.date) -> None:
        """Set the day, and what follows from it."""
        self.held_on = day
        self.freeze_on = self.body.freeze_on(day)
        self.convene_by = self.body.convene_by(day)

    def titled(self) -> str:
        return f"{self.body.name}, séance du {words.day(self.held_on)}"

    def agenda(self) -> "list[AgendaItem]":
        """Return its items in order, with their operations."""
        items = self.items.select_related(
            "operation__case__jurisdiction",
            "operation__theme",
            "operation__owner",
            "decided_by",
        ).prefetch_related("withdrawals__attendance__unit")
        return list(items.order_by("position", "pk"))

    def sheet(self) -> "list[Attendance]":
        """Return the attendance sheet in the order of the seats."""
        return list(self.attendances.select_related("unit").order_by("rank", "pk"))

    def standing_aside(self) -> dict[int, set[int]]:
        """
        Return, for each item, the seats that stand aside of it, by their keys.

        Those of the owner of its operation, and those that said so. (CRPA, art. R.
        133-12.)
        """
        seats: dict[int, set[int]] = {}
        for pk, unit_id in self.attendances.values_list("pk", "unit"):
            seats.setdefault(unit_id, set()).add(pk)
        owners = self.items.values_list("pk", "operation__owner")
        aside = {pk: set(seats.get(owner, ())) for pk, owner in owners}
        said = self.items.exclude(withdrawals=None)
        for item_id, attendance_id in said.values_list("pk", "withdrawals__attendance"):
            aside[item_id].add(attendance_id)
        return aside

    def count(self, apart: Collection[int] = ()) -> Quorum:
        """Say whether the sitting may decide, without the seats that stand aside."""
        return quorum(self.quorum_rule, self.sheet(), apart)

    @property
    def quorum_rule(self) -> Rule:
        return self.rules.quorum_rule(waived=self.waives_quorum)

    @property
    def rules(self) -> Rules:
        """The rules it was convened under, or those of its body until then."""
        return self.convened_under or self.body

    # What the moves require

    def is_chaired_jointly(self) -> bool:
        return self.body.is_chaired_jointly

    def shared_chairs(self) -> list[str]:
        """Name the units that would be both co-chairs."""
        chairs = Party.objects.filter(case=self.case_id, role__in=CO_CHAIRS)
        held = Counter(party.unit for party in chairs.select_related("unit"))
        return [unit.name for unit, count in held.items() if count > 1]

    def agenda_size(self) -> int:
        return self.items.count()

    def undecided_items(self) -> list[str]:
        return [str(item) for item in self.items.undecided().in_order()]

    def decided_items(self) -> list[str]:
        return [str(item) for item in self.items.decided().in_order()]

    def decisions_without_quorum(self) -> list[str]:
        sheet, rule, aside = self.sheet(), self.quorum_rule, self.standing_aside()
        # Items have few ways of having seats aside; the rule is asked once for each.
        is_met = {
            apart: quorum(rule, sheet, apart).is_met
            for apart in {frozenset(seats) for seats in aside.values()}
        }
        lacking = [pk for pk, seats in aside.items() if not is_met[frozenset(seats)]]
        if not lacking:
            return []
        return [
            str(item) for item in self.items.filter(pk__in=lacking).decided().in_order()
        ]

    def decisions(self) -> list[Any]:
        """Return what was decided, item by item, as it is approved and kept."""
        return self.items.told()

    # Moves

    @performs(lifecycle.CONVENE)
    def convene(self, made: Made) -> None:
        self.convened_on = made.effective_on
        self.convened_under = self.body.in_force()
        self.attendances.all().delete()
        attendances = self.attendances.model
        attendances._default_manager.bulk_create(
            attendances(
                sitting=self,
                unit=seat.unit,
                role=seat.role,
                has_vote=seat.has_vote,
                is_chair=seat.is_chair,
                rank=rank,
            )
            for rank, seat in enumerate(self.body.seats.select_related("unit"))
        )

    @performs(lifecycle.OPEN)
    def open(self, made: Made) -> None:
        self.opened_on = made.effective_on

    @performs(lifecycle.CLOSE, lifecycle.CLOSE_JOINTLY)
    @transaction.atomic
    def close(self, made: Made) -> None:
        """
        Apply every decision to its operation, number it, and free the others.

        Within a savepoint: whoever closes several sittings at once is told of the one
        that is refused, and goes on with the others.
        """
        decided = list(self.items.decided().in_order())
        applying.apply(
            [item.verdict() for item in decided if item.decision not in ADVISORY],
            applying.Signing(
                signers=self._signers(made),
                on=self.held_on,
                key=made.key,
                at=made.at,
                confirmed_at=made.confirmed_at,
            ),
        )
        name = f"decisions-{self.body.code}-{self.held_on.year}"
        numbers = opening.take_numbers(name, len(decided)) if decided else []
        for item, number in zip(decided, numbers, strict=True):
            item.number = number
        statements.update(decided, ["number"])
        accepting.accept(
            [item.acceptance() for item in decided if item.binds],
            key=made.key,
            by=made.by,
            at=made.at,
        )
        self.items.update(is_live=False)
        self.closed_on = made.effective_on

    def _signers(self, made: Made) -> list[tuple[str, Any]]:
        """Return who closes the sitting, in the order in which they signed."""
        collected = situations.collected_signatures(self.case)
        before = collected.filter(move=made.move.name).select_related("user")
        signed = [(one.role, one.user) for one in before.order_by("at", "pk")]
        return [*signed, (made.role, made.by)]

    @performs(lifecycle.PUBLISH)
    def publish(self, made: Made) -> None:
        name = f"minutes-{self.body.code}-{self.held_on.year}"
        [self.minutes_number] = opening.take_numbers(name, 1)
        self.published_on = made.effective_on

    @performs(lifecycle.ERRATUM)
    def correct(self, made: Made) -> None:
        self.errata.create(
            number=self.errata.count() + 1,
            correction=made.inputs["correction"],
            reason=made.reason,
            published_on=made.effective_on,
            by=made.by,
        )

    @performs(lifecycle.POSTPONE)
    def postpone(self, made: Made) -> None:
        if self.opened_on is not None and not self.count().is_met:
            self.waives_quorum = True
        self.opened_on = None

    @performs(lifecycle.RESCHEDULE)
    def reschedule(self, made: Made) -> None:
        self.move_to(made.inputs["held_on"])
        self.place = made.inputs["place"] or self.place
        self.convened_on = self.convened_under = None
        self.case.title = self.titled()
        self.items.filter(postponed_because="").update(is_live=True)

    @performs(lifecycle.CANCEL)
    def cancel(self, made: Made) -> None:
        self.items.update(is_live=False)
