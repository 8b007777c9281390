"""What the pages of any case show, to one person at one moment."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import F, Q

from erbm.cases import journal, outcomes
from workflow import delegations as preparing
from workflow import engine, inbox, priorities, refusals, situations
from workflow.cases import latest_of, process_of
from workflow.deadlines import LOCAL
from workflow.engine import Prospect
from workflow.inbox import Box
from workflow.marks import Marks, marks_of
from workflow.models import (
    Conflict,
    Delegation,
    Event,
    Membership,
    Signature,
    Subject,
    Task,
    Unit,
)
from workflow.process import Edit, Move
from workflow.situations import Situation
from workflow.standing import memberships_of

LATEST_EVENTS = 50


@dataclass(frozen=True, slots=True)
class Ask:
    """What one unit is asked to do, and what the person can answer.

    - `is_mine`: the person may answer for that unit;
    - `keeps_clock`: she may stop its delay, or let it go on;
    - `open`, `closed`: the moves that answer it, those that she cannot make apart;
    - `acting_for`: the person in whose name she would answer, if not her own;
    - `prepared`: what somebody prepares for it, or has prepared.
    """

    task: Task
    role: str
    is_mine: bool
    is_taken_by_me: bool
    keeps_clock: bool = False
    open: tuple[Prospect, ...] = ()
    closed: tuple[Prospect, ...] = ()
    acting_for: Any = None
    prepared: tuple[Delegation, ...] = ()


@dataclass(frozen=True, slots=True)
class Awaited:
    """A move that some have signed, and that others still have to sign.

    - `covers`: the facts to which their agreement is bound, in words.
    """

    move: Move
    covers: str
    signed: tuple[tuple[str, Signature], ...]
    awaited: tuple[tuple[str, tuple[Unit, ...]], ...]


class CaseSheet:
    """A case as one person sees it at one moment, read part by part."""

    def __init__(
        self,
        subject: Subject,
        *,
        by: Any,
        held: Collection[Membership],
        at: datetime.datetime,
    ) -> None:
        self.subject = subject
        self.held = held
        self.case = subject.case
        self.process = process_of(subject.case)
        self.by = by
        self.at = at

    @property
    def latest_version(self) -> int:
        """The version under which cases open now."""
        return latest_of(self.process.name).version

    @property
    def state_label(self) -> str:
        return self.process.state_label(self.case.state)

    @property
    def label_aside(self) -> str:
        """The state of a case that stands in none of the five stages."""
        return "" if self.case.stage in journal.PIPELINE else self.state_label

    @property
    def is_over(self) -> bool:
        return self.case.state in self.process.final

    @cached_property
    def situation(self) -> Situation:
        return situations.situation_of(
            self.process, self.subject, by=self.by, at=self.at, held=self.held
        )

    # What may be done

    @cached_property
    def prospects(self) -> list[Prospect]:
        """Every move of the procedure, with the reasons why it cannot be made."""
        return [self.prospect(move) for move in self.process.moves]

    def prospect(self, move: Move) -> Prospect:
        return Prospect.of(self.situation, move)

    def effects(self, move: Move) -> outcomes.Rows:
        """Say what a move would change, if the person can make it."""
        if not self.prospect(move).is_open:
            return []
        return outcomes.of(
            self.process, engine.preview(self.situation, move, at=self.at)
        )

    def refusals_of(self, edit: Edit) -> list[refusals.Refusal]:
        return refusals.edit_refusals(self.situation, edit)

    @cached_property
    def may(self) -> dict[str, bool]:
        """Tell of each edit, by its name, whether the person can make it."""
        return {edit.name: not self.refusals_of(edit) for edit in self.process.edits}

    @cached_property
    def asks(self) -> list[Ask]:
        """What is asked, of the person first, then by due date."""
        tasks = Task.objects.unfinished().filter(case=self.case)
        asked = tasks.select_related("process", "unit", "owner", "stopped_by__text")
        asks = map(self._ask, asked.order_by("sort_at", "pk"))
        return sorted(asks, key=lambda ask: not ask.is_mine)

    def _ask(self, task: Task) -> Ask:
        offered: list[Prospect] = []
        held = self.situation.standing.held.get(task.role, ())
        is_mine = task.unit in held and self.by.pk not in self.situation.conflicts
        if is_mine and task.held_at is None:
            offers = task.flow_task.offers
            offered = [p for p in self.prospects if p.move in offers]
        return Ask(
            task=task,
            role=self.process.role_label(task.role),
            is_mine=is_mine,
            is_taken_by_me=task.owner == self.by,
            keeps_clock=task.held_at is None
            and not refusals.clock_refusals(self.situation, task),
            open=tuple(p for p in offered if p.is_open),
            closed=tuple(p for p in offered if not p.is_open),
            acting_for=self.situation.standing.principal(task.role, task.unit)
            if is_mine
            else None,
            prepared=tuple(d for d in self.delegations if d.task_id == task.pk),
        )

    @cached_property
    def delegations(self) -> list[Delegation]:
        """What was asked of somebody beside the decision, and not withdrawn."""
        return [one for one in self._all_delegations if one.withdrawn_at is None]

    @cached_property
    def told(self) -> list[Delegation]:
        """Those of them, withdrawn or not, whose texts the person may read."""
        if self.by.pk in self.situation.conflicts:
            return []
        may_read, asked = preparing.may_read, self._all_delegations
        return [one for one in asked if may_read(one, self.by, self.held)]

    @cached_property
    def _all_delegations(self) -> list[Delegation]:
        asked = Delegation.objects.filter(case=self.case).select_related(
            "case", "task", "by", "to_user", "to_unit", "returned_by"
        )
        return list(asked.order_by("asked_at", "pk"))

    @property
    def asked_of_others(self) -> list[Ask]:
        return [ask for ask in self.asks if not ask.is_mine]

    @property
    def has_asks_of_mine(self) -> bool:
        return any(ask.is_mine for ask in self.asks)

    @cached_property
    def in_charge(self) -> list[Ask]:
        """What waits for somebody now."""
        return [ask for ask in self.asks if ask.task.held_at is None]

    @property
    def units_in_charge(self) -> list[Unit]:
        return list(dict.fromkeys(ask.task.unit for ask in self.in_charge))

    @property
    def first_ask(self) -> Ask | None:
        """What is due first among what waits."""
        return min(self.in_charge, key=lambda ask: ask.task.sort_at, default=None)

    @cached_property
    def _answers(self) -> set[str]:
        return {p.move.name for ask in self.asks for p in (*ask.open, *ask.closed)}

    @cached_property
    def other_moves(self) -> list[Prospect]:
        """The moves open to the person beside what she is asked."""
        return [p for p in self.prospects if p.is_open and self._is_apart(p)]

    @cached_property
    def closed_moves(self) -> list[Prospect]:
        """The moves of the present state that the person cannot make."""
        return [
            p
            for p in self.prospects
            if not p.is_open and self._is_apart(p) and self.case.state in p.move.source
        ]

    @cached_property
    def distant_moves(self) -> list[Prospect]:
        """The moves that are made in other states."""
        return [p for p in self.prospects if self.case.state not in p.move.source]

    def _is_apart(self, prospect: Prospect) -> bool:
        return prospect.move.name not in self._answers

    @cached_property
    def conflicts(self) -> list[Conflict]:
        """The conflicts of interest that keep people away, in the order declared."""
        if not self.case.has_conflicts:
            return []
        standing = Conflict.objects.standing().filter(case=self.case)
        declared = standing.select_related("user", "declared_by__actor")
        return list(declared.order_by("pk"))

    @cached_property
    def may_lift(self) -> bool:
        overseers = sorted(map(str, self.process.overseers))
        return self.situation.standing.first_held(overseers) is not None

    @property
    def may_declare_conflict(self) -> bool:
        """Tell whether she takes part in what is decided, or oversees who does."""
        return not self.is_over and bool(self.situation.standing.held)

    # What is known

    @cached_property
    def signatures(self) -> list[Awaited]:
        """The moves that await signatures, in the order of the procedure."""
        if not self.case.awaits_signatures:
            return []
        collected = situations.collected_signatures(self.case)
        by_move: dict[str, list[Signature]] = {}
        for signature in collected.select_related("user", "principal").order_by("at"):
            by_move.setdefault(signature.move, []).append(signature)
        return [
            self._awaited(move, by_move[move.name])
            for move in self.process.moves
            if move.name in by_move
        ]

    def _awaited(self, move: Move, signatures: Collection[Signature]) -> Awaited:
        label, parties = self.process.role_label, self.situation.standing.parties
        signed = {signature.role for signature in signatures}
        return Awaited(
            move=move,
            covers=", ".join(fact.label for fact in move.covers),
            signed=tuple((label(s.role), s) for s in signatures),
            awaited=tuple(
                (label(role), parties.get(role, ()))
                for role in move.by.roles
                if role not in signed
            ),
        )

    @cached_property
    def marks(self) -> Marks:
        """What the person keeps an eye on."""
        tasks = [ask.task.pk for ask in self.asks if ask.is_taken_by_me]
        return marks_of(self.by, self.at, cases=[self.case.pk], tasks=tasks)

    @property
    def may_prioritise(self) -> bool:
        return not priorities.case_refusals(self.situation)

    @property
    def is_followed(self) -> bool:
        return self.case.pk in self.marks.followed

    # What happened

    @cached_property
    def events(self) -> list[Event]:
        events = Event.objects.filter(case=self.case).select_related("text")
        return list(events.order_by("seq"))

    @cached_property
    def entered(self) -> dict[str, datetime.date]:
        return journal.stages_entered(self.case, self.events)

    @cached_property
    def arrival(self) -> journal.Line | None:
        """How the case came to its present state."""
        return journal.arrival(self.events)

    @cached_property
    def cosigners(self) -> list[tuple[str, Signature]]:
        """Who signed the latest change of state before its author, and as what."""
        if self.arrival is None:
            return []
        signed = Signature.objects.filter(
            took_effect_by__case=self.case, took_effect_by__seq=self.arrival.seq
        ).exclude(event=F("took_effect_by"))
        label = self.process.role_label
        return [
            (label(s.role), s)
            for s in signed.select_related("user", "principal").order_by("at")
        ]

    @cached_property
    def latest_lines(self) -> list[journal.Line]:
        return self._lines(self.events[-LATEST_EVENTS:])

    @property
    def has_older_lines(self) -> bool:
        return len(self.events) > LATEST_EVENTS

    @cached_property
    def lines(self) -> list[journal.Line]:
        return self._lines(self.events)

    @property
    def head(self) -> str:
        """The hash of the latest event, which binds all those before it."""
        return bytes(self.case.latest_hash).hex()

    def _lines(self, events: Collection[Event]) -> list[journal.Line]:
        """The latest first, as one reads a journal to know where things stand."""
        prepared = any(event.kind in journal.PREPARED for event in events)
        return journal.read(events, told=self.told if prepared else ())[::-1]


def next_task(*, by: Any, apart_from: Subject, at: datetime.datetime) -> Task | None:
    """Return the most urgent task of a person, on another case."""
    memberships = memberships_of(by, at.astimezone(LOCAL).date())
    tasks = inbox.tasks_in(Box.UNITS, by=by, memberships=memberships, at=at)
    free = tasks.filter(Q(owner=None) | Q(owner=by)).exclude(case=apart_from.case_id)
    return free.order_by("sort_at", "id").first()
