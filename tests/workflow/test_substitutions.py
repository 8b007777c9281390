"""A substitute acts for somebody who is away: for days, once, and under four eyes."""

import datetime
import json

import pytest
from django.db import IntegrityError, transaction

from tests.intruder import guards_down
from tests.library import lifecycle
from tests.library.factories import (
    NOW,
    TODAY,
    UNTIL,
    attempt,
    fire,
    person,
    stands_in,
    unit,
)
from tests.library.lifecycle import PROCESS, Role
from workflow import claims, engine, inbox
from workflow.inbox import Box
from workflow.models import Event, Membership, Signature, Substitution, Task
from workflow.refusals import Ground
from workflow.standing import memberships_of, visible_cases
from workflow.trail import verify

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
WEEK = (TODAY + DAY, TODAY + 5 * DAY)


@pytest.fixture
def loan(town):
    return town.loan_at("asked")


@pytest.fixture
def deputy(town):
    """Somebody from elsewhere, who stands in for the librarian today."""
    deputy = person("dora", "archivist")
    stands_in(deputy, town.librarian)
    return deputy


def test_nobody_acts_for_an_account_that_is_closed(town, loan, deputy):
    held = memberships_of(deputy, TODAY)
    assert town.librarian in {one.principal for one in held}

    town.librarian.is_active = False
    town.librarian.save()

    assert {held.principal for held in memberships_of(deputy, TODAY)} == {None}
    assert not lends(loan, deputy)


def refused(loan, move, *, by, **said):
    with pytest.raises(engine.MoveRefused) as caught:
        fire(loan, move, by=by, **said)
    return caught.value.refusals


def lends(loan, by, at=NOW):
    refusals = [
        prospect.refusals
        for prospect in engine.prospects(PROCESS, loan.pk, by=by, at=at)
        if prospect.move is lifecycle.LEND
    ]
    return refusals == [()]


# Acting for another


def test_a_substitute_acts_in_the_name_of_who_is_away(town, loan, deputy):
    receipt = fire(loan, lifecycle.LEND, by=deputy, **UNTIL)

    event = Event.objects.get(case=loan.case, move="lend")
    assert (event.actor, event.principal) == (deputy, town.librarian)
    assert (event.role, event.unit) == ("librarian", unit("unit-librarian"))
    assert event.who == "Dora pour Lena"
    assert receipt.acted_for == "Lena"


def test_the_trail_says_for_whom_and_keeps_the_names_apart(town, loan, deputy):
    fire(loan, lifecycle.LEND, by=deputy, **UNTIL)

    event = Event.objects.get(case=loan.case, move="lend")
    assert json.loads(event.body)["principal"] == town.librarian.pk
    assert "Lena" not in event.body
    texts = json.loads(event.text.text)
    assert (texts["actor"], texts["principal"]) == ("Dora", "Lena")
    assert verify.problems_of(loan.case) == []


def test_a_principal_removed_from_a_column_is_found(town, loan, deputy):
    fire(loan, lifecycle.LEND, by=deputy, **UNTIL)

    with guards_down():
        Event.objects.filter(case=loan.case, move="lend").update(principal=None)

    [problem] = verify.problems_of(loan.case)
    assert "colonne principal" in problem


def test_an_event_of_ones_own_names_no_principal(town, loan):
    fire(loan, lifecycle.LEND, by=town.librarian, **UNTIL)

    event = Event.objects.get(case=loan.case, move="lend")
    assert event.principal is None
    assert "principal" not in json.loads(event.body)
    assert event.who == "Lena"


def test_a_repeated_request_gets_the_same_receipt(town, loan, deputy):
    made = attempt(loan, lifecycle.LEND, by=deputy, **UNTIL)

    with transaction.atomic():
        receipts = {engine.fire(PROCESS, loan.pk, made) for _ in range(2)}

    [receipt] = receipts
    assert receipt.acted_for == "Lena"


def test_a_substitute_who_holds_the_role_acts_by_herself(town, loan):
    colleague = person("carla", Role.LIBRARIAN)
    stands_in(colleague, town.librarian)

    receipt = fire(loan, lifecycle.LEND, by=colleague, **UNTIL)

    assert receipt.acted_for == ""
    assert Event.objects.get(case=loan.case, move="lend").principal is None


def test_a_substitute_signs_by_herself_first(town, loan):
    stands_in(town.mayor, town.director)

    fire(loan, lifecycle.GIVE, by=town.mayor, confirmed_at=NOW)

    assert Signature.objects.get().role == "mayor"
    assert Signature.objects.get().principal is None


