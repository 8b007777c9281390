"""Contradictions between what is declared, set and stored stop the start."""

import dataclasses

import pytest
from django.core.checks import ERROR, run_checks
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder

from tests.library import lifecycle
from tests.library.factories import Town
from tests.library.journey import LoanFlow
from tests.library.lifecycle import PROCESS, Role
from workflow import cases, checks, journeys, outbox
from workflow.models import Case, Competence, Membership, Message, Task

KEY = PROCESS.name, PROCESS.version


def ids(messages):
    return [message.id for message in messages]


def stored():
    return ids(checks.every_row_finds_its_declaration(databases=["default"]))


@pytest.fixture
def subscriptions(monkeypatch):
    monkeypatch.setattr(outbox, "_subscriptions", {})
    monkeypatch.setattr(outbox, "_listeners", {})


def test_what_is_declared_here_holds_together():
    found = run_checks(tags=["workflow"])

    assert [message for message in found if message.level >= ERROR] == []


# The declarations


def test_a_procedure_needs_a_journey(monkeypatch):
    monkeypatch.delitem(journeys._flows, KEY)

    (found,) = checks.every_process_has_its_journey()

    assert found.id == "workflow.E001"
    assert "loan v1" in found.msg


def test_a_journey_follows_the_declaration_of_its_subject(monkeypatch):
    other = dataclasses.replace(PROCESS, moves=PROCESS.moves[::-1])
    monkeypatch.setitem(
        cases._bindings, KEY, dataclasses.replace(cases._bindings[KEY], process=other)
    )

    assert ids(checks.every_process_has_its_journey()) == ["workflow.E002"]


def test_a_journey_needs_a_model(monkeypatch):
    monkeypatch.delitem(cases._bindings, KEY)

    (found,) = checks.every_journey_is_of_a_bound_process()

    assert found.id == "workflow.E003"
    assert LoanFlow.__name__ in found.msg


@pytest.mark.usefixtures("subscriptions")
def test_a_listener_waits_for_a_move_that_exists():
    outbox.listens_to(PROCESS, lifecycle.LEND)(tell_nobody)
    assert checks.every_listener_knows_its_move() == []

    outbox.listens_to(PROCESS, dataclasses.replace(lifecycle.LEND, name="lease"))(
        tell_nobody
    )

    (found,) = checks.every_listener_knows_its_move()
    assert found.id == "workflow.E004"
    assert "lease" in found.msg


def test_two_procedures_do_not_share_a_prefix(monkeypatch):
    other = dataclasses.replace(PROCESS, name="gift")
    monkeypatch.setitem(
        cases._bindings,
        ("gift", 1),
        dataclasses.replace(cases._bindings[KEY], process=other),
    )

    assert ids(checks.every_prefix_is_of_one_process()) == ["workflow.E005"]


def test_two_versions_of_a_procedure_share_their_prefix(monkeypatch):
    newer = dataclasses.replace(PROCESS, version=2)
    monkeypatch.setitem(
        cases._bindings,
        (PROCESS.name, 2),
        dataclasses.replace(cases._bindings[KEY], process=newer),
    )

    assert checks.every_prefix_is_of_one_process() == []


# The settings


class Sqlite:
    vendor = "sqlite"

    def __init__(self, **settings):
        options = {
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA recursive_triggers=ON;",
        }
        self.settings_dict = {"ATOMIC_REQUESTS": False, "OPTIONS": options} | settings


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({}, []),
        ({"ATOMIC_REQUESTS": True}, ["workflow.E006"]),
        ({"OPTIONS": {}}, ["workflow.E007", "workflow.E008"]),
        (
            {
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "init_command": "PRAGMA recursive_triggers=OFF;",
                }
            },
            ["workflow.E008"],
        ),
    ],
)
def test_the_database_is_set_up_for_decisions(settings, found):
    assert ids(checks._of_connection("default", Sqlite(**settings))) == found


def test_the_connections_of_these_settings_are_examined(monkeypatch):
    monkeypatch.setitem(connections["default"].settings_dict, "ATOMIC_REQUESTS", True)

    assert ids(checks.transactions_can_be_relied_on()) == ["workflow.E006"]


# The rows


@pytest.fixture
def loan(db):
    return Town().loan_at("lent")


@pytest.mark.usefixtures("loan")
def test_rows_that_find_their_declaration_raise_nothing():
    assert stored() == []


@pytest.mark.usefixtures("loan")
def test_no_row_is_read_unless_a_database_is_named(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert checks.every_row_finds_its_declaration(databases=None) == []


def test_a_case_follows_a_procedure_that_exists(loan):
    Case.objects.filter(pk=loan.pk).update(process_version=7)

    assert stored() == ["workflow.E101"]


def test_a_case_is_in_a_state_that_exists(loan):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workflow_case SET state = 'lost'")

    assert stored() == ["workflow.E102"]


def test_a_case_follows_a_journey_that_exists(loan):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workflow_journey SET flow_class = 'library/gone.Flow'")

    assert stored() == ["workflow.E103"]


def test_an_unfinished_task_waits_at_a_step_that_exists(loan):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workflow_task SET flow_task = 'library/gone.Flow.step'")

    assert stored() == ["workflow.E104"]
    Task.objects.unfinished().update(finished=loan.case.changed_at, status="CANCELED")
    assert stored() == []


def test_a_message_waits_for_a_listener_that_exists(loan):
    event = loan.case.events.first()
    Message.objects.create(event=event, listener="gone", key="k", due_at=event.at)

    assert stored() == ["workflow.E105"]


@pytest.mark.usefixtures("loan")
def test_a_competence_for_nothing_is_pointed_out():
    Competence.objects.filter(role=Role.MAYOR).update(role="king")

    assert stored() == ["workflow.W106"]


@pytest.mark.usefixtures("loan")
def test_a_role_that_opens_nothing_is_pointed_out():
    Membership.objects.filter(role=Role.INSPECTOR).update(role="king")

    assert stored() == ["workflow.W107"]


def test_rows_that_a_migration_may_mend_are_left_to_it(monkeypatch, loan):
    Case.objects.filter(pk=loan.pk).update(process_version=7)
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda self: {})

    assert stored() == []


def tell_nobody(event, *, key, at):
    raise AssertionError("nobody calls this")
