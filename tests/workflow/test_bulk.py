"""One move on many cases: foreseen, each on its own, resumed, reported."""

import datetime
import functools
import uuid

import pytest
from django.db import transaction

from tests.library import lifecycle
from tests.library.factories import NOW, UNTIL, Town, fire, person
from tests.library.lifecycle import Role
from tests.workflow.databases import race
from workflow import bulk, engine
from workflow.bulk import BatchNotFound, BatchRefused, Said
from workflow.models import Batch, Case, Event, Membership, Outcome
from workflow.trail import verify

LATER = NOW + datetime.timedelta(hours=1)
LENDING = Said(lifecycle.LEND, UNTIL["inputs"])


def asked(town, count):
    loans = town.loans(count)
    for loan in loans:
        fire(loan, lifecycle.ASK, by=town.reader)
    return loans


def prepared(loans, by, key=None):
    with transaction.atomic():
        return bulk.prepare(
            case_ids=[loan.pk for loan in loans], key=key or uuid.uuid4(), by=by, at=NOW
        )


def started(loans, by, said=LENDING):
    batch = prepared(loans, by)
    with transaction.atomic():
        return bulk.start(batch_id=batch.pk, said=said, by=by, at=NOW)


def outcomes(batch):
    return list(batch.items.order_by("pk").values_list("outcome", flat=True))


@pytest.mark.django_db
class TestChoosing:
    def test_what_one_may_not_know_of_is_left_out(self, town):
        loans = asked(town, 2)
        stranger = person("paul", Role.READER, place=None)
        Membership.objects.filter(user=stranger).delete()

        with pytest.raises(BatchRefused, match="Aucun dossier"):
            prepared(loans, stranger)

        assert not Batch.objects.exists()

    def test_there_is_a_limit(self, town):
        with (
            pytest.raises(BatchRefused, match="500 dossiers au plus"),
            transaction.atomic(),
        ):
            bulk.prepare(case_ids=range(501), key=uuid.uuid4(), by=town.mayor, at=NOW)

    def test_a_form_sent_twice_prepares_one_batch(self, town):
        loans, key = asked(town, 2), uuid.uuid4()

        first, second = (prepared(loans, town.librarian, key) for _ in range(2))

        assert first == second
        assert second.items.count() == 2

    def test_the_moves_offered_are_those_of_the_tasks(self, town):
        loans = [*asked(town, 2), town.loan_at("lent")]

        batch = prepared(loans, town.librarian)

        counted = {o.move.name: o.count for o in bulk.offers(batch, at=NOW)}
        assert counted["lend"] == counted["refuse"] == 2
        assert bulk.offers(prepared(loans, town.mayor), at=NOW) == []

    def test_a_batch_is_its_author_s(self, town):
        batch = prepared(asked(town, 1), town.librarian)

        assert bulk.batch_of(batch.pk, by=town.librarian) == batch
        with pytest.raises(BatchNotFound):
            bulk.batch_of(batch.pk, by=town.director)
        with pytest.raises(BatchNotFound), transaction.atomic():
            bulk.start(batch_id=batch.pk, said=LENDING, by=town.director, at=NOW)

    def test_what_is_never_started_is_forgotten(self, town):
        loans = asked(town, 1)
        batch, running = (
            prepared(loans, town.librarian),
            started(loans, town.librarian),
        )

        assert bulk.forget_unstarted(at=NOW) == 0
        assert bulk.forget_unstarted(at=NOW + datetime.timedelta(days=2)) == 1

        assert not Batch.objects.filter(pk=batch.pk).exists()
        assert Batch.objects.filter(pk=running.pk).exists()


@pytest.mark.django_db
class TestForeseeing:
    def test_it_says_who_passes_and_why_the_others_do_not(self, town):
        loans = [*asked(town, 2), town.loan_at("lent"), *asked(town, 1)]
        batch = prepared(loans, town.librarian)
        fire(loans[3], lifecycle.REFUSE, by=town.librarian, reason="Abîmé.")

        verdicts = bulk.preview(batch, "lend", at=LATER)

        by_case = {verdict.item.case_id: verdict for verdict in verdicts}
        assert [by_case[loan.pk].passes for loan in loans] == [
            True,
            True,
            False,
            False,
        ]
        assert "« Prêté »" in by_case[loans[2].pk].refusals[0].message
        assert by_case[loans[3].pk].refusals[0].message == bulk.CHANGED

    def test_it_speaks_as_the_one_door_does(self, town):
        [loan] = asked(town, 1)
        batch = prepared([loan], town.mayor)

        [verdict] = bulk.preview(batch, "lend", at=NOW)

        with pytest.raises(engine.MoveRefused) as refused:
            fire(loan, lifecycle.LEND, by=town.mayor, **UNTIL)
        assert verdict.refusals == refused.value.refusals

    def test_a_procedure_without_the_move_says_so(self, town):
        [verdict] = bulk.preview(
            prepared(asked(town, 1), town.librarian), "fly", at=NOW
        )

        assert "n’a pas ce geste" in verdict.refusals[0].message

    def test_nothing_is_written(self, town):
        batch = prepared(asked(town, 2), town.librarian)
        before = list(Event.objects.values_list("pk"))

        bulk.preview(batch, "lend", at=LATER)

        assert list(Event.objects.values_list("pk")) == before
        assert outcomes(batch) == [Outcome.WAITING] * 2