def test_facts_are_changed_in_the_name_of_who_is_away(town):
    loan = town.loan()
    stands_in(town.director, town.reader)
    amendment = engine.Amendment(lifecycle.RENAME, town.director, NOW, 1, None)

    with transaction.atomic():
        engine.amend(PROCESS, loan.pk, amendment, lambda loan: engine.Noted())

    assert Event.objects.latest("id").who == "Denis pour Rose"


def test_a_task_is_claimed_in_the_name_of_who_is_away(town, loan, deputy):
    task = Task.objects.get(case=loan.case, step="desk")

    with transaction.atomic():
        claims.claim(task_id=task.pk, by=deputy, at=NOW)

    assert Event.objects.get(kind="claim").who == "Dora pour Lena"


def test_what_the_absent_person_had_taken_waits_for_nobody_else(town, loan, deputy):
    task = Task.objects.get(case=loan.case, step="desk")
    with transaction.atomic():
        claims.claim(task_id=task.pk, by=town.librarian, at=NOW)

    fire(loan, lifecycle.LEND, by=deputy, **UNTIL)

    assert Task.objects.get(pk=task.pk).completed_by == deputy


def test_a_decision_for_another_costs_at_most_eleven_queries_and_a_message(
    town, loan, deputy, django_assert_max_num_queries
):
    made = attempt(loan, lifecycle.LEND, by=deputy, **UNTIL)

    with django_assert_max_num_queries(11):
        engine.fire(PROCESS, loan.pk, made)


def test_what_one_holds_is_one_query(town, deputy, django_assert_num_queries):
    memberships_of(deputy, TODAY)

    with django_assert_num_queries(1):
        held = memberships_of(deputy, TODAY)
        assert {(m.unit.name, str(m.principal or "")) for m in held} == {
            ("Unit-archivist", ""),
            ("Unit-librarian", "Lena"),
        }


# When, and on what


@pytest.mark.parametrize(
    ("day", "acts"), [(0, False), (1, True), (3, True), (5, True), (6, False)]
)
def test_it_begins_and_ends_on_its_days_by_itself(town, loan, day, acts):
    deputy = person("dora", "archivist")
    stands_in(deputy, town.librarian, days=WEEK)
    at = NOW + day * DAY

    assert lends(loan, deputy, at) is acts
    assert bool(visible_cases(memberships_of(deputy, at.date()))) is acts


def test_it_ends_at_midnight_on_the_wall(town, loan, deputy):
    before = datetime.datetime(2026, 3, 2, 22, 59, tzinfo=datetime.UTC)
    after = datetime.datetime(2026, 3, 2, 23, 0, tzinfo=datetime.UTC)

    assert lends(loan, deputy, before)
    assert not lends(loan, deputy, after)


def test_it_may_be_limited_to_some_procedures(town, loan):
    inside, outside = person("ina", "archivist"), person("otto", "archivist")
    stands_in(inside, town.librarian, processes=["loan"])
    Substitution.objects.create(
        principal=town.librarian,
        substitute=outside,
        first_day=TODAY,
        last_day=TODAY,
        processes=["another"],
        set_by=town.librarian,
        set_at=NOW,
    )

    for deputy, reaches in ((inside, True), (outside, False)):
        held = memberships_of(deputy, TODAY)
        assert lends(loan, deputy) is reaches
        assert visible_cases(held).exists() is reaches
        assert inbox.addressed_to(held).exists() is reaches


def test_a_reader_s_substitute_reads_what_she_reads(town, loan):
    deputy = person("dora", "archivist")
    stands_in(deputy, town.inspector, processes=["loan"])

    assert list(visible_cases(memberships_of(deputy, TODAY))) == [loan.case]


def test_powers_are_lent_once(town, loan, deputy):
    third = person("theo", "archivist")
    stands_in(third, deputy)

    assert lends(loan, deputy)
    assert not lends(loan, third)
    assert not visible_cases(memberships_of(third, TODAY)).exists()


def test_what_the_absent_person_lost_her_substitute_loses(town, loan, deputy):
    Membership.objects.filter(user=town.librarian).update(ends_on="2026-03-01")

    assert not lends(loan, deputy)


def test_the_tasks_of_who_is_away_wait_for_her_substitute(town, loan, deputy):
    held = memberships_of(deputy, TODAY)

    [task] = inbox.tasks_in(Box.UNITS, by=deputy, memberships=held, at=NOW)

    assert task.step == "desk"
    assert inbox.principal_of(task, held) == town.librarian


