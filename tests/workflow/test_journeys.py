"""What is open on a case follows from its state, whatever the path that led there."""

import datetime
import itertools
from types import SimpleNamespace

import pytest
from viewflow.workflow.fields import get_flow_ref, get_task_ref

from tests.library import lifecycle
from tests.library.factories import NOW, UNTIL, fire, person, unit
from tests.library.journey import LoanFlow
from tests.library.lifecycle import PROCESS, Role, State
from workflow import journeys, schedules
from workflow.deadlines import LOCAL, Days
from workflow.journeys import CaseFlow, End, Start, Step
from workflow.ladders import Rung, Whom
from workflow.models import Journey, Task
from workflow.process import ProcessError

NAMES = itertools.count()


def flow_with(**steps):
    """Write a journey like that of a loan, but for these steps."""
    known = {
        "start": Start(),
        "wish": Step(State.WISHED, asks=Role.READER, title="", offers=[lifecycle.ASK]),
        "desk": Step(
            State.ASKED, asks=Role.LIBRARIAN, title="", offers=[lifecycle.LEND]
        ),
        "home": Step(State.LENT, asks=Role.READER, title="", offers=[lifecycle.RETURN]),
        "thaw": Step(
            State.FROZEN, asks=Role.LIBRARIAN, title="", offers=[lifecycle.THAW]
        ),
        "end": End(),
    }
    facts = {"process": PROCESS, "__module__": __name__}
    named = {name: step for name, step in (known | steps).items() if step}
    return type(f"Flow{next(NAMES)}", (CaseFlow,), facts | named)


def test_a_journey_that_fits_its_procedure_is_registered(monkeypatch):
    monkeypatch.setattr(journeys, "_flows", {})

    flow = journeys.journey_of(flow_with())

    assert journeys.flow_of("loan", 1) is flow
    assert journeys.registered_flows() == [flow]


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ({"thaw": None}, "Personne n’est sollicité à l’état frozen."),
        (
            {"more": Step(State.ASKED, asks=Role.MAYOR, title="", offers=[])},
            "more n’offre aucun geste.",
        ),
        (
            {
                "more": Step(
                    State.ASKED,
                    asks=Role.MAYOR,
                    title="",
                    offers=[
                        lifecycle.Move(
                            name="burn",
                            label="Brûler",
                            source=frozenset({State.ASKED}),
                            target=State.GIVEN,
                            by=lifecycle.any_of(Role.MAYOR),
                        )
                    ],
                )
            },
            "more offre un geste étranger : burn.",
        ),
        (
            {
                "more": Step(
                    State.ASKED, asks=Role.MAYOR, title="", offers=[lifecycle.LEND]
                )
            },
            "more offre lend à qui ne peut le faire.",
        ),
        (
            {
                "more": Step(
                    State.ASKED,
                    State.LENT,
                    asks=Role.LIBRARIAN,
                    title="",
                    offers=[lifecycle.LEND],
                )
            },
            "more n’a pas d’issue à l’état lent.",
        ),
    ],
)
def test_a_journey_that_contradicts_its_procedure_is_refused(
    monkeypatch, steps, sentence
):
    monkeypatch.setattr(journeys, "_flows", {})

    with pytest.raises(ProcessError) as caught:
        journeys.journey_of(flow_with(**steps))

    assert sentence in str(caught.value)
    assert journeys.registered_flows() == []


def test_the_names_that_the_database_holds_do_not_change():
    # To rename one of these is to migrate the rows that hold it.
    assert get_flow_ref(LoanFlow) == "library/journey.LoanFlow"
    assert sorted(get_task_ref(step) for step in LoanFlow.steps()) == [
        "library/journey.LoanFlow.advice",
        "library/journey.LoanFlow.desk",
        "library/journey.LoanFlow.home",
        "library/journey.LoanFlow.receive",
        "library/journey.LoanFlow.thaw",
        "library/journey.LoanFlow.wish",
    ]


@pytest.mark.parametrize(
    ("signed", "steps"),
    [(set(), ["home"]), ({"reader"}, ["receive"])],
)
def test_a_step_is_wanted_when_its_turn_to_sign_comes(signed, steps):
    pending = {"return": frozenset(signed)} if signed else {}

    assert [step.name for step in LoanFlow.wanted("lent", pending)] == steps


