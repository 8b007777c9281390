"""Whatever is altered in a trail is found, and the alteration is named."""

import json
import uuid

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from tests.intruder import guards_down
from tests.library.factories import NOW, person, unit
from tests.library.lifecycle import PROCESS
from workflow import claims
from workflow.models import Case, Event, EventText, Message
from workflow.trail import guards, verify

pytestmark = pytest.mark.django_db

# column of an event, what an intruder writes there, the column that is accused
ALTERED = {
    "previous_hash": (bytes(32), "previous_hash"),
    "hash": (bytes(32), "hash"),
    "body": ('{"v":1}', "hash"),
    "kind": ("opinion", "kind"),
    "move": ("refuse", "move"),
    "at": (NOW.replace(microsecond=1), "at"),
    "role": ("mayor", "role"),
    "case_version": (9, "case_version"),
    "request_key": (uuid.UUID(int=0), "request"),
    "unit": (lambda: unit("intruder"), "unit"),
    "actor": (lambda: person("ivan"), "actor"),
    "principal": (lambda: person("ivan"), "principal"),
}


@pytest.fixture(autouse=True)
def _owner(db, monkeypatch):
    """Alter what the guards keep, as who owns the database can."""
    monkeypatch.setattr(guards, "problems", tuple)  # that they are down is no matter
    with guards_down():
        yield


@pytest.fixture
def case(town):
    return town.loan_at("lent").case


def test_a_trail_that_nobody_touched_holds(town):
    for state in ("wished", "frozen", "given"):
        town.loan_at(state)

    verdicts = list(verify.check(Case.objects.all()))

    assert [verdict.events for verdict in verdicts] == [1, 4, 4]
    assert [verdict.problems for verdict in verdicts] == [[], [], []]


@pytest.mark.parametrize("column", ALTERED)
def test_an_altered_column_of_an_event_is_named(case, column):
    value, accused = ALTERED[column]
    value = value() if callable(value) else value

    Event.objects.filter(case=case, seq=2).update(**{column: value})

    problem = verify.problems_of(case)[0]
    assert problem.startswith(f"workflow_event {case.reference}/2, colonne {accused}")


def test_no_column_of_an_event_escapes():
    columns = {field.name for field in Event._meta.concrete_fields}

    assert columns - set(ALTERED) == {"id", "case", "seq"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("state", "given"),
        ("version", 40),
        ("latest_seq", 40),
        ("latest_hash", bytes(32)),
        ("process_version", 7),
    ],
)
def test_an_altered_head_is_named(case, column, value):
    Case.objects.filter(pk=case.pk).update(**{column: value})

    [problem] = verify.problems_of(case)
    assert problem.startswith(f"workflow_case {case.reference}, colonne")
    assert column in problem


@pytest.mark.parametrize("column", ["reference", "process"])
def test_an_altered_case_is_not_that_of_its_events(case, column):
    Case.objects.filter(pk=case.pk).update(**{column: 7})

    problems = verify.problems_of(case)

    accused = "case" if column == "reference" else column
    assert len(problems) == 3
    assert all(f"colonne {accused} : elle contredit" in problem for problem in problems)


@pytest.mark.parametrize("column", ["text", "salt"])
def test_an_altered_text_is_named(case, column):
    EventText.objects.filter(event__case=case, event__seq=2).update(
        **{column: b"autre" if column == "salt" else "autre"}
    )

    [problem] = verify.problems_of(case)
    assert f"{case.reference}/2, table workflow_eventtext" in problem


def test_a_text_torn_out_is_named(case):
    EventText.objects.get(event__case=case, event__seq=2).delete()

    [problem] = verify.problems_of(case)
    assert f"{case.reference}/2, table workflow_eventtext" in problem


def tear_out(case, *numbers):
    """Delete events behind the engine's back, as a database administrator may."""
    keys = list(
        Event.objects.filter(case=case, seq__in=numbers).values_list("pk", flat=True)
    )
    Message.objects.filter(event__in=keys).delete()
    EventText.objects.filter(event__in=keys).delete()
    Event.objects.filter(pk__in=keys)._raw_delete("default")


def test_an_event_torn_out_is_named(case):
    tear_out(case, 2)

    problems = verify.problems_of(case)

    assert f"{case.reference}/3 : l’événement 2 manque." in problems[0]
    assert "la chaîne est rompue" in problems[1]


