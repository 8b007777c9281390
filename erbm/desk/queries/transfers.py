"""Which ways lead from a version of a procedure to another, and who took them."""

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations
from operator import attrgetter

from django.db.models import Count, Q, QuerySet

from erbm.words import typeset
from workflow.cases import bound_processes
from workflow.journeys import flow_of
from workflow.models import Case, Passage, Transfer
from workflow.process import Process

LISTED = 500


@dataclass(frozen=True, slots=True)
class Way:
    """From one version of a procedure to another."""

    before: Process
    after: Process

    @property
    def code(self) -> str:
        return f"{self.before.name}:{self.before.version}:{self.after.version}"

    def __str__(self) -> str:
        return typeset(
            f"{self.before.title} : version {self.before.version} "
            f"→ version {self.after.version}"
        )

    def states(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return the states of both versions, with their labels."""
        left, joined = (
            {str(state.value): str(state.label) for state in process.states}
            for process in (self.before, self.after)
        )
        return left, joined

    def steps(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return the steps of both versions, with their titles."""
        left, joined = (
            {step.name: step.task_title for step in flow.steps()}
            for flow in (
                flow_of(process.name, process.version)
                for process in (self.before, self.after)
            )
        )
        return left, joined

    def followers(self) -> int:
        """Count the cases that follow the version left."""
        follow = Case.objects.filter(process=self.before.name)
        return follow.filter(process_version=self.before.version).count()


def ways() -> list[Way]:
    """Return every way, the one to the latest version of a procedure first."""
    by_name: dict[str, list[Process]] = {}
    for process in bound_processes():
        by_name.setdefault(process.name, []).append(process)
    found = [
        Way(before, after)
        for versions in by_name.values()
        for before, after in permutations(versions, 2)
    ]
    return sorted(found, key=lambda w: (w.before.title, -w.after.version))


def way_of(code: str) -> Way | None:
    """Return the way that a page named."""
    return next((way for way in ways() if way.code == code), None)


def taken(transfer: Transfer) -> Way | None:
    """Return the way of a transfer, as long as both versions are kept."""
    return way_of(f"{transfer.process}:{transfer.before}:{transfer.after}")


def listing() -> "QuerySet[Transfer]":
    """Return the transfers, the latest first, with what became of their cases."""
    done = Q(passages__done_at__isnull=False, passages__undone_at=None)
    return (
        Transfer.objects.select_related("planned_by")
        .annotate(
            total=Count("passages"),
            made=Count("passages", filter=done),
            waiting=Count("passages", filter=Q(passages__done_at=None)),
        )
        .order_by("-pk")
    )


class Issue(enum.Enum):
    """What became of a case, or would."""

    REFUSED = "Refusé"
    WAITING = "Passerait"
    STAYS = "Passé, ne peut être ramené"
    MADE = "Passé"
    UNDONE = "Ramené"

    @classmethod
    def of(cls, passage: Passage) -> "Issue":
        if passage.done_at is None:
            return cls.REFUSED if passage.refusal else cls.WAITING
        if passage.undone_at is not None:
            return cls.UNDONE
        return cls.STAYS if passage.refusal else cls.MADE


@dataclass(frozen=True, slots=True)
class Line:
    """One case of a transfer."""

    passage: Passage
    issue: Issue

    @property
    def case(self) -> Case:
        case: Case = self.passage.case
        return case


def lines(transfer: Transfer) -> list[Line]:
    """Return the cases of a transfer: what needs somebody comes first."""
    order = list(Issue)
    passages = transfer.passages.select_related("case").order_by("pk")
    found = [Line(passage, Issue.of(passage)) for passage in passages]
    return sorted(found, key=lambda line: order.index(line.issue))


def tally(found: Iterable[Line]) -> Mapping[Issue, int]:
    """Count the cases of a transfer by issue."""
    issues = list(map(attrgetter("issue"), found))
    return {issue: issues.count(issue) for issue in Issue if issue in issues}


def renamed(transfer: Transfer, way: Way) -> Iterator[tuple[str, str]]:
    """Say which states and steps have another name, or none, in the version joined."""
    pairs = ((transfer.states, way.states()), (transfer.steps, way.steps()))
    for said, (left, joined) in pairs:
        for name, label in left.items():
            new = said.get(name)
            becomes = joined[new] if new else "aucun équivalent"
            # What another name hides from users is not a change to them.
            if new is None or becomes != label:
                yield label, becomes
