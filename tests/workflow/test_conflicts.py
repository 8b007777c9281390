"""Who has an interest in a case takes no part in its decisions, at any door."""

import uuid

import pytest
from django.db import transaction

from tests.library import lifecycle
from tests.library.factories import NOW, PROCESS, UNTIL, fire, person, unit
from tests.library.lifecycle import Role
from workflow import claims, conflicts, delegations, engine, inbox, paging
from workflow.inbox import Box
from workflow.models import Conflict, Event, Membership, Signature, Substitution, Task
from workflow.refusals import Ground
from workflow.standing import memberships_of
from workflow.trail import verify

pytestmark = pytest.mark.django_db

WORDS = (
    "Vous avez un conflit d’intérêts sur ce dossier, déclaré le 02/03/2026 : "
    "ce qui s’y décide ne vous revient plus."
)


def say(act, loan, *, about, by, reason="Ma sœur est la lectrice.", key=None):
    said = conflicts.Statement(
        about=about, by=by, at=NOW, reason=reason, key=key or uuid.uuid4()
    )
    with transaction.atomic():
        return act(PROCESS, loan.pk, said)


def declare(loan, **said):
    return say(conflicts.declare, loan, **said)


def lift(loan, **said):
    return say(conflicts.lift, loan, **said)


def amend(loan, by):
    amendment = engine.Amendment(
        edit=lifecycle.RENAME, by=by, at=NOW, seen=None, key=uuid.uuid4()
    )
    with transaction.atomic():
        return engine.amend(PROCESS, loan.pk, amendment, lambda _: engine.Noted())


def task_of(loan, step="desk"):
    return Task.objects.get(case=loan.case, step=step, finished=None)


def in_box(user, box=Box.UNITS):
    memberships = memberships_of(user, NOW.date())
    return inbox.tasks_in(box, by=user, memberships=memberships, at=NOW)


def refused(act):
    refusals = (engine.MoveRefused, claims.ClaimRefused)
    with pytest.raises(refusals) as caught, transaction.atomic():
        act()
    return caught.value


def test_the_same_words_refuse_at_every_door(town):
    loan = town.loan_at("asked")
    declare(loan, about=town.librarian, by=town.librarian)
    task = task_of(loan)

    doors = [
        lambda: fire(loan, lifecycle.LEND, by=town.librarian, **UNTIL),
        lambda: fire(loan, lifecycle.REFUSE, by=town.librarian, reason="Abîmé."),
        lambda: claims.claim(task_id=task.pk, by=town.librarian, at=NOW),
        lambda: claims.take_over(task_id=task.pk, by=town.librarian, at=NOW),
        lambda: claims.release(task_id=task.pk, by=town.librarian, at=NOW),
        lambda: delegations.delegate(
            task_id=task.pk,
            request=delegations.Request(to=town.director, instructions="Lire."),
            by=town.librarian,
            at=NOW,
        ),
    ]

    for door in doors:
        [refusal] = refused(door).refusals
        assert (refusal.ground, refusal.message) == (Ground.CONFLICT, WORDS)
    declare(loan, about=town.reader, by=town.reader)
    [refusal] = refused(lambda: amend(loan, town.reader)).refusals
    assert refusal.message == WORDS
    said = {
        refusal.message
        for prospect in engine.prospects(PROCESS, loan.pk, by=town.librarian, at=NOW)
        for refusal in prospect.refusals
        if refusal.ground is Ground.CONFLICT
    }
    assert said == {WORDS}
    assert not [
        prospect
        for prospect in engine.prospects(PROCESS, loan.pk, by=town.librarian, at=NOW)
        if prospect.is_open
    ]


def test_nobody_assigns_a_task_to_who_is_kept_away(town):
    loan = town.loan_at("asked")
    declare(loan, about=town.librarian, by=town.librarian)
    colleague = person("lou", Role.LIBRARIAN)

    with pytest.raises(claims.AssigneeRefused) as caught, transaction.atomic():
        claims.assign(task_id=task_of(loan).pk, to=town.librarian, by=colleague, at=NOW)

    grounds = {refusal.ground for refusal in caught.value.refusals}
    assert Ground.CONFLICT in grounds


def test_a_head_who_is_kept_away_assigns_nothing(town):
    loan = town.loan_at("asked")
    colleague = person("colin", Role.LIBRARIAN)
    Membership.objects.filter(user=town.librarian).update(is_head=True)
    declare(loan, about=town.librarian, by=town.librarian)
    task = task_of(loan)

    error = refused(
        lambda: claims.assign(task_id=task.pk, to=colleague, by=town.librarian, at=NOW)
    )

    assert str(error) == WORDS
    assert task_of(loan).owner is None