def test_the_edges_are_those_of_the_moves():
    edges = {
        (edge.src.name, edge.dst.name, edge.label)
        for node in (*LoanFlow.steps(), LoanFlow.instance.start)
        for edge in node._outgoing()
    }

    assert ("start", "wish", None) in edges
    assert ("desk", "home", "Prêter") in edges
    assert ("desk", "end", "Refuser") in edges
    assert ("desk", "wish", "Renvoyer au lecteur") in edges


def steps_of(loan):
    return list(
        Task.objects.filter(case=loan.case)
        .order_by("id")
        .values_list("step", "status", "completed_move")
    )


@pytest.mark.django_db
def test_a_task_is_done_by_a_move_it_offers_and_cancelled_by_another(town):
    answered, overtaken = town.loan_at("asked"), town.loan_at("asked")

    fire(answered, lifecycle.LEND, by=town.librarian, **UNTIL)
    for who in (town.director, town.mayor):
        fire(overtaken, lifecycle.GIVE, by=who, confirmed_at=NOW)

    assert steps_of(answered)[1] == ("desk", "DONE", "lend")
    assert steps_of(overtaken)[1] == ("desk", "CANCELED", "")


@pytest.mark.django_db
def test_a_claim_ends_with_the_task_and_its_owner_is_remembered(town):
    loan = town.loan_at("asked")
    task = Task.objects.get(case=loan.case, step="desk")
    Task.objects.filter(pk=task.pk).update(owner=town.librarian, status="ASSIGNED")

    fire(loan, lifecycle.LEND, by=town.librarian, **UNTIL)

    task.refresh_from_db()
    assert (task.status, task.owner) == ("DONE", town.librarian)
    assert (task.completed_by, task.finished) == (town.librarian, NOW)


@pytest.mark.django_db
def test_each_unit_consulted_answers_for_itself(town):
    first, second = unit("first"), unit("second")
    ada = person("ada", Role.ADVISER, place=first)
    loan = town.loan_at("asked", advisers=[first, second])

    fire(loan, lifecycle.ADVISE, by=ada)

    advice = Task.objects.filter(case=loan.case, step="advice").order_by("unit__code")
    assert [task.status for task in advice] == ["DONE", "NEW"]
    assert Task.objects.open().filter(case=loan.case, step="desk").exists()


@pytest.mark.django_db
def test_who_has_answered_is_not_asked_again(town):
    first, second = unit("first"), unit("second")
    ada = person("ada", Role.ADVISER, place=first)
    loan = town.loan_at("asked", advisers=[first, second])
    fire(loan, lifecycle.ADVISE, by=ada)

    fire(loan, lifecycle.SEND_BACK, by=town.librarian, reason="Trop.")
    fire(loan, lifecycle.ASK, by=town.reader)

    waiting = Task.objects.open().filter(case=loan.case, step="advice")
    assert [task.unit for task in waiting] == [second]


@pytest.mark.django_db
def test_nobody_need_be_consulted(town):
    loan = town.loan_at("asked")

    assert not Task.objects.filter(case=loan.case, step="advice").exists()


@pytest.mark.django_db
def test_a_delay_starts_with_the_task_and_a_day_is_that_of_the_subject(town):
    loan = town.loan_at("frozen")
    other = town.loan_at("asked")
    fire(other, lifecycle.FREEZE, by=town.librarian, reason="Inventaire.")

    due = dict(Task.objects.filter(case=loan.case).values_list("step", "due_at"))
    assert due["desk"] == datetime.datetime(2026, 3, 5, 22, 59, 59, tzinfo=datetime.UTC)
    assert due["home"] is None
    assert due["thaw"] == datetime.datetime(
        2026, 3, 20, 22, 59, 59, tzinfo=datetime.UTC
    )
    assert Task.objects.get(case=other.case, step="thaw").due_at is None


@pytest.mark.django_db
def test_a_task_without_a_date_comes_last(town):
    loan = town.loan_at("lent")

    task = Task.objects.get(case=loan.case, step="home")
    assert task.sort_at == schedules.NO_DUE_DATE


@pytest.mark.django_db
def test_a_task_repeats_what_the_inbox_shows(town):
    loan = town.loan_at("asked", book="Nana")

    task = Task.objects.get(case=loan.case, step="desk")
    assert (task.subject, task.reference, task.stage, task.kind, task.role) == (
        "Nana",
        loan.case.reference,
        "desk",
        "loan",
        "librarian",
    )
    assert (task.label, task.jurisdiction) == (
        "Répondre à la demande",
        loan.case.jurisdiction,
    )


