"""Which operations ask an envelope for money, and how two scenarios differ."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Prefetch, QuerySet, Sum

from erbm.funding import ceilings
from erbm.funding.models import Line
from erbm.grants.models import Grant, awaiting_programming
from erbm.operations.models import Operation
from erbm.organisations.models import Organisation
from erbm.programme.models import Envelope, Level, Reservation
from erbm.programme.rules import rules
from erbm.programme.schemes import Scheme
from erbm.scenarios.candidates import WHOLE, Candidate
from erbm.scenarios.models import Scenario, Share
from flows.grant.lifecycle import PROGRAM
from flows.grant.states import BEFORE_PROGRAMMING, EMPTY_HANDED
from flows.operation import State

READY = {
    State.DRAFT: 0,
    State.INCOMPLETE: 100,
    State.PROPOSED: 200,
    State.UNDER_REVIEW: 400,
    State.ON_AGENDA: 600,
    State.ARBITRATION: 600,
    State.AWAITING_COPIL: 800,
    State.FUNDING: 1000,
}
"""How far an operation has come before it is funded, in thousandths."""


def candidates_of(envelope: Envelope, *, with_drafts: bool) -> list[Candidate]:
    """
    Return the operations that ask an envelope for money, and have none from it.

    What an adopted scenario reserves, what a grant has programmed and what is notified
    is not asked for any more.
    """
    known = _asking(envelope, with_drafts=with_drafts)
    lines = _asked_lines(envelope).order_by().values_list("operation")
    asked = dict(lines.annotate(Sum("amount_cents")))
    collectivites = set(
        Organisation.objects.collectivites()
        .filter(unit__in={one.owner_id for one in known})
        .values_list("unit", flat=True)
    )
    ruled = rules(envelope.year)
    return [
        _candidate(one, asked[one.pk], envelope, collectivites, ruled) for one in known
    ]


def _asked_lines(envelope: Envelope) -> "QuerySet[Line]":
    return awaiting_programming(Line.objects.filter(scheme=envelope.scheme))


def _asking(envelope: Envelope, *, with_drafts: bool) -> "QuerySet[Operation]":
    states = [state for state in READY if with_drafts or state != State.DRAFT]
    held = Reservation.objects.live().filter(scheme=envelope.scheme)
    found = Operation.objects.filter(
        case__state__in=states, pk__in=_asked_lines(envelope).values("operation")
    ).exclude(case__in=held.values("case"))
    if envelope.level == Level.ARRONDISSEMENT:
        found = found.filter(case__jurisdiction=envelope.jurisdiction)
    elif envelope.level == Level.DEPARTEMENT:
        found = found.filter(
            case__jurisdiction__arrondissement__departement=envelope.departement
        )
    return (
        found.select_related("case__jurisdiction", "theme", "owner")
        .prefetch_related(Prefetch("lines", Line.objects.order_by("pk")))
        .order_by("case__reference")
    )


def _candidate(
    operation: Operation,
    cents: int,
    envelope: Envelope,
    collectivites: set[int],
    ruled: ceilings.Rules,
) -> Candidate:
    lines, cost = list(operation.lines.all()), operation.cost_cents
    own = sum(one.amount_cents for one in lines if one.scheme == Scheme.OWN)
    excesses = ceilings.excesses(
        lines,
        cost,
        owner_is_collectivite=operation.owner_id in collectivites,
        rules=ruled,
    )
    case = operation.case
    return Candidate(
        operation_id=operation.pk,
        reference=case.reference,
        title=case.title,
        cents=cents,
        dwellings=operation.dwellings_before or 0,
        own_share=min(WHOLE, own * WHOLE // cost) if cost else 0,
        readiness=READY[State(case.state)],
        territory=case.jurisdiction.name,
        theme=operation.theme.code if operation.theme else "",
        excess=next(iter(excesses), ""),
    )


# What a scenario comes to


@dataclass(frozen=True)
class Summary:
    """What a scenario pays, in all and by arrondissement and theme."""

    scenario: Scenario
    items: Sequence[Share]

    @property
    def chosen(self) -> list[Share]:
        return [one for one in self.items if one.granted_cents]

    @property
    def left_out(self) -> list[Share]:
        return [one for one in self.items if not one.granted_cents]

    @property
    def granted_cents(self) -> int:
        return sum(one.granted_cents for one in self.items)

    @property
    def rest_cents(self) -> int:
        return self.scenario.room_cents - self.granted_cents

    @property
    def dwellings(self) -> int:
        return sum(one.dwellings for one in self.chosen)

    @property
    def score(self) -> int:
        return sum(one.score for one in self.chosen)

    def by_territory(self) -> dict[str, int]:
        return _added((str(o.operation.case.jurisdiction), o) for o in self.chosen)

    def by_theme(self) -> dict[str, int]:
        return _added((str(o.operation.theme or "Sans thème"), o) for o in self.chosen)

    def part(self, cents: int) -> Fraction:
        """Return an amount as a part of what is shared out."""
        room = self.scenario.room_cents
        return Fraction(cents, room) if room else Fraction()


def _added(pairs: Iterable[tuple[str, Share]]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for name, item in pairs:
        found[name] += item.granted_cents
    return dict(sorted(found.items()))


def summaries_of(scenarios: Sequence[Scenario]) -> list[Summary]:
    """Read what scenarios come to, all in one statement."""
    known: dict[int, list[Share]] = defaultdict(list)
    shares = Share.objects.filter(scenario__in=scenarios)
    for one in shares.with_facts().in_order():
        known[one.scenario_id].append(one)
    return [Summary(one, known[one.pk]) for one in scenarios]


def taken_over(summary: Summary) -> dict[int, list[Grant]]:
    """Return the grants that took over what was set aside, by operation."""
    found: dict[int, list[Grant]] = defaultdict(list)
    scenario = summary.scenario
    grants = Grant.objects.filter(
        operation__in=[one.operation_id for one in summary.chosen],
        envelope=scenario.envelope_id,
        case__events__move=PROGRAM.name,
        case__events__at__gte=scenario.decided_at,
    ).exclude(case__state__in=BEFORE_PROGRAMMING | EMPTY_HANDED)
    for grant in grants.select_related("case").order_by("pk"):
        found[grant.operation_id].append(grant)
    return found


@dataclass(frozen=True, slots=True)
class Difference:
    """What two scenarios do with one operation, when they do not do the same."""

    operation: Operation
    left: Share | None
    right: Share | None


def differences(left: Summary, right: Summary) -> list[Difference]:
    """Return the operations that do not receive the same, by reference."""
    ours = {one.operation_id: one for one in left.items}
    theirs = {one.operation_id: one for one in right.items}
    found = [
        Difference(one.operation, ours.get(pk), theirs.get(pk))
        for pk, one in (ours | theirs).items()
        if _cents(ours.get(pk)) != _cents(theirs.get(pk))
    ]
    return sorted(found, key=lambda one: str(one.operation.case.reference))


def side_by_side(
    left: dict[str, int], right: dict[str, int]
) -> list[tuple[str, int, int]]:
    """Return the amounts of two scenarios under the same names."""
    names = sorted({*left, *right})
    return [(name, left.get(name, 0), right.get(name, 0)) for name in names]


def _cents(item: Share | None) -> int:
    return item.granted_cents if item else 0