def test_who_is_kept_away_prepares_nothing(town):
    loan = town.loan_at("asked")
    task, expert = task_of(loan), person("elsa", Role.MAYOR)
    request = delegations.Request(to=expert, instructions="Est-il en rayon ?")

    def ask():
        with transaction.atomic():
            return delegations.delegate(
                task_id=task.pk, request=request, by=town.librarian, at=NOW
            )

    asked = ask()
    declare(loan, about=expert, by=expert)

    with pytest.raises(delegations.DelegationRefused) as caught, transaction.atomic():
        delegations.hand_back(delegation_id=asked.pk, answer="Oui.", by=expert, at=NOW)
    assert "conflit d’intérêts" in str(caught.value)
    with transaction.atomic():
        delegations.withdraw(delegation_id=asked.pk, by=town.librarian, at=NOW)
    with pytest.raises(delegations.DelegationRefused) as caught:
        ask()
    assert caught.value.reasons == (
        ("to", f"{expert} a un conflit d’intérêts sur ce dossier."),
    )


def test_what_waits_leaves_her_inbox_and_its_counts(town):
    near, far = town.loan_at("asked"), town.loan_at("asked")
    declare(near, about=town.librarian, by=town.librarian)

    assert [task.case_id for task in in_box(town.librarian)] == [far.pk]
    assert paging.count(in_box(town.librarian)) == 1
    colleague = person("lou", Role.LIBRARIAN)
    assert paging.count(in_box(colleague)) == 2


def test_what_she_had_taken_is_given_back(town):
    loan = town.loan_at("asked")
    claims.claim(task_id=task_of(loan).pk, by=town.librarian, at=NOW)

    declare(loan, about=town.librarian, by=town.librarian)

    assert task_of(loan).owner is None
    fire(loan, lifecycle.LEND, by=person("lou", Role.LIBRARIAN), **UNTIL)


def test_what_she_signed_is_struck_out_and_asked_again(town):
    loan = town.loan_at("lent")
    fire(loan, lifecycle.RETURN, by=town.reader)
    assert task_of(loan, "receive")

    declare(loan, about=town.reader, by=town.reader)

    assert Signature.objects.get(case=loan.case).struck_by.kind == "conflict"
    loan.case.refresh_from_db()
    assert not loan.case.awaits_signatures
    assert task_of(loan, "home")
    assert not Task.objects.open().filter(case=loan.case, step="receive").exists()
    fire(loan, lifecycle.RETURN, by=person("ravi", Role.READER))


def test_the_trail_says_who_was_kept_away_and_why(town):
    loan = town.loan_at("asked")

    receipt = declare(loan, about=town.librarian, by=town.director)

    event = Event.objects.get(case=loan.case, seq=receipt.seq)
    assert (event.kind, event.actor, event.role) == (
        "conflict",
        town.director,
        "director",
    )
    assert "Ma sœur est la lectrice." in event.text.text
    assert "Ma sœur" not in event.body
    loan.case.refresh_from_db()
    assert loan.case.has_conflicts
    assert verify.problems_of(loan.case) == []


def test_the_same_request_declares_once(town):
    loan, key = town.loan_at("asked"), uuid.uuid4()

    first = declare(loan, about=town.librarian, by=town.librarian, key=key)

    assert declare(loan, about=town.librarian, by=town.librarian, key=key) == first
    assert Conflict.objects.count() == 1


def test_only_the_head_and_the_overseer_speak_of_somebody_else(town):
    loan = town.loan_at("asked")
    colleague = person("lou", Role.LIBRARIAN)

    [refusal] = refused(
        lambda: declare(loan, about=town.librarian, by=colleague)
    ).refusals
    assert refusal.ground is Ground.ROLE
    assert "responsable de son unité ou par : directeur" in refusal.message

    Membership.objects.filter(user=colleague).update(is_head=True)
    declare(loan, about=town.librarian, by=colleague)
    declare(loan, about=town.reader, by=town.director)
    assert Conflict.objects.standing().count() == 2


def test_the_head_of_another_unit_says_nothing(town):
    loan = town.loan_at("asked")
    Membership.objects.filter(user=town.reader).update(is_head=True)

    [refusal] = refused(
        lambda: declare(loan, about=town.librarian, by=town.reader)
    ).refusals

    assert refusal.ground is Ground.ROLE


def test_an_overseer_lifts_a_conflict_with_a_reason(town):
    loan = town.loan_at("asked")
    declare(loan, about=town.librarian, by=town.librarian)

    [silent] = refused(
        lambda: lift(loan, about=town.librarian, by=town.director, reason=" ")
    ).refusals
    assert silent.field == "reason"
    lift(loan, about=town.librarian, by=town.director, reason="Erreur d’homonyme.")

    loan.case.refresh_from_db()
    assert not loan.case.has_conflicts
    assert Conflict.objects.get().lifted_by.kind == "conflict_lifted"
    fire(loan, lifecycle.LEND, by=town.librarian, **UNTIL)


