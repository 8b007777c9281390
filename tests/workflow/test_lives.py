"""Whatever people do with loans, in whatever order, they are what the rules say.

The model in `rules` is all that one need know of the library: it is written without
the engine, and the engine must agree with it at every step. LIVES says how many lives.
"""

import dataclasses
import datetime
import itertools
import logging
import os
import uuid

import pytest
from django.db import transaction
from django.test import TestCase
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.library.factories import NOW, PROCESS, attempt, person, stands_in, unit
from tests.library.lifecycle import ADVICE, DISMISS, INVITE
from tests.workflow import rules
from tests.workflow.certainties import DAY, Certainties
from tests.workflow.rules import MOVES, PEOPLE, PLACES, SIGN, SIGNED
from tests.workflow.world import FAULTS, PowerCut, World
from workflow import (
    bulk,
    claims,
    clocks,
    conflicts,
    delegations,
    engine,
    escalations,
    incidents,
    invitations,
    outbox,
)
from workflow.models import (
    Delegation,
    Outcome,
    Task,
)
from workflow.substitutions import SubstitutionRefused

PERSON = st.sampled_from([*PEOPLE])
PLACE = st.sampled_from([*PLACES.values()])
MOVE = st.sampled_from([*MOVES, *SIGNED])
REFUSED_TASK = (
    claims.TaskNotFound,
    claims.ClaimRefused,
    claims.AlreadyClaimed,
    claims.AssigneeRefused,
    delegations.DelegationRefused,
)


PASTS = [
    (),
    (("tries", "ask", "lena"), ("tries", "advise", "ada")),
    (
        ("tries", "ask", "rose"),
        ("tries", "advise", "ada"),
        ("tries", "lend", "lena"),
        ("tries", "return", "rose"),
    ),
    # Elsa, who is nothing by herself, is Lena: neither may lend what one of them asked.
    (
        ("goes_away", "lena", "elsa", 5),
        ("tries", "ask", "elsa"),
        ("tries", "advise", "ada"),
    ),
    (
        ("tries", "ask", "lena"),
        ("tries", "advise", "ada"),
        ("goes_away", "lena", "elsa", 5),
    ),
    # Marie is Denis as well: she may not sign for both.
    (
        ("goes_away", "denis", "marie", 5),
        ("tries", "ask", "rose"),
        ("tries", "give", "marie"),
    ),
    # Denis, for whom Elsa has signed, may not sign again for Marie.
    (
        ("goes_away", "denis", "elsa", 5),
        ("goes_away", "marie", "denis", 5),
        ("tries", "ask", "rose"),
        ("tries", "give", "elsa"),
    ),
]
"""Where a life begins, so that it often comes to what wants other eyes."""

EDITS = {
    "invite": (INVITE, invitations.invite),
    "dismiss": (DISMISS, invitations.dismiss),
}
TAKES = {
    "claim": claims.claim,
    "take_over": claims.take_over,
    "release": claims.release,
}