@pytest.mark.django_db
def test_a_journey_is_that_of_its_case(town):
    loan = town.loan()

    journey = Journey.objects.get(pk=loan.pk)
    assert journey.flow_class is LoanFlow
    assert Task.objects.get(case=loan.case).process == journey


def test_an_activation_follows_the_automaton_of_viewflow():
    task = SimpleNamespace(status="DONE")
    life = journeys.StepActivation(task)

    assert not life.assign.can_proceed()
    assert not life.cancel.can_proceed()


# Clocks


def test_a_delay_runs_from_the_entry_or_from_the_effect_as_declared(town):
    """What is entered late is due as if it had been entered in time, or not."""
    loan = town.loan_at("wished")
    week_later = NOW + datetime.timedelta(days=7)
    fire(loan, lifecycle.ASK, by=town.reader, at=week_later, effective_on=NOW.date())
    desk = Task.objects.get(case=loan.case, step="desk")
    fire(loan, lifecycle.LEND, by=town.librarian, at=week_later, **UNTIL)
    fire(
        loan,
        lifecycle.RETURN,
        by=town.reader,
        at=week_later + datetime.timedelta(days=7),
        effective_on=week_later.date(),
    )
    receive = Task.objects.get(case=loan.case, step="receive")

    assert desk.due_at.date() == datetime.date(2026, 3, 12)  # three days after entry
    assert receive.due_at.date() == datetime.date(2026, 3, 16)  # five from effect
    assert receive.created.date() == datetime.date(2026, 3, 16)


def test_a_pause_moves_a_due_date_by_whole_days(town):
    loan = town.loan_at("asked")
    task = Task.objects.get(case=loan.case, step="desk")
    due_at = task.due_at
    hours = datetime.timedelta(hours=7, minutes=11)
    fire(loan, lifecycle.FREEZE, by=town.librarian, reason="Inventaire.")

    # The clocks go forward meanwhile.
    thawed_at = NOW + datetime.timedelta(days=30) + hours
    fire(loan, lifecycle.THAW, by=town.librarian, at=thawed_at)

    task.refresh_from_db()
    end = task.due_at.astimezone(LOCAL)
    assert end.time() == datetime.time(23, 59, 59)
    assert end.date() == due_at.astimezone(LOCAL).date() + datetime.timedelta(days=30)
    assert (task.stopped_on, task.held_at) == (None, None)


def test_the_ladder_of_a_task_follows_its_clock(town):
    loan = town.loan_at("asked")
    task = Task.objects.get(case=loan.case, step="desk")
    first = task.next_ring_at
    assert first.astimezone(LOCAL).isoformat() == "2026-03-04T08:00:00+01:00"

    fire(loan, lifecycle.FREEZE, by=town.librarian, reason="Inventaire.")
    task.refresh_from_db()
    assert task.next_ring_at is None

    thawed_at = NOW + datetime.timedelta(days=10)
    fire(loan, lifecycle.THAW, by=town.librarian, at=thawed_at)
    task.refresh_from_db()
    assert task.next_ring_at == first + datetime.timedelta(days=10)

    fire(loan, lifecycle.REFUSE, by=town.librarian, at=thawed_at, reason="Abîmé.")
    task.refresh_from_db()
    assert task.next_ring_at is None


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        ({"ladder": [Rung(Days(1), Whom.ASKED)]}, "a une échelle et pas d’échéance"),
        (
            {"due": Days(3), "ladder": [Rung(Days(1), "stranger")]},
            "prévient un rôle inconnu : stranger",
        ),
        ({"due": Days(3), "clock": ["stranger"]}, "un rôle inconnu : stranger"),
    ],
)
def test_a_clock_that_contradicts_itself_is_refused(monkeypatch, clock, words):
    monkeypatch.setattr(journeys, "_flows", {})
    step = Step(
        State.ASKED,
        asks=Role.LIBRARIAN,
        title="Répondre",
        offers=[lifecycle.LEND, lifecycle.REFUSE],
        **clock,
    )

    with pytest.raises(ProcessError, match=words):
        journeys.journey_of(flow_with(desk=step))
