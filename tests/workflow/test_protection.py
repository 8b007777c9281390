"""Nobody and nothing that history names can be deleted."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import ProtectedError

from tests.library.factories import NOW, UNTIL, Town, fire, unit
from tests.library.lifecycle import LEND, State
from workflow import claims
from workflow.models import AppendOnly, Case, Event, Jurisdiction, Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def history(town):
    """Return rows that a history names, by what they are."""
    loan = town.loan_at("asked")
    task = Task.objects.open().get(case=loan.case)
    with transaction.atomic():
        claims.claim(task_id=task.pk, by=town.librarian, at=NOW)
    fire(loan, LEND, by=town.librarian, **UNTIL)
    return {
        "user": town.librarian,
        "unit": unit("unit-librarian"),
        "jurisdiction": Jurisdiction.objects.get(),
        "case": loan.case,
        "journey": loan.case.journey,
        "loan": loan,
    }


@pytest.mark.parametrize("row", ["user", "unit", "jurisdiction", "case", "journey"])
def test_what_has_a_history_is_not_deleted(history, row):
    with pytest.raises(ProtectedError):
        history[row].delete()


@pytest.mark.parametrize("row", ["user", "unit", "jurisdiction", "case", "journey"])
def test_the_database_refuses_it_as_well(history, row):
    model = type(history[row])._meta
    sql = f'DELETE FROM "{model.db_table}" WHERE "{model.pk.column}" = %s'  # noqa: S608

    with pytest.raises(IntegrityError), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(sql, [history[row].pk])
        # A foreign key is otherwise examined at the end of the transaction.
        connection.check_constraints()


def test_an_event_is_written_once(history):
    event = Event.objects.filter(case=history["case"]).first()

    with pytest.raises(AppendOnly):
        event.save()
    with pytest.raises(AppendOnly):
        event.delete()


def test_no_row_of_the_engine_disappears_with_another():
    careless = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("workflow").get_models()
        for field in model._meta.concrete_fields
        if field.remote_field and field.remote_field.on_delete is not models.PROTECT
    ]

    assert careless == []
    assert Task._meta.get_field("owner").remote_field.on_delete is models.PROTECT


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"amount_cents": -1}, "case_amount_is_not_negative"),
        ({"reference": "L-2026-00002"}, "reference"),
    ],
)
def test_the_database_has_the_last_word_on_a_case(town, change, constraint):
    first, _ = town.loan(), town.loan()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Case.objects.filter(pk=first.pk).update(**change)


@pytest.mark.parametrize(
    "change",
    [{"finished": NOW}, {"status": "DONE"}, {"status": "CANCELED"}],
)
def test_a_task_is_finished_exactly_when_it_is_done(town, change):
    town.loan()

    with (
        pytest.raises(IntegrityError, match="task_is_finished_when_done"),
        transaction.atomic(),
    ):
        Task.objects.update(**change)


@pytest.mark.parametrize("says", [{"worked_days": 1}, {"status": "DONE"}])
def test_a_task_says_how_long_it_waited_exactly_when_it_is_answered(town, says):
    town.loan()

    with (
        pytest.raises(IntegrityError, match="task_says_its_wait_when_answered"),
        transaction.atomic(),
    ):
        Task.objects.update(**{"finished": NOW, "status": "CANCELED", **says})


def test_a_task_is_asked_once_of_a_unit(town):
    task = Task.objects.get(case=town.loan().case)
    task.pk = None
    task._state.adding = True

    with pytest.raises(IntegrityError), transaction.atomic():
        task.save()


def test_every_state_is_reachable_without_leaving_orphans():
    town = Town()
    for state in State:
        town.loan_at(state)

    connection.check_constraints()
    assert set(Case.objects.values_list("state", flat=True)) == set(State)
