"""An operation: the facts of a rehabilitation or of a subsidised project."""

import datetime
from collections.abc import Collection
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q, Sum

from erbm.funding import ceilings
from erbm.funding.models import Line
from erbm.operations import search
from erbm.operations.models.consultations import (
    Rulebook,
    consulting_anew,
    described,
)
from erbm.operations.models.documents import (
    DocumentKind,
    RequestedDocument,
    required_documents,
)
from erbm.operations.models.opinions import Condition, Opinion
from erbm.organisations.models import Organisation
from erbm.programme.models import Theme
from erbm.programme.rules import rules
from erbm.territory.models import Cite, Commune
from flows import operation as common
from flows.hearings import demands_in
from flows.rehabilitation import lifecycle as rehabilitation
from flows.subsidy import lifecycle as subsidy
from workflow.cases import Made, performs, process_of, subject_of
from workflow.models import Event, Membership, Subject, Unit
from workflow.opinions import Terms
from workflow.outbox import MOVED
from workflow.paging import COUNT_UP_TO
from workflow.process import Process
from workflow.standing import granted, memberships_of, prepared_cases


class Kind(models.TextChoices):
    REHABILITATION = "rehabilitation", "Réhabilitation"
    SUBSIDY = "subsidy", "Projet subventionné"


class EnergyLabel(models.TextChoices):
    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"
    G = "G"


class OperationQuerySet(models.QuerySet["Operation"]):
    def visible_to(self, user: Any, on: datetime.date) -> "OperationQuerySet":
        """Keep those that a person may know of."""
        return self.visible_with(memberships_of(user, on))

    def visible_with(self, memberships: Collection[Membership]) -> "OperationQuerySet":
        known = granted(memberships, case="case")
        # Read beforehand, for it is nearly always empty: with an alternative, a
        # database goes through every case rather than through those of a unit.
        prepared = prepared_cases(memberships)
        return self.filter(known | Q(case__in=prepared) if prepared else known)

    def matching(self, text: str) -> "OperationQuerySet":
        """Keep those in which a word begins with each word of a text."""
        words = search.fold(text).split()
        return self.filter(search.HasWords("search_text", *words)) if words else self

    def located_in(self, communes: Collection[int]) -> "OperationQuerySet":
        """Keep those of which a part at least is in one of these communes."""
        places = self.model.communes.through._default_manager
        here = places.filter(operation=models.OuterRef("pk"), commune__in=communes)
        return self.filter(models.Exists(here))

    def ranked_by(self, text: str) -> "OperationQuerySet":
        """
        Give a `score` to the latest of what matches: a reference, a phrase, words.

        It is not matched again: PostgreSQL would take a tenth of all for a tenth of a
        tenth, and sort it rather than go from the latest on. Of what thousands answer
        to, nobody reads more than the first thousand.
        """
        latest = self.order_by("-case__changed_at", "-case_id")
        asked = search.fold(text)
        score = models.Case(
            models.When(search_text__startswith=asked, then=2),
            models.When(search_text__contains=f" {asked}", then=1),
            default=0,
        )
        found = self.model._default_manager.filter(
            pk__in=latest.values("pk")[:COUNT_UP_TO]
        )
        ranked: OperationQuerySet = found.annotate(score=score)
        return ranked

    def with_facts(self) -> "OperationQuerySet":
        """Read with each what a page shows of it."""
        return self.select_related(
            "case__jurisdiction", "owner", "theme", "cite"
        ).prefetch_related("communes")


