"""What is written once says the same as what the ORM writes each time."""

import copy
import datetime

import pytest
from django.db import DataError, transaction

from tests.library.factories import NOW, person, unit
from tests.library.lifecycle import Role
from tests.library.models import Loan
from workflow import statements
from workflow.models import (
    Case,
    Event,
    Membership,
    Party,
    SavedView,
    Task,
    Unit,
)
from workflow.statements import Prepared

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


def current(user, on):
    held = Membership.objects.current(on).filter(user=user)
    return held.select_related("unit").order_by("id")


def test_a_prepared_query_answers_like_the_orm_for_each_value(town):
    prepared = Prepared(current)
    person("lena", Role.MAYOR, ends_on=TODAY)

    for user in (town.librarian, town.reader, town.mayor):
        for days in range(3):
            on = TODAY + datetime.timedelta(days=days)
            expected = list(current(user.pk, on))
            assert prepared(user=user.pk, on=on) == expected


def test_a_prepared_query_reads_what_it_joins(town, django_assert_num_queries):
    prepared = Prepared(current)

    with django_assert_num_queries(1):
        [membership] = prepared(user=town.librarian.pk, on=TODAY)
        assert membership.unit.name == "Unit-librarian"


def test_a_prepared_query_sees_what_changed(town):
    prepared = Prepared(lambda code: Unit.objects.filter(code=code))
    assert prepared(code="new") == []

    created = unit("new")

    assert prepared(code="new") == [created]
    assert prepared(code="new")[0] is not prepared(code="new")[0]


def test_a_prepared_query_is_written_once(town):
    written = []

    def write(case):
        written.append(case)
        return Party.objects.filter(case=case).values_list("role", flat=True)

    prepared = Prepared(write)
    loans = town.loans(3)

    for loan in loans:
        assert len(prepared(case=loan.pk)) == 4
    assert len(written) == 1


def test_a_value_is_never_read_as_sql(town):
    prepared = Prepared(lambda code: Unit.objects.filter(code=code))

    assert prepared(code="' OR 1=1 --") == []


@pytest.mark.parametrize("model", [Task, Event, Loan, Case])
def test_records_are_read_as_the_orm_reads_them(town, model):
    loan = town.loan_at("lent")
    key = "pk" if model in {Case, Loan} else "case"
    prepared = Prepared(lambda value: model.objects.filter(**{key: value}))

    for mine, its in zip(
        prepared(value=loan.pk), model.objects.filter(**{key: loan.pk}), strict=True
    ):
        for field in model._meta.concrete_fields:
            assert getattr(mine, field.attname) == getattr(its, field.attname)


def a_task(loan, **facts):
    [task] = Task.objects.filter(case=loan.case)
    values = {f.attname: getattr(task, f.attname) for f in Task._meta.concrete_fields}
    del values["id"]
    return Task(**values | facts)


def test_what_is_inserted_is_what_the_orm_would_insert(town):
    loan = town.loan()
    by_hand, by_orm = a_task(loan, step="a"), a_task(loan, step="a")

    [inserted] = statements.insert([by_hand])
    inserted_values = Task.objects.values().get(pk=inserted.pk)
    Task.objects.filter(pk=inserted.pk).delete()
    by_orm.save()
    saved_values = Task.objects.values().get(pk=by_orm.pk)

    assert inserted_values | {"id": 0} == saved_values | {"id": 0}


def test_what_is_inserted_can_be_saved_again(town):
    [task] = statements.insert([a_task(town.loan(), step="a")])

    assert task.pk
    assert not task._state.adding
    task.label = "Autre"
    task.save()
    assert Task.objects.get(pk=task.pk).label == "Autre"


def test_keys_come_back_in_the_order_of_the_records(town):
    loan = town.loan()

    inserted = statements.insert(a_task(loan, step=f"s{n}") for n in range(40))

    steps = Task.objects.in_bulk([task.pk for task in inserted])
    assert [steps[task.pk].step for task in inserted] == [f"s{n}" for n in range(40)]


ODD = ["", "NULL", "{a,b}", 'l’"un" et\\l\'autre', "ligne\nsuite", " %s "]


def test_many_that_differ_are_inserted_as_the_orm_would_insert_them(town):
    like = a_task(town.loan())

    def tasks():
        for n, text in enumerate(ODD):
            task = copy.copy(like)
            task.step, task.label, task.due_at = f"s{n}", text, NOW if n % 2 else None
            yield task

    def stored():
        steps = [f"s{n}" for n in range(len(ODD))]
        rows = Task.objects.filter(case=like.case, step__in=steps)
        return [row | {"id": 0} for row in rows.order_by("step").values()]

    statements.insert(tasks())
    inserted = stored()
    Task.objects.filter(case=like.case, step__regex=r"^s\d$").delete()
    for task in tasks():
        task._state.adding = True
        task.save()

    assert inserted == stored()


def test_many_values_of_json_are_inserted_and_updated(town):
    views = statements.insert(
        SavedView(owner=town.reader, name=f"v{n}", box="todo", said={"q": [text, None]})
        for n, text in enumerate(ODD)
    )

    stored = SavedView.objects.order_by("pk")
    assert [view.said["q"] for view in stored] == [[text, None] for text in ODD]
    for view in views:
        view.said, view.name = {"q": view.name}, view.name[::-1]
    statements.update(views, ["said", "name"])
    assert [(v.said["q"], v.name) for v in stored.all()] == [
        (f"v{n}", f"{n}v") for n in range(len(ODD))
    ]


@pytest.mark.postgres
def test_a_text_too_long_is_refused_and_never_cut(town):
    like = a_task(town.loan(), step="s" * 500)
    tasks = [copy.copy(like) for _ in ODD]

    with pytest.raises(DataError), transaction.atomic():
        statements.insert(tasks)


def test_a_record_with_a_key_of_its_own_keeps_it(town):
    case = town.loan().case
    Loan.objects.all().delete()

    statements.insert([Loan(case=case, book="La Débâcle")])

    assert Case.objects.get(loan__book="La Débâcle") == case


def test_nothing_is_inserted_nor_updated_for_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert statements.insert([]) == []
        statements.update([], ["state"])


def test_records_alike_are_updated_together(town, django_assert_num_queries):
    tasks = [Task.objects.get(case=loan.case) for loan in town.loans(3)]
    for task in tasks[:2]:
        task.owner, task.assigned, task.status = town.reader, NOW, "ASSIGNED"

    with django_assert_num_queries(1):
        statements.update(tasks[:2], ["owner", "assigned", "status"])

    stored = Task.objects.order_by("id").values_list("owner", "assigned", "status")
    assert list(stored) == [
        (town.reader.pk, NOW, "ASSIGNED"),
        (town.reader.pk, NOW, "ASSIGNED"),
        (None, None, "NEW"),
    ]


def test_records_that_differ_keep_what_is_theirs(town, django_assert_num_queries):
    tasks = [Task.objects.get(case=loan.case) for loan in town.loans(2)]
    tasks[0].label, tasks[1].held_at = "Autre", NOW

    with django_assert_num_queries(1):
        statements.update(tasks, ["label", "held_at"])

    stored = Task.objects.order_by("id").values_list("label", "held_at")
    assert list(stored) == [("Autre", None), (tasks[1].label, NOW)]


def test_only_the_columns_named_are_written(town):
    loan = town.loan()
    loan.book, loan.days = "Nana", 3

    statements.update([loan], ["book"])

    assert Loan.objects.values_list("book", "days").get() == ("Nana", 2)