def test_nobody_lifts_her_own(town):
    loan = town.loan_at("asked")
    declare(loan, about=town.director, by=town.director)

    [refusal] = refused(
        lambda: lift(loan, about=town.director, by=town.director)
    ).refusals

    assert refusal.ground is Ground.FOUR_EYES


def test_nobody_lifts_in_the_name_of_who_is_kept_away(town):
    loan = town.loan_at("asked")
    declare(loan, about=town.director, by=town.director)
    sacha = standing_in(town.director)

    [refusal] = refused(lambda: lift(loan, about=town.director, by=sacha)).refusals

    assert refusal.ground is Ground.FOUR_EYES
    assert Conflict.objects.standing().count() == 1


def test_who_is_kept_away_lifts_nobody_s(town):
    loan = town.loan_at("asked")
    for person_ in (town.director, town.librarian):
        declare(loan, about=person_, by=person_)

    [refusal] = refused(
        lambda: lift(loan, about=town.librarian, by=town.director)
    ).refusals

    assert refusal.ground is Ground.CONFLICT


def test_a_substitute_lifts_in_the_name_of_who_is_away_and_the_trail_says_so(town):
    loan = town.loan_at("asked")
    declare(loan, about=town.librarian, by=town.librarian)
    sacha = standing_in(town.director)

    lift(loan, about=town.librarian, by=sacha)

    lifted = Event.objects.get(kind="conflict_lifted")
    assert (lifted.actor, lifted.principal) == (sacha, town.director)
    assert lifted.role == Role.DIRECTOR
    assert verify.problems_of(loan.case) == []


def test_who_takes_no_part_has_nothing_to_declare(town):
    loan = town.loan_at("asked")
    stranger = person("noa", Role.LIBRARIAN, place=unit("elsewhere"))

    [refusal] = refused(lambda: declare(loan, about=stranger, by=stranger)).refusals

    assert "ne prend part à aucune décision" in refusal.message


def test_a_conflict_on_one_case_costs_nothing_to_the_others(
    town, django_assert_max_num_queries
):
    loan, other = town.loan_at("asked"), town.loan_at("asked")
    declare(loan, about=town.librarian, by=town.librarian)

    with transaction.atomic():
        fire(other, lifecycle.LEND, by=town.librarian, **UNTIL)

    assert Task.objects.open().filter(case=other.case, step="home").exists()


def test_a_member_of_the_unit_that_asks_does_not_decide_for_it(town):
    loan = town.loan_at("asked")
    torn = person("tess", Role.DIRECTOR)
    person("tess", Role.ADVISER, place=unit("unit-reader"))

    refusal, *_ = refused(lambda: fire(loan, lifecycle.EXHIBIT, by=torn)).refusals

    assert refusal.ground is Ground.FOUR_EYES
    assert refusal.message == (
        "Vous appartenez à Unit-reader, qui est dans ce dossier : lecteur ; "
        "ce geste demande une personne d’une autre unité."
    )


# Those who stand in for somebody


def standing_in(principal):
    """Return a person who stands in for another, and holds nothing of her own."""
    substitute = person("sacha")
    Substitution.objects.create(
        principal=principal,
        substitute=substitute,
        first_day=NOW.date(),
        last_day=NOW.date(),
        set_by=principal,
        set_at=NOW,
    )
    return substitute


def test_nobody_acts_for_a_person_who_is_kept_away(town):
    near, far = town.loan_at("asked"), town.loan_at("asked")
    sacha = standing_in(town.librarian)
    declare(near, about=town.librarian, by=town.librarian)
    words = WORDS.replace("Vous avez", f"{town.librarian}, pour qui vous agissez, a")

    doors = [
        lambda: fire(near, lifecycle.LEND, by=sacha, **UNTIL),
        lambda: claims.claim(task_id=task_of(near).pk, by=sacha, at=NOW),
    ]

    for door in doors:
        assert [refusal.message for refusal in refused(door).refusals] == [words]
    assert [task.case_id for task in in_box(sacha)] == [far.pk]


def test_who_is_kept_away_acts_for_nobody_either(town):
    loan = town.loan_at("asked")
    sacha = standing_in(town.librarian)
    declare(loan, about=sacha, by=sacha)

    [refusal] = refused(lambda: fire(loan, lifecycle.LEND, by=sacha, **UNTIL)).refusals

    assert refusal.message == WORDS
    assert not in_box(sacha)
