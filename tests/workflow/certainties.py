"""What is always true of the loans of `test_lives`, whatever people do with them."""

import datetime
import itertools

from hypothesis.stateful import RuleBasedStateMachine, invariant

from tests.library.factories import NOW, PROCESS
from tests.workflow.moments import replayed, shown
from tests.workflow.world import LISTENERS
from workflow import clocks, engine, escalations, incidents
from workflow.deadlines import local_day
from workflow.models import Case, Conflict, Event, Message, Signature, Task
from workflow.trail import verify

DAY = datetime.timedelta(days=1)
QUIET = {
    *("claim", "take_over", "release", "assign", "delegation", "return"),
    *("escalation", "replay", clocks.STOPPED, clocks.RESUMED),
}
"""What is written in the trail and decides nothing."""


class Certainties(RuleBasedStateMachine):
    """The engine agrees with the model, and with itself."""

    @invariant()
    def all_that_must_hold_holds(self):
        for loan, its_rules in getattr(self, "lives", ()):
            case = Case.objects.get(pk=loan.pk)
            assert (case.state, case.version) == (its_rules.state, its_rules.version)
            # Without a new event, nothing else may have changed: the end will tell.
            if self.checked.get(loan.pk) != case.latest_seq:
                self.checked[loan.pk] = case.latest_seq
                self.check(case, its_rules)

    def check(self, case, its_rules):
        self.the_engine_agrees(case, its_rules)
        self.four_eyes_were_kept(case)
        self.the_outbox_is_complete(case, its_rules)
        self.each_version_has_one_decision(case, its_rules)
        # One in three: a life is long enough for all its kinds of moments.
        if case.latest_seq % 3 == 0:
            self.moments[case.loan, self.at] = shown(case.loan)

    def the_engine_agrees(self, case, its_rules):
        """Open tasks ⇔ the state and the signatures collected."""
        tasks = {
            task.step: task
            for task in Task.objects.open().filter(case=case).select_related("owner")
        }
        assert tasks.keys() == its_rules.steps
        self.advice_is_awaited_where_it_should(case, its_rules)
        assert bool(tasks) == (case.state not in PROCESS.final)
        awaited = Signature.objects.filter(
            case=case, struck_by=None, took_effect_by=None
        ).values_list("move", "role")
        assert sorted(awaited) == its_rules.awaited
        assert case.awaits_signatures == bool(its_rules.awaited)
        kept_away = Conflict.objects.standing().filter(case=case)
        away = {self.people[name].pk for name in its_rules.away}
        assert set(kept_away.values_list("user", flat=True)) == away
        if desk := tasks.get("desk"):
            expected = its_rules.desk
            owner = expected.owner and self.people[expected.owner]
            due = NOW.date() + expected.due * DAY
            assert (desk.owner, desk.rung) == (owner, expected.rung)
            assert desk.due_at.astimezone(engine.LOCAL).date() == due
            assert desk.is_stopped == (expected.stopped_on is not None)

    def advice_is_awaited_where_it_should(self, case, its_rules):
        asked = Task.objects.open().filter(case=case, step="advice")
        due = {
            task.unit.code: (local_day(task.due_at) - NOW.date()).days
            for task in asked.select_related("unit")
        }
        advice = its_rules.advice
        assert due == {place: advice[place].due for place in its_rules.awaiting}

    def each_moment_is_replayed_as_it_was(self):
        for (loan, at), then in self.moments.items():
            assert replayed(loan, at) == then

    def four_eyes_were_kept(self, case):
        """Nobody, by herself or by another, lent what she asked, nor signed twice."""
        asked = set()
        made = Event.objects.filter(case=case, move__in=["ask", "lend"])
        for move, *people in made.order_by("seq").values_list(
            "move", "actor", "principal"
        ):
            people = {*people} - {None}
            if move == "lend":
                assert not people & asked
            else:
                asked |= people
        signed = Signature.objects.filter(case=case, struck_by=None).order_by(
            "took_effect_by", "move"
        )
        facts = signed.values_list("took_effect_by", "move", "user", "principal")
        for _, together in itertools.groupby(facts, key=lambda one: one[:2]):
            people = [p for _, _, *pair in together for p in {*pair} - {None}]
            assert len(people) == len(set(people))

    def the_outbox_is_complete(self, case, its_rules):
        """A message for each listener of each event, and none twice."""
        told = Event.objects.filter(case=case, kind__in=["move", "signature"])
        rang = Event.objects.filter(case=case, kind="escalation")
        assert list(told.order_by("seq").values_list("move", "kind")) == its_rules.told
        assert rang.count() == its_rules.rang
        expected = {(pk, name) for pk in told.values_list("pk") for name in LISTENERS}
        expected |= {(pk, "warn") for pk in rang.values_list("pk")}
        messages = Message.objects.filter(event__case=case)
        written = [
            ((event,), listener.rpartition(".")[2])
            for event, listener in messages.values_list("event", "listener")
        ]
        assert sorted(written) == sorted(expected)

    def each_version_has_one_decision(self, case, its_rules):
        events = Event.objects.filter(case=case).order_by("seq")
        decided = events.exclude(kind__in=QUIET)
        versions = list(decided.values_list("case_version", flat=True))
        assert versions == list(range(1, its_rules.version + 1))
        assert verify.problems_of(case) == []

    def everything_is_told_in_the_end(self):
        """Whatever failed and whoever died, each effect was had once, by its key."""
        self.world.faults = []
        while not self.deliver():
            pass
        self.replay()
        self.deliver()
        messages = Message.objects.all()
        assert not messages.filter(done_at=None).exists()
        assert set(self.world.effects) == {message.key for message in messages}
        # One key for each effect however often it was tried, and no other’s.
        assert len(self.world.tries) == len(self.world.effects) == len(messages)
        assert len(set(self.world.effects.values())) == len(messages)
        escalations.sweep(at=self.at)  # no beat came since time last passed, perhaps
        assert not [*incidents.contradictions(at=self.at)]