def test_a_task_that_one_may_answer_oneself_is_not_another_s(town, loan):
    colleague = person("carla", Role.LIBRARIAN)
    stands_in(colleague, town.librarian)
    held = memberships_of(colleague, TODAY)

    [task] = inbox.tasks_in(Box.UNITS, by=colleague, memberships=held, at=NOW)

    assert inbox.principal_of(task, held) is None


# Four eyes, for both


def test_who_asked_does_not_lend_for_another(town, loan):
    stands_in(town.reader, town.librarian)

    [refusal] = refused(loan, lifecycle.LEND, by=town.reader, **UNTIL)

    assert refusal.ground is Ground.FOUR_EYES
    assert refusal.message.startswith("Vous avez déjà fait sur ce dossier : « Dem")


def test_nobody_lends_for_who_asked(town, loan, deputy):
    person("rose", Role.LIBRARIAN)
    stands_in(person("paul", "archivist"), town.reader)

    [refusal] = refused(loan, lifecycle.LEND, by=person("paul"), **UNTIL)

    assert refusal.ground is Ground.FOUR_EYES
    assert refusal.message == (
        "Rose, pour qui vous agissez, a déjà fait sur ce dossier : « Demander » ; "
        "ce geste demande une autre personne."
    )


def test_who_had_it_asked_in_her_name_does_not_lend(town):
    loan = town.loan()
    deputy = person("dora", "archivist")
    stands_in(deputy, town.reader)
    fire(loan, lifecycle.ASK, by=deputy)
    person("rose", Role.LIBRARIAN)

    [refusal] = refused(loan, lifecycle.LEND, by=town.reader, **UNTIL)

    assert refusal.ground is Ground.FOUR_EYES


def test_two_substitutes_of_one_person_do_not_make_four_eyes(town):
    loan = town.loan()
    person("rose", Role.LIBRARIAN)
    first, second = person("dora", "archivist"), person("paul", "archivist")
    stands_in(first, town.reader)
    stands_in(second, town.reader, days=WEEK)
    fire(loan, lifecycle.ASK, by=first)

    [refusal] = refused(loan, lifecycle.LEND, by=second, at=NOW + DAY, **UNTIL)

    assert refusal.ground is Ground.FOUR_EYES
    assert refusal.message.startswith("Rose, pour qui vous agissez")


def test_who_has_signed_does_not_sign_for_another(town, loan):
    stands_in(town.mayor, town.director)
    fire(loan, lifecycle.GIVE, by=town.mayor, confirmed_at=NOW)

    [refusal] = refused(loan, lifecycle.GIVE, by=town.mayor, confirmed_at=NOW)

    assert refusal.ground is Ground.SIGNATURE
    assert refusal.message.startswith("Vous avez déjà signé")


def test_nobody_signs_for_who_has_signed(town, loan):
    person("denis", Role.MAYOR)
    fire(loan, lifecycle.GIVE, by=town.director, confirmed_at=NOW)
    deputy = person("dora", "archivist")
    stands_in(deputy, town.director)

    [refusal] = refused(loan, lifecycle.GIVE, by=deputy, confirmed_at=NOW)

    assert refusal.ground is Ground.SIGNATURE
    assert refusal.message.startswith("Denis, pour qui vous agissez, a déjà signé")


def test_who_had_it_signed_in_her_name_does_not_sign_again(town, loan):
    person("denis", Role.MAYOR)
    deputy = person("dora", "archivist")
    stands_in(deputy, town.director)
    fire(loan, lifecycle.GIVE, by=deputy, confirmed_at=NOW)

    [refusal] = refused(loan, lifecycle.GIVE, by=town.director, confirmed_at=NOW)

    assert refusal.message.startswith("Vous avez déjà signé")
    [signature] = Signature.objects.all()
    assert signature.who == "Dora pour Denis"


def test_the_database_too_refuses_two_signatures_for_one_person(town, loan):
    deputy, other = person("dora", "archivist"), person("paul", "archivist")
    stands_in(deputy, town.director)
    fire(loan, lifecycle.GIVE, by=deputy, confirmed_at=NOW)
    signature = Signature.objects.get()

    signature.pk, signature.user, signature.role = None, other, "mayor"
    with pytest.raises(IntegrityError), transaction.atomic():
        signature.save(force_insert=True)
