"""The programme as it stood at a moment, whatever has happened since."""

import datetime
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from erbm.delivery.queries import Counter as Dwellings
from erbm.obligations.models import Obligation
from erbm.operations.models import Kind, Operation
from flows.obligation.lifecycle import State as Owed
from flows.operation import STAGES, State
from flows.stages import Stage
from workflow import outbox, replay
from workflow.deadlines import end_of, local_day, start_of
from workflow.models import Event, Membership

PIPELINE = [stage for stage in Stage if stage not in {Stage.END, Stage.ASIDE}]
TOLD = (
    ("submit", "Opérations déposées"),
    ("endorse", "Avis favorables des comités"),
    ("validate", "Validations du COPIL"),
    ("confirm_funding", "Financements confirmés"),
    ("start", "Démarrages de travaux"),
    ("deliver", "Livraisons visées"),
    ("close", "Clôtures"),
    ("decline", "Avis défavorables des comités"),
    ("reject", "Rejets du COPIL"),
    ("withdraw", "Retraits"),
    ("abandon", "Abandons"),
    ("record_lapse", "Caducités constatées"),
)
"""What a year is told by: the moves that count, and how they are called together."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An operation as it stood."""

    operation: Operation
    state: State
    title: str
    cost_cents: int
    aid_cents: int
    dwellings: int

    @property
    def stage(self) -> Stage:
        return STAGES[self.state]

    @property
    def place(self) -> str:
        return self.operation.case.jurisdiction.name


@dataclass(frozen=True, slots=True)
class Place:
    """What is under way in one place: how many at each stage, and their money."""

    name: str
    stages: Sequence[int]
    cost_cents: int
    aid_cents: int

    @property
    def total(self) -> int:
        return sum(self.stages)


class Programme:
    """What a person knows of the programme, as it stood at a moment."""

    def __init__(
        self, memberships: Collection[Membership], at: datetime.datetime
    ) -> None:
        self.at = at
        self._memberships = memberships
        self.dwellings = Dwellings(memberships, at)

    @property
    def year(self) -> int:
        return local_day(self.at).year

    @cached_property
    def operations(self) -> list[Seen]:
        known = Operation.objects.visible_with(self._memberships).with_facts()
        subjects = list(known.order_by("case__reference"))
        past = replay.as_they_were(subjects, self.at)
        return [_seen(one, past[one.pk]) for one in subjects if one.pk in past]

    @property
    def running(self) -> list[Seen]:
        """Those in one of the five stages."""
        return [one for one in self.operations if one.stage in PIPELINE]

    @property
    def places(self) -> list[Place]:
        groups: dict[str, list[Seen]] = {}
        for one in self.running:
            groups.setdefault(one.place, []).append(one)
        return [_place(name, some) for name, some in sorted(groups.items())]

    @property
    def whole(self) -> Place:
        return _place("Ensemble", self.running)

    @property
    def of_the_year(self) -> list[tuple[str, int, int]]:
        """Return what was done in the year up to the moment, and in the one before."""
        return [
            (label, self._made(self.year)[name], self._made(self.year - 1)[name])
            for name, label in TOLD
        ]

    def _made(self, year: int) -> Counter[str]:
        if year not in self._years:
            first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
            made = Event.objects.filter(
                case__in=[one.operation.pk for one in self.operations],
                kind=outbox.MOVED,
                at__gte=start_of(first),
                at__lte=min(end_of(last), self.at),
            )
            self._years[year] = Counter(made.values_list("move", flat=True))
        return self._years[year]

    @cached_property
    def _years(self) -> dict[int, Counter[str]]:
        return {}

    @cached_property
    def conditions(self) -> list[tuple[str, int]]:
        """Return what had become of the conditions that were accepted."""
        known = Obligation.objects.visible_with(self._memberships)
        subjects = list(known.select_related("case").order_by("pk"))
        past = replay.as_they_were(subjects, self.at).values()
        today = local_day(self.at).isoformat()
        states = Counter(one.state for one in past)
        late = sum(o.state == Owed.OPEN and o.facts["due_on"] < today for o in past)
        return [
            *((str(state.label), states[state]) for state in Owed),
            ("dont à tenir et en retard", late),
        ]

    @property
    def at_the_copil(self) -> list[Seen]:
        """Those that waited for the COPIL."""
        return [one for one in self.operations if one.state == State.AWAITING_COPIL]


def _seen(operation: Operation, then: replay.Then) -> Seen:
    is_dwellings = operation.kind == Kind.REHABILITATION
    return Seen(
        operation=operation,
        state=State(then.state),
        title=then.title,
        cost_cents=then.amount_cents,
        aid_cents=int(then.facts["requested_cents"] or 0),
        dwellings=int(then.facts["dwellings_before"] or 0) if is_dwellings else 0,
    )


def _place(name: str, some: Sequence[Seen]) -> Place:
    stages = Counter(one.stage for one in some)
    return Place(
        name=name,
        stages=[stages[stage] for stage in PIPELINE],
        cost_cents=sum(one.cost_cents for one in some),
        aid_cents=sum(one.aid_cents for one in some),
    )