class Life(Certainties):
    """The engine beside its model: one loan, and another that batches take along."""

    library, people = None, {}

    @initialize(past=st.sampled_from(PASTS))
    def open(self, past):
        # As a test case enters them: the batches insist on being outermost.
        self.atomics = TestCase._enter_atomics()
        self.at, self.answered, self.checked, self.moments = NOW, [], {}, {}
        self.town = rules.Town()
        self.lives = [
            (loan, rules.Rules(self.town))
            for loan in self.library.loans(2, advisers=[unit("wise")])
        ]
        self.loan, self.rules = self.lives[0]
        self.world = World()
        outbox._listeners.clear()
        outbox._subscriptions.clear()
        for name in ("tell", "warn"):
            listener = _named(name, getattr(self.world, name))
            outbox.listens_to(PROCESS, kinds=(outbox.MOVED, outbox.SIGNED))(listener)
        outbox.hears(PROCESS, outbox.ESCALATED)(_named("warn", self.world.warn))
        for act, *said in past:
            getattr(self, f"somebody_{act}")(*said)

    def teardown(self):
        if not hasattr(self, "atomics"):
            return
        try:
            self.checked.clear()
            self.all_that_must_hold_holds()
            self.each_moment_is_replayed_as_it_was()
            self.everything_is_told_in_the_end()
        finally:
            TestCase._rollback_atomics(self.atomics)

    def said(self, move):
        said = (MOVES.get(move) or SIGNED.get(move))[1]
        return {"confirmed_at": self.at} if said is SIGN else said

    def now(self):
        """Return the moment of one more act: no two have the same."""
        self.at += datetime.timedelta(minutes=1)
        return self.at

    def attempt(self, move, name, **facts):
        self.now()
        declared = PROCESS.move(move)
        by = self.people[name]
        said = self.said(move) | facts
        return attempt(self.loan, declared, by=by, at=self.at, **said)

    def fire(self, made, *, with_others=False):
        with transaction.atomic():
            if not with_others:
                return engine.fire(PROCESS, self.loan.pk, made)
            attempts = {self.loan.pk: made}
            found = engine.fire_all(PROCESS, attempts, by=made.by, at=made.at)
            [outcome] = found.values()
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

    # What people do

    @rule(move=MOVE, name=PERSON, with_others=st.booleans())
    def somebody_tries(self, move, name, with_others=False):
        made = self.attempt(move, name)
        if not self.rules.may(move, name):
            with pytest.raises(engine.MoveRefused):
                self.fire(made, with_others=with_others)
            return
        self.answered.append((made, self.fire(made, with_others=with_others)))
        self.rules.make(move, name)

    @rule(data=st.data())
    def somebody_does_what_she_may(self, data):
        acts = itertools.product([*MOVES, *SIGNED], PEOPLE)
        if lawful := [act for act in acts if self.rules.may(*act)]:
            act, with_others = st.sampled_from(lawful), st.booleans()
            self.somebody_tries(*data.draw(act), with_others=data.draw(with_others))

    @rule(data=st.data())
    def somebody_does_what_wants_other_eyes(self, data):
        acts = itertools.product([*MOVES, *SIGNED], PEOPLE)
        barred = [
            act
            for act in acts
            if self.rules.may(*act, by_all_eyes=False) and not self.rules.may(*act)
        ]
        if barred:
            act, with_others = st.sampled_from(barred), st.booleans()
            self.somebody_tries(*data.draw(act), with_others=data.draw(with_others))

    @precondition(lambda self: self.rules.concerned)
    @rule(data=st.data(), substitute=PERSON)
    def somebody_whose_eyes_have_served_goes_away(self, data, substitute):
        principal = data.draw(st.sampled_from(self.rules.concerned))
        self.somebody_goes_away(principal, substitute, 5)

    @precondition(lambda self: self.rules.version > 1)
    @rule(move=st.sampled_from([*MOVES]), name=PERSON, ago=st.integers(1, 3))
    def somebody_answers_an_old_page(self, move, name, ago):
        seen = max(self.rules.version - ago, 0)
        with pytest.raises(engine.StaleCase) as caught:
            self.fire(self.attempt(move, name, seen=seen))
        versions = {event.case_version for event in caught.value.changes}
        assert versions == set(range(seen + 1, self.rules.version + 1))

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

    @rule(move=MOVE, name=PERSON)
    def somebody_chooses_both_loans(self, move, name):
        known = [(loan, r) for loan, r in self.lives if r.knows(name)]
        if not known:
            return
        by, said = self.people[name], self.said(move)
        self.now()
        with transaction.atomic():
            keys = [loan.pk for loan, _ in self.lives]
            batch = bulk.prepare(case_ids=keys, key=uuid.uuid4(), by=by, at=self.at)
            typed = bulk.Said(PROCESS.move(move), **({"inputs": {}} | said))
            bulk.start(batch_id=batch.pk, said=typed, by=by, at=self.at)
        # The first worker ends after one case; the next takes over.
        tried = [bulk.carry_on(limit=n, at=self.at) for n in (1, 9)]
        assert tried == [1, len(known) - 1]
        outcomes = dict(batch.items.values_list("case_id", "outcome"))
        assert len(outcomes) == len(known)
        for loan, its_rules in known:
            may = its_rules.may(move, name)
            assert outcomes[loan.pk] == (Outcome.MADE if may else Outcome.REFUSED)
            if may:
                its_rules.make(move, name)

    @rule(about=PERSON, name=PERSON, act=st.sampled_from(["declare", "lift"]))
    def somebody_has_an_interest(self, about, name, act):
        may = {"declare": self.rules.may_set_aside, "lift": self.rules.may_call_back}
        then = {"declare": self.rules.set_aside, "lift": self.rules.call_back}
        said = conflicts.Statement(
            about=self.people[about],
            by=self.people[name],
            at=self.now(),
            reason="Sa sœur est la lectrice.",
            key=uuid.uuid4(),
        )
        state = getattr(conflicts, act)
        if not may[act](about, name):
            with pytest.raises(engine.MoveRefused), transaction.atomic():
                state(PROCESS, self.loan.pk, said)
            return
        with transaction.atomic():
            state(PROCESS, self.loan.pk, said)
        then[act](about)

    @rule(principal=PERSON, substitute=PERSON, days=st.integers(0, 5))
    def somebody_goes_away(self, principal, substitute, days):
        first, away = self.at.date(), (principal, substitute, days)
        last = first + days * DAY
        people = self.people[substitute], self.people[principal]
        if not self.town.may_be_replaced(*away):
            with pytest.raises(SubstitutionRefused):
                stands_in(*people, days=(first, last), at=self.at)
            return
        stands_in(*people, days=(first, last), at=self.at)
        today = self.town.day
        self.town.absences.append((principal, substitute, today, today + days))

    @rule(act=st.sampled_from([*EDITS]), place=PLACE, name=PERSON)
    def somebody_asks_one_more_or_one_fewer(self, act, place, name):
        by, (edit, change) = self.people[name], EDITS[act]
        said = (
            engine.Amendment(edit, by, self.now(), None, uuid.uuid4()),
            invitations.Invitation(
                opinions=ADVICE, unit=unit(place), reason="Pour voir."
            ),
        )
        if not getattr(self.rules, f"may_{act}")(name, place):
            with pytest.raises(engine.MoveRefused), transaction.atomic():
                change(PROCESS, self.loan.pk, *said)
            return
        with transaction.atomic():
            change(PROCESS, self.loan.pk, *said)
        getattr(self.rules, act)(place)

    @precondition(lambda self: self.rules.state == "asked")
    @rule(take=st.sampled_from([*TAKES]), name=PERSON)
    def somebody_takes_it_or_gives_it_back(self, take, name):
        said = {"task_id": self.desk.pk, "by": self.people[name], "at": self.now()}
        if not self.rules.may_take(take, name):
            with pytest.raises(REFUSED_TASK), transaction.atomic():
                TAKES[take](**said)
            return
        with transaction.atomic():
            TAKES[take](**said)
        self.rules.desk.owner = None if take == "release" else name

    @precondition(lambda self: self.rules.state == "asked")
    @rule(name=PERSON, to=PERSON)
    def somebody_gives_it_to_another(self, name, to):
        people = {"by": self.people[name], "to": self.people[to]}
        said = {"task_id": self.desk.pk, "at": self.now(), **people}
        if not self.rules.may_assign(name, to):
            with pytest.raises(REFUSED_TASK), transaction.atomic():
                claims.assign(**said)
            return
        with transaction.atomic():
            claims.assign(**said)
        self.rules.desk.owner = to

    @precondition(lambda self: self.rules.state == "asked")
    @rule(name=PERSON)
    def somebody_has_it_prepared(self, name):
        request = delegations.Request(to=self.people["elsa"], instructions="En rayon ?")
        said = {"request": request, "by": self.people[name], "at": self.now()}
        if not self.rules.may_delegate(name):
            with pytest.raises(REFUSED_TASK), transaction.atomic():
                delegations.delegate(task_id=self.desk.pk, **said)
            return
        with transaction.atomic():
            delegations.delegate(task_id=self.desk.pk, **said)
        self.rules.delegate(name)

    @precondition(lambda self: self.rules.desk and self.rules.desk.is_prepared)
    @rule(name=PERSON)
    def it_comes_back(self, name):
        asked = Delegation.objects.awaited().get(case=self.loan.pk)
        said = {"answer": "Oui.", "by": self.people[name], "at": self.now()}
        if name != "elsa":
            with pytest.raises(delegations.DelegationNotFound), transaction.atomic():
                delegations.hand_back(delegation_id=asked.pk, **said)
            return
        with transaction.atomic():
            delegations.hand_back(delegation_id=asked.pk, **said)
        self.rules.desk.is_prepared = False

    @precondition(lambda self: self.rules.state == "asked")
    @rule(name=PERSON)
    def somebody_turns_the_clock(self, name):
        stands = self.rules.desk.stopped_on is not None
        act = clocks.resume if stands else clocks.stop
        turn = clocks.Turn(
            self.desk.pk,
            "Chez le relieur.",
            self.people[name],
            self.now(),
            uuid.uuid4(),
        )
        if not self.rules.may_turn_the_clock(name):
            with pytest.raises(engine.MoveRefused), transaction.atomic():
                act(turn)
            return
        with transaction.atomic():
            act(turn)
        self.rules.turn_the_clock()

    @property
    def desk(self):
        return Task.objects.unfinished().get(case=self.loan.pk, step="desk")

    # What happens by itself

    @rule(days=st.integers(1, 6), beats=st.integers(0, 2))
    def time_passes(self, days, beats):
        self.at += days * DAY
        self.town.day += days
        before = sum(its_rules.rang for _, its_rules in self.lives)
        if beats:
            for _, its_rules in self.lives:
                its_rules.ring()
        rang = sum(its_rules.rang for _, its_rules in self.lives) - before
        swept = [escalations.sweep(at=self.at) for _ in range(beats)]
        assert swept == [rang, 0][:beats]

    @rule(faults=st.lists(st.sampled_from(FAULTS), max_size=8), replays=st.booleans())
    def a_worker_comes(self, faults, replays):
        self.world.faults = faults
        self.deliver()
        if replays:
            self.replay()

    def deliver(self):
        """Deliver what is due as if all the delays and the leases had passed."""
        try:
            outbox.deliver(limit=1_000, at=timezone.now() + DAY)
        except PowerCut:
            return False
        return True

    def replay(self):
        with transaction.atomic():
            incidents.replay_all(
                role="director", by=self.people["denis"], at=timezone.now()
            )


def _people(town):
    person("lena", "reader")
    return {
        "rose": town.reader,
        "lena": town.librarian,
        "leo": person("leo", "librarian"),
        "denis": town.director,
        "marie": town.mayor,
        "ada": person("ada", "adviser", place=unit("wise")),
        "gus": person("gus", "adviser", place=unit("guild")),
        "elsa": person("elsa", "archivist"),
    }


def _named(name, method):
    """Give a listener the name by which its messages find it again."""

    def listener(event, *, key, at):
        method(event, key=key, at=at)

    listener.__name__, listener.__module__ = name, "world"
    return listener


@pytest.mark.sqlite
@pytest.mark.timeout(3600)
@pytest.mark.slow  # three hundred lives of two loans
@pytest.mark.django_db
def test_every_life_of_a_loan_follows_the_rules(town, listen, monkeypatch):
    monkeypatch.setattr(Life, "library", town)
    monkeypatch.setattr(Life, "people", _people(town))
    # Hundreds of failures are asked for, and a traceback of each is not.
    monkeypatch.setattr(logging.getLogger("workflow.outbox"), "disabled", True)
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=int(os.environ.get("LIVES", "300")), stateful_step_count=12
        ),
    )
