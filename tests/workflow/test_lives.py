"""Whatever people do with a loan, and in whatever order, it is what the rules say.

The model below is all that one need know of the library: it is written without the
engine, and the engine must agree with it at every step.
"""

import dataclasses
import datetime
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.library.factories import NOW, PROCESS, UNTIL, Town, attempt
from workflow import engine
from workflow.models import Case, Event, Signature, Task
from workflow.trail import verify

REASON = {"reason": "Pour une raison."}
SIGN = {"confirmed_at": NOW}
# move: who makes it, what she says, from where, to where
MOVES = {
    "ask": ("reader", {}, {"wished"}, "asked"),
    "lend": ("librarian", UNTIL, {"asked"}, "lent"),
    "refuse": ("librarian", REASON, {"asked"}, "refused"),
    "send_back": ("librarian", REASON, {"asked"}, "wished"),
    "renew": ("librarian", {}, {"lent"}, "lent"),
    "contest_return": ("librarian", REASON, {"lent"}, "lent"),
    "freeze": ("librarian", REASON, {"asked", "lent"}, "frozen"),
    "thaw": ("librarian", {}, {"frozen"}, None),
    "reopen": ("director", REASON, {"refused"}, "asked"),
}
SIGNED = {
    "return": (["reader", "librarian"], {}, {"lent"}, "returned"),
    "give": (["director", "mayor"], SIGN, {"asked", "lent"}, "given"),
}
STEPS = {
    "wished": {"wish"},
    "asked": {"desk"},
    "lent": {"home"},
    "frozen": {"thaw"},
}


@dataclass
class Rules:
    """A loan as the rules have it."""

    state: str = "wished"
    back: str = ""
    version: int = 1
    signatures: dict = field(default_factory=dict)

    def may(self, move, role):
        if move in MOVES:
            who, _, source, _ = MOVES[move]
            contests = move == "contest_return"
            return (
                role == who
                and self.state in source
                and (not contests or "return" in self.signatures)
            )
        roles, _, source, _ = SIGNED[move]
        signed = self.signatures.get(move, [])
        turn = roles[len(signed) :][:1] if move == "return" else set(roles) - {*signed}
        return self.state in source and role in turn

    def make(self, move, role):
        self.version += 1
        if move in SIGNED:
            roles, _, _, target = SIGNED[move]
            signed = [*self.signatures.get(move, []), role]
            self.signatures = {move: signed}
            if len(signed) == len(roles):
                self.go(target)
            return
        _, _, _, target = MOVES[move]
        if move == "freeze":
            self.back = self.state
        if move == "contest_return":
            self.signatures.pop("return")
        if (target or self.back) != self.state:
            self.go(target or self.back)

    def go(self, state):
        self.state, self.signatures = state, {}

    @property
    def steps(self):
        signed = self.signatures.get("return", [])
        return {"receive"} if signed else STEPS.get(self.state, set())


class Life(RuleBasedStateMachine):
    """The engine beside its model."""

    @initialize()
    def open(self):
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.town, self.at, self.answered = Town(), NOW, []
        self.loan, self.rules = self.town.loan(), Rules()

    def teardown(self):
        if hasattr(self, "atomic"):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def attempt(self, move, role, **said):
        self.at += datetime.timedelta(minutes=1)
        typed = (MOVES.get(move) or SIGNED.get(move))[1]
        typed = {"confirmed_at": self.at} if typed is SIGN else typed
        return attempt(
            self.loan,
            PROCESS.move(move),
            by=self.town.role(role),
            at=self.at,
            **typed,
            **said,
        )

    def fire(self, made):
        with transaction.atomic():
            return engine.fire(PROCESS, self.loan.pk, made)

    @rule(
        move=st.sampled_from([*MOVES, *SIGNED]),
        role=st.sampled_from(["reader", "librarian", "director", "mayor"]),
    )
    def somebody_tries(self, move, role):
        made = self.attempt(move, role)
        if not self.rules.may(move, role):
            with pytest.raises(engine.MoveRefused):
                self.fire(made)
            return
        self.answered.append((made, self.fire(made)))
        self.rules.make(move, role)

    @rule(data=st.data())
    def somebody_does_what_she_may(self, data):
        lawful = [
            (move, role)
            for move in (*MOVES, *SIGNED)
            for role in ("reader", "librarian", "director", "mayor")
            if self.rules.may(move, role)
        ]
        if lawful:
            self.somebody_tries(*data.draw(st.sampled_from(lawful)))

    @precondition(lambda self: self.rules.version > 1)
    @rule(move=st.sampled_from([*MOVES]), ago=st.integers(1, 3))
    def somebody_answers_an_old_page(self, move, ago):
        seen = max(self.rules.version - ago, 0)
        made = self.attempt(move, MOVES[move][0], seen=seen)
        with pytest.raises(engine.StaleCase) as caught:
            self.fire(made)
        assert len(caught.value.changes) == self.rules.version - seen

    @precondition(lambda self: self.answered)
    @rule(data=st.data())
    def somebody_sends_a_form_twice(self, data):
        made, receipt = data.draw(st.sampled_from(self.answered))
        assert self.fire(made) == receipt

    @precondition(lambda self: self.answered)
    @rule(data=st.data())
    def somebody_sends_another_form_with_an_old_key(self, data):
        made, _ = data.draw(st.sampled_from(self.answered))
        move = "renew" if made.move.name != "renew" else "thaw"
        with pytest.raises(engine.KeyReused):
            self.fire(dataclasses.replace(made, move=PROCESS.move(move)))

    @invariant()
    def the_engine_agrees(self):
        if not hasattr(self, "rules"):
            return
        case = Case.objects.get(pk=self.loan.pk)
        assert (case.state, case.version) == (self.rules.state, self.rules.version)
        tasks = Task.objects.filter(case=case)
        assert set(tasks.open().values_list("step", flat=True)) == self.rules.steps
        assert bool(self.rules.steps) == (case.state not in PROCESS.final)

    @invariant()
    def the_signatures_are_those_awaited(self):
        if not hasattr(self, "rules"):
            return
        awaited = Signature.objects.filter(
            case=self.loan.pk, struck_by=None, took_effect_by=None
        ).values_list("move", "role")
        assert sorted(awaited) == sorted(
            (move, role)
            for move, roles in self.rules.signatures.items()
            for role in roles
        )

    @invariant()
    def each_version_has_one_event_and_the_chain_holds(self):
        if not hasattr(self, "rules"):
            return
        events = Event.objects.filter(case=self.loan.pk).order_by("seq")
        versions = list(events.values_list("case_version", flat=True))
        assert versions == list(range(1, self.rules.version + 1))
        assert verify.problems_of(self.loan.case) == []


@pytest.mark.slow  # fifty lives of a loan
@pytest.mark.django_db
def test_every_life_of_a_loan_follows_the_rules():
    run_state_machine_as_test(
        Life, settings=settings(max_examples=50, stateful_step_count=12)
    )