@subject_of(rehabilitation.PROCESS, subsidy.PROCESS)
class Operation(Subject):
    """
    What is rehabilitated or subsidised, and how far it has come.

    - `requested_cents`: the public aid asked for, in cents; the whole cost is the
      amount of the case;
    - `deadline_on`: the last day to start, then to deliver;
    - `source_id`: what identifies it in the file it was imported from;
    - `figures_note`: where its figures come from, or that they are invented;
    - `search_text`: what it is found by, without accents nor capitals.
    """

    kind = models.CharField("nature", max_length=20, choices=Kind.choices)
    owner = models.ForeignKey(
        Unit, models.PROTECT, related_name="operations", verbose_name="porteur"
    )
    theme = models.ForeignKey(
        Theme,
        models.PROTECT,
        null=True,
        related_name="operations",
        verbose_name="thème",
    )
    communes = models.ManyToManyField(
        Commune, related_name="operations", verbose_name="communes"
    )
    cite = models.ForeignKey(
        Cite,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="operations",
        verbose_name="cité",
    )
    description = models.TextField("description", blank=True)
    requested_cents = models.BigIntegerField("aide demandée en centimes", default=0)
    source_id = models.CharField(
        "identifiant d’origine", max_length=80, null=True, blank=True, unique=True
    )
    figures_note = models.CharField("origine des chiffres", max_length=300, blank=True)
    search_text = models.TextField(editable=False, default="")

    dwellings_before = models.PositiveIntegerField(
        "logements avant", null=True, blank=True
    )
    dwellings_after = models.PositiveIntegerField(
        "logements après", null=True, blank=True
    )
    dwellings_delivered = models.PositiveIntegerField("logements livrés", default=0)
    dwellings_withdrawn = models.PositiveIntegerField(
        "logements sortis du programme", default=0
    )
    label_before = models.CharField(
        "étiquette avant", max_length=1, choices=EnergyLabel.choices, blank=True
    )
    label_target = models.CharField(
        "étiquette visée", max_length=1, choices=EnergyLabel.choices, blank=True
    )
    label_after = models.CharField(
        "étiquette après", max_length=1, choices=EnergyLabel.choices, blank=True
    )
    is_protected = models.BooleanField("en secteur protégé", default=False)
    urban_study_approved_on = models.DateField(
        "étude urbaine validée le", null=True, blank=True
    )
    insertion_hours = models.PositiveIntegerField(
        "heures d’insertion", null=True, blank=True
    )
    dwellings_facade = models.PositiveIntegerField(
        "logements livrés en façade seule", default=0
    )
    dwellings_merged = models.PositiveIntegerField("logements regroupés", default=0)
    dwellings_demolished = models.PositiveIntegerField("logements démolis", default=0)
    dwellings_built = models.PositiveIntegerField("logements neufs", default=0)
    households_rehoused = models.PositiveIntegerField("ménages relogés", default=0)
    tiroir_dwellings = models.PositiveIntegerField("logements-tiroirs", default=0)
    progress_percent = models.PositiveSmallIntegerField("avancement", default=0)
    spent_cents = models.BigIntegerField("dépenses payées en centimes", default=0)

    early_start = models.CharField("commencement anticipé", max_length=10, blank=True)
    received_on = models.DateField("reçue le", null=True, blank=True)
    documents_due_on = models.DateField("pièces attendues le", null=True, blank=True)
    complete_on = models.DateField("complète le", null=True, blank=True)
    planned_on = models.DateField("séance visée", null=True, blank=True)
    committee_on = models.DateField("comité du", null=True, blank=True)
    copil_on = models.DateField("COPIL du", null=True, blank=True)
    funded_on = models.DateField("financée le", null=True, blank=True)
    started_on = models.DateField("commencée le", null=True, blank=True)
    delivered_on = models.DateField("livrée le", null=True, blank=True)
    closed_on = models.DateField("clôturée le", null=True, blank=True)
    deadline_on = models.DateField("délai en cours", null=True, blank=True)
    report_due_on = models.DateField("prochain compte rendu", null=True, blank=True)
    is_extended = models.BooleanField("délai prorogé", default=False)
    suspended_on = models.DateField("suspendue le", null=True, blank=True)

    objects: ClassVar[OperationQuerySet] = OperationQuerySet.as_manager()  # type: ignore[assignment]

    DERIVED = frozenset({"search_text"})
    READ_TOGETHER = ("lines__funder",)

    class Meta:
        verbose_name = "opération"
        constraints = [
            models.CheckConstraint(
                name="operation_kind_is_known", condition=Q(kind__in=Kind.values)
            ),
            models.CheckConstraint(
                name="operation_counts_no_more_dwellings_than_it_has",
                condition=Q(dwellings_before=None)
                | Q(
                    dwellings_before__gte=F("dwellings_delivered")
                    + F("dwellings_withdrawn")
                ),
            ),
            models.CheckConstraint(
                name="operation_parts_fit_in_their_whole",
                condition=Q(
                    dwellings_facade__lte=F("dwellings_delivered"),
                    dwellings_withdrawn__gte=F("dwellings_merged")
                    + F("dwellings_demolished"),
                ),
            ),
            models.CheckConstraint(
                name="operation_progress_is_a_percentage",
                condition=Q(progress_percent__lte=100),
            ),
            models.CheckConstraint(
                name="operation_amounts_are_not_negative",
                condition=Q(requested_cents__gte=0, spent_cents__gte=0),
            ),
            models.CheckConstraint(
                name="operation_is_delivered_after_it_starts",
                condition=Q(delivered_on=None) | Q(started_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.case)

    def numbered(self) -> None:
        self.search_text = search.index([self.case.reference, self.search_text])

    # Facts

    @property
    def process(self) -> Process:
        """The procedure it follows, in the version it started under."""
        return process_of(self.case)

    @property
    def cost_cents(self) -> int:
        return self.case.amount_cents

    @property
    def year(self) -> int:
        """The budget year under whose rules it is: that of its application."""
        return (self.received_on or self.case.opened_at).year

    def missing_facts(self) -> list[str]:
        """Name what the description still lacks."""
        wanted: dict[str, Any] = {
            "l’intitulé": self.case.title,
            "le thème": self.theme_id,
            "le coût": self.cost_cents,
            "la description": self.description,
        }
        if self.kind == Kind.REHABILITATION:
            wanted |= {
                "la cité": self.cite_id,
                "la commune": self.communes.exists() or None,
                "les logements avant travaux": self.dwellings_before,
                "les logements après travaux": self.dwellings_after,
                "l’étiquette énergie avant travaux": self.label_before,
                "l’étiquette énergie visée": self.label_target,
            }
        return [name for name, value in wanted.items() if value in (None, "", 0)]

    def missing_documents(self) -> list[str]:
        """Name the documents that the present stage requires and that are not in."""
        required = required_documents(self.case.stage)
        present = set(self.documents.values_list("kind", flat=True))
        return [str(kind.label) for kind in required if kind not in present]

    def has_waiver(self) -> bool:
        """Tell whether the permission to start early is joined."""
        return self.documents.filter(kind=DocumentKind.WAIVER).exists()

    def unanswered_requests(self) -> list[str]:
        """Name the documents that were asked for and that nothing answers."""
        return list(
            self.requested_documents.filter(document=None).values_list(
                "label", flat=True
            )
        )

    def financing_gap_cents(self) -> int:
        """Return what the plan lacks to cover the cost; negative if it exceeds it."""
        planned = self.lines.aggregate(total=Sum("amount_cents"))["total"] or 0
        return self.cost_cents - planned

    def excessive_aid(self, lines: Collection[Line] | None = None) -> list[str]:
        """Say which ceilings of public aid the plan exceeds, or one being drawn up."""
        owners = Organisation.objects.collectivites().filter(unit=self.owner_id)
        return list(
            ceilings.excesses(
                self._plan() if lines is None else lines,
                self.cost_cents,
                owner_is_collectivite=owners.exists(),
                rules=rules(self.year),
            )
        )

    def lines_awaiting_notification(self) -> list[str]:
        lines = self.lines.awaiting_notification().select_related("funder")
        return [str(line) for line in lines]

    def lines_awaiting_settlement(self) -> list[str]:
        lines = self.lines.awaiting_settlement().select_related("funder")
        return [str(line) for line in lines]

    def planned_lines(self) -> list[list[str]]:
        """Return the plan as it is approved: who pays what, under which scheme."""
        return sorted(
            [
                line.scheme,
                line.funder.code if line.funder else "",
                str(line.amount_cents),
            ]
            for line in self._plan()
        )

    def _plan(self) -> list[Line]:
        """Return the lines with their funders: those read with others, if they were."""
        if "lines" in getattr(self, "_prefetched_objects_cache", {}):
            return list(self.lines.all())
        return list(Line.objects.filter(operation=self.pk).select_related("funder"))

    def joined_since_the_decision(self) -> bool:
        """Tell whether an act was joined since the operation came to its state."""
        moves = Event.objects.filter(case=self.case_id, kind=MOVED)
        decided = moves.order_by("-seq").first()
        acts = self.documents.filter(kind=DocumentKind.ACT)
        return decided is not None and acts.filter(added_at__gte=decided.at).exists()

    def consultation_terms(self) -> dict[int, Terms]:
        """Return what the rules of consultation say of some units: delay, silence."""
        return Rulebook.load().terms_for(described(self))

    def consulting_anew(self) -> AbstractContextManager[dict[str, list[str]]]:
        """Have the services consulted follow from facts that change meanwhile."""
        return consulting_anew(self)

    def dwellings_left(self) -> int:
        """Return how many dwellings are neither delivered nor withdrawn."""
        counted = self.dwellings_delivered + self.dwellings_withdrawn
        return (self.dwellings_before or 0) - counted

    # Moves

    @performs(rehabilitation.SUBMIT, subsidy.SUBMIT)
    def submit(self, made: Made) -> None:
        self.received_on = made.effective_on

    @performs(common.ASK_FOR_DOCUMENTS)
    def ask_for_documents(self, made: Made) -> None:
        self.documents_due_on = made.inputs["answer_by"]
        labels = filter(None, map(str.strip, made.inputs["documents"].splitlines()))
        RequestedDocument.objects.bulk_create(
            RequestedDocument(
                operation=self, label=label[:300], asked_on=made.effective_on
            )
            for label in labels
        )

    @performs(common.DECLARE_COMPLETE)
    def declare_complete(self, made: Made) -> None:
        self.complete_on = made.effective_on
        self.early_start = made.inputs["early_start"]

    @performs(common.GIVE_OPINION)
    def give_opinion(self, made: Made) -> None:
        opinion = Opinion.objects.create(
            operation=self,
            unit=made.unit,
            direction=made.inputs["direction"],
            text=made.inputs["opinion"] or "",
            given_on=made.effective_on,
            given_by=made.by,
        )
        Condition.objects.bulk_create(
            Condition(opinion=opinion, wording=one.wording, due_on=one.due_on)
            for one in demands_in(made.inputs["conditions"] or "")
        )

    @performs(common.ENTER_AGENDA, common.ADJOURN)
    def plan_a_sitting(self, made: Made) -> None:
        self.planned_on = made.inputs["planned_on"]

    @performs(common.ENDORSE, common.DECLINE)
    def pass_the_committee(self, made: Made) -> None:
        self.committee_on = made.inputs["sitting_on"]

    @performs(rehabilitation.VALIDATE, subsidy.VALIDATE, common.REJECT)
    def pass_the_copil(self, made: Made) -> None:
        self.copil_on = made.inputs["sitting_on"]

    @performs(common.CONFIRM_FUNDING)
    def confirm_funding(self, made: Made) -> None:
        self.early_start = made.inputs["early_start"]
        self.funded_on = made.effective_on
        self.deadline_on = self._delays.START_WITHIN.after(made.effective_on)
        self.is_extended = False

    @performs(rehabilitation.START)
    def start_works(self, made: Made) -> None:
        assert self.funded_on is not None
        assert self.deadline_on is not None
        self.started_on = made.inputs["service_order_on"]
        # Both delays run from the award: what an extension or a suspension has
        # added to the first stays added, and is not granted twice.
        added = self.deadline_on - rehabilitation.START_WITHIN.after(self.funded_on)
        self.deadline_on = rehabilitation.DELIVER_WITHIN.after(self.funded_on) + added
        self.report_due_on = common.REPORTED_EVERY.after(made.effective_on)

    @performs(subsidy.START)
    def start_project(self, made: Made) -> None:
        started_on: datetime.date = made.inputs["started_on"]
        self.started_on = started_on
        self.deadline_on = subsidy.DELIVER_WITHIN.after(started_on)
        self.report_due_on = common.REPORTED_EVERY.after(made.effective_on)
        self.is_extended = False

    @performs(rehabilitation.RECORD_PROGRESS)
    def count_dwellings(self, made: Made) -> None:
        self.dwellings_delivered = made.inputs["dwellings_delivered"]
        self.dwellings_withdrawn = made.inputs["dwellings_withdrawn"]
        self.label_after = made.inputs["label_after"] or self.label_after
        for column, *_ in rehabilitation.ALSO_COUNTED:
            self._count(column, made)
        self.report_due_on = common.REPORTED_EVERY.after(made.effective_on)

    @performs(subsidy.RECORD_PROGRESS)
    def record_expenses(self, made: Made) -> None:
        self.progress_percent = made.inputs["progress_percent"]
        self.spent_cents = made.inputs["spent_cents"]
        self._count("insertion_hours", made)
        self.report_due_on = common.REPORTED_EVERY.after(made.effective_on)

    def _count(self, column: str, made: Made) -> None:
        """Bring a count up to date; what was not said stays as it was."""
        if made.inputs[column] is not None:
            setattr(self, column, made.inputs[column])

    @performs(rehabilitation.DELIVER, subsidy.DELIVER)
    def deliver(self, made: Made) -> None:
        self.delivered_on = made.effective_on
        self.deadline_on = self.report_due_on = None

    @performs(common.CLOSE)
    def close(self, made: Made) -> None:
        self.closed_on = made.effective_on
        self._count("insertion_hours", made)

    @performs(rehabilitation.EXTEND, subsidy.EXTEND)
    def extend(self, made: Made) -> None:
        self.deadline_on = made.inputs["until"]
        self.is_extended = True

    @performs(common.SUSPEND)
    def suspend(self, made: Made) -> None:
        self.suspended_on = made.effective_on

    @performs(common.RESUME)
    def resume(self, made: Made) -> None:
        assert self.suspended_on is not None
        stopped = made.effective_on - self.suspended_on
        if self.deadline_on:
            self.deadline_on += stopped
        if self.report_due_on:
            self.report_due_on += stopped
        if self.documents_due_on and self.case.returns_to == common.State.INCOMPLETE:
            self.documents_due_on += stopped
        self.suspended_on = None

    @property
    def _delays(self) -> Any:
        return rehabilitation if self.kind == Kind.REHABILITATION else subsidy