def test_an_end_torn_off_is_named(case):
    tear_out(case, 3)

    problems = verify.problems_of(case)

    assert "la fin du journal manque" in problems[0]


def test_a_whole_trail_torn_out_is_named(case):
    tear_out(case, 1, 2, 3)

    assert verify.problems_of(case) == [
        f"workflow_case {case.reference} : le journal manque."
    ]


def test_two_bodies_exchanged_are_both_named(case):
    first, second = Event.objects.filter(case=case, seq__gt=1).order_by("seq")
    for event, other in ((first, second), (second, first)):
        Event.objects.filter(pk=event.pk).update(body=other.body)

    accused = "\n".join(verify.problems_of(case))

    for number in (2, 3):
        assert f"{case.reference}/{number}, colonne hash" in accused


def test_an_event_slipped_in_is_named(case, town):
    stray = town.loan_at("lent").case.events.get(seq=3)
    Event.objects.filter(pk=stray.pk).update(case=case, seq=4)

    problems = verify.problems_of(case)

    assert "la chaîne est rompue" in problems[0]
    assert "colonne case : elle contredit" in problems[1]


@pytest.mark.parametrize("body", ["pas du JSON", "[]", "null"])
def test_a_body_that_says_nothing_is_named(case, body):
    Event.objects.filter(case=case, seq=3).update(body=body)

    assert any("le corps est illisible" in p for p in verify.problems_of(case))


def test_the_same_statements_check_one_trail_or_many(town, django_assert_num_queries):
    town.loans(20)

    with django_assert_num_queries(3):
        assert len(list(verify.check(Case.objects.all()))) == 20


def test_trails_are_read_by_batches(town, monkeypatch):
    monkeypatch.setattr(verify, "BATCH", 3)
    loans = town.loans(7)

    verdicts = list(verify.check(Case.objects.all()))

    assert [verdict.reference for verdict in verdicts] == [
        loan.case.reference for loan in loans
    ]


def test_the_command_says_how_much_it_checked(town, capsys):
    town.loan_at("lent")
    town.loan()

    call_command("verify_trail")

    assert capsys.readouterr().out == (
        "Dossiers : 2 ; événements : 4 ; inscriptions au registre : 0 ; "
        "feuilles scellées : 0 ; défauts : 0.\n"
    )


def test_the_command_names_the_faults_and_fails(case, town, capsys):
    town.loan()
    Event.objects.filter(case=case, seq=2).update(role="mayor")

    with pytest.raises(SystemExit) as ended:
        call_command("verify_trail")

    assert ended.value.code == 1
    output = capsys.readouterr()
    assert f"{case.reference}/2, colonne role" in output.err
    assert "défauts : 1." in output.out


def test_the_command_checks_one_case(case, town, capsys):
    other = town.loan_at("asked").case
    Event.objects.filter(case=case, seq=2).update(role="mayor")

    call_command("verify_trail", case=other.reference)

    assert "Dossiers : 1 ; événements : 2 ;" in capsys.readouterr().out


def test_the_command_knows_no_such_case(db):
    with pytest.raises(CommandError, match="L-1789-00001"):
        call_command("verify_trail", case="L-1789-00001")


def test_a_large_number_is_written_as_in_french():
    from workflow.management.commands.verify_trail import _number

    assert _number(1234567) == "1\u202f234\u202f567"


def test_the_database_keeps_a_text_byte_for_byte(case):
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM workflow_event WHERE case_id = %s", [case.pk])
        bodies = [row[0] for row in cursor.fetchall()]

    assert bodies == [event.body for event in Event.objects.filter(case=case)]


def test_every_event_says_from_what_to_what_under_which_rules(town):
    loan = town.loan_at("lent")
    task = loan.case.tasks.open().first()
    with transaction.atomic():
        claims.claim(task_id=task.pk, by=town.reader, at=NOW)

    events = loan.case.events.order_by("seq")
    facts = [json.loads(event.body)["facts"] for event in events]
    assert all({"from", "to"} <= one.keys() for one in facts)
    ruled = [one["process_digest"] for one in facts if one["from"] != one["to"]]
    assert set(ruled) == {PROCESS.digest}