@pytest.mark.django_db
class TestCarryingOn:
    def test_each_case_is_moved_by_the_person(self, town):
        loans = asked(town, 3)
        batch = started(loans, town.librarian)

        assert bulk.carry_on(limit=10, at=LATER) == 3

        assert outcomes(batch) == [Outcome.MADE] * 3
        for item in batch.items.select_related("event", "case"):
            assert item.event.move == "lend"
            assert item.event.actor == town.librarian
            assert item.case.state == "lent"
            assert verify.problems_of(item.case) == []

    def test_it_ends_and_forgets_what_was_typed(self, town):
        batch = started(asked(town, 2), town.librarian)
        assert batch.said["inputs"] == UNTIL["inputs"]

        bulk.carry_on(limit=1, at=LATER)
        batch.refresh_from_db()
        assert batch.finished_at is None
        bulk.carry_on(limit=1, at=LATER)

        batch.refresh_from_db()
        assert batch.finished_at == LATER
        assert batch.said == {}
        assert bulk.carry_on(limit=1, at=LATER) == 0

    def test_what_was_prepared_and_not_started_does_not_move(self, town):
        prepared(asked(town, 2), town.librarian)

        assert bulk.carry_on(limit=10, at=LATER) == 0
        assert not Event.objects.filter(move="lend").exists()

    def test_one_refusal_does_not_stop_the_others(self, town):
        loans = [*asked(town, 1), town.loan_at("lent"), *asked(town, 2)]
        batch = started(loans, town.librarian)
        fire(loans[2], lifecycle.REFUSE, by=town.librarian, reason="Abîmé.")

        bulk.carry_on(limit=10, at=LATER)

        found = dict(batch.items.values_list("case", "outcome"))
        assert [found[loan.pk] for loan in loans] == [
            Outcome.MADE,
            Outcome.REFUSED,
            Outcome.STALE,
            Outcome.MADE,
        ]
        assert bulk.tally(batch)[Outcome.MADE] == 2
        said = batch.items.get(case=loans[1].pk).message
        assert "« Prêté »" in said

    def test_what_is_missing_is_refused_case_by_case(self, town):
        batch = started(asked(town, 1), town.librarian, Said(lifecycle.LEND, {}))

        bulk.carry_on(limit=10, at=LATER)

        assert batch.items.get().message == "Jusqu’au : à renseigner."

    def test_rights_are_those_of_the_moment(self, town):
        loans = asked(town, 1)
        batch = started(loans, town.librarian)
        Membership.objects.filter(user=town.librarian).update(
            ends_on=datetime.date(2026, 2, 1)
        )

        bulk.carry_on(limit=10, at=LATER)

        assert outcomes(batch) == [Outcome.REFUSED]
        assert Case.objects.get(pk=loans[0].pk).state == "asked"

    def test_a_worker_that_dies_leaves_the_rest_to_the_next(self, town, monkeypatch):
        batch = started(asked(town, 3), town.librarian)
        fire_for_real, calls = engine.fire_all, []

        def die_at_the_second(*args, **said):
            calls.append(args)
            if len(calls) == 2:
                raise SystemExit
            return fire_for_real(*args, **said)

        monkeypatch.setattr(bulk, "TOGETHER", 1)
        monkeypatch.setattr(engine, "fire_all", die_at_the_second)
        with pytest.raises(SystemExit):
            bulk.carry_on(limit=10, at=LATER)
        assert outcomes(batch) == [Outcome.MADE, Outcome.WAITING, Outcome.WAITING]

        assert bulk.carry_on(limit=10, at=LATER) == 2

        assert outcomes(batch) == [Outcome.MADE] * 3
        assert Event.objects.filter(move="lend").count() == 3

    def test_an_error_of_ours_keeps_no_secret_and_does_not_come_back(
        self, town, monkeypatch
    ):
        batch = started(asked(town, 1), town.librarian)

        def break_down(*args, **said):
            raise RuntimeError("correct horse")

        monkeypatch.setattr(engine, "fire_all", break_down)
        assert bulk.carry_on(limit=10, at=LATER) == 1

        item = batch.items.get()
        assert item.outcome == Outcome.FAILED
        assert "RuntimeError" in item.message
        assert "horse" not in item.message
        assert bulk.carry_on(limit=10, at=LATER) == 0

    def test_the_one_that_breaks_down_does_not_keep_the_others(self, town, monkeypatch):
        batch = started(asked(town, 4), town.librarian)
        culprit = batch.items.order_by("pk")[2].case_id
        fire_for_real = engine.fire_all

        def break_down_on_one(process, attempts, **said):
            if culprit in attempts:
                raise RuntimeError
            return fire_for_real(process, attempts, **said)

        monkeypatch.setattr(engine, "fire_all", break_down_on_one)
        bulk.carry_on(limit=10, at=LATER)

        found = dict(batch.items.values_list("case", "outcome"))
        assert found.pop(culprit) == Outcome.FAILED
        assert set(found.values()) == {Outcome.MADE}

    def test_to_start_twice_is_to_start_once(
        self, town, django_capture_on_commit_callbacks
    ):
        batch = prepared(asked(town, 1), town.librarian)

        with django_capture_on_commit_callbacks() as calls:
            for said in (LENDING, Said(lifecycle.REFUSE, {}, reason="Abîmé.")):
                with transaction.atomic():
                    bulk.start(batch_id=batch.pk, said=said, by=town.librarian, at=NOW)

        batch.refresh_from_db()
        assert batch.move == "lend"
        assert len(calls) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_workers_share_a_batch():
    town = Town()
    batch = started(asked(town, 40), town.librarian)

    tried = race([functools.partial(bulk.carry_on, limit=40, at=LATER)] * 4)

    assert sum(tried) == 40
    assert outcomes(batch) == [Outcome.MADE] * 40
    assert Event.objects.filter(move="lend").count() == 40
    batch.refresh_from_db()
    assert batch.finished_at is not None
