"""A case as it was is what the engine showed at that moment."""

import datetime
import random
import uuid

import pytest
from django.db import transaction

from tests.library import lifecycle
from tests.library.factories import NOW, UNTIL, Town, attempt, fire, person, unit
from tests.library.lifecycle import PROCESS, Role
from tests.library.models import Loan
from tests.workflow.moments import replayed, shown
from workflow import (
    claims,
    clocks,
    conflicts,
    delegations,
    engine,
    replay,
)
from workflow.models import Event, Membership, Substitution, Task

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
MINUTE = datetime.timedelta(minutes=1)
PEOPLE = ("reader", "librarian", "director", "mayor", "adviser")


@pytest.fixture
def town(db):
    town = Town()
    town.adviser = person("adele", Role.ADVISER)
    town.colleague = person("leo", Role.LIBRARIAN)
    return town


def rename(loan, town, at, title):
    loan.case.refresh_from_db()
    amendment = engine.Amendment(lifecycle.RENAME, town.reader, at, None, uuid.uuid4())

    def change(subject):
        before, subject.case.title = subject.case.title, title
        subject.days += 1
        return engine.Noted(texts={"title.before": before, "title.after": title})

    with transaction.atomic():
        engine.amend(PROCESS, loan.pk, amendment, change)


def share(chance, loan, town, at):
    """Have a task change hands."""
    task = chance.choice([*Task.objects.open().filter(case=loan.case)])
    by = town.role(task.role)
    match chance.randrange(4):
        case 0:
            claims.claim(task_id=task.pk, by=by, at=at)
        case 1:
            claims.release(task_id=task.pk, by=by, at=at)
        case 2:
            claims.assign(task_id=task.pk, to=town.colleague, by=by, at=at)
        case _:
            request = delegations.Request(to=town.inspector, instructions="Voir.")
            delegations.delegate(task_id=task.pk, request=request, by=by, at=at)


def something_happens(chance, loan, town, at):
    """Have somebody do one thing at random, if she may."""
    match chance.randrange(10):
        case 0:
            rename(loan, town, at, f"Titre {at:%H%M}")
        case 1 | 2 | 3:
            share(chance, loan, town, at)
        case 4:
            task = Task.objects.open().get(case=loan.case, step="desk")
            act = chance.choice([clocks.stop, clocks.resume])
            act(clocks.Turn(task.pk, "Ainsi.", town.librarian, at, uuid.uuid4()))
        case 5:
            act = chance.choice([conflicts.declare, conflicts.lift])
            said = {"about": town.colleague, "by": town.director, "reason": "Ainsi."}
            statement = conflicts.Statement(**said, at=at, key=uuid.uuid4())
            act(PROCESS, loan.pk, statement)
        case _:
            move = chance.choice(PROCESS.moves)
            by = town.role(chance.choice(PEOPLE))
            said = dict(UNTIL) if move.name == "lend" else {}
            made = attempt(
                loan, move, by=by, at=at, reason="Ainsi.", confirmed_at=at, **said
            )
            with transaction.atomic():
                engine.fire(PROCESS, loan.pk, made)


REFUSED = (
    *(engine.MoveRefused, claims.TaskNotFound, claims.AlreadyClaimed, IndexError),
    *(claims.AssigneeRefused, delegations.DelegationRefused, Task.DoesNotExist),
)


@pytest.mark.slow  # forty lives of a loan, each replayed at every event
@pytest.mark.parametrize("seed", range(40))
def test_each_moment_of_a_life_is_replayed_as_it_was(seed, town):
    chance, at = random.Random(seed), NOW  # noqa: S311
    loan = town.loan(advisers=[unit("unit-adviser")])
    moments = {at: shown(loan)}
    for _ in range(60):
        at += chance.choice([MINUTE, 2 * DAY])
        try:
            with transaction.atomic():
                something_happens(chance, loan, town, at)
        except REFUSED:
            continue
        moments[at] = shown(loan)
    loan = Loan.objects.select_related("case").get(pk=loan.pk)

    assert len(moments) > 3
    for moment, then in moments.items():
        assert replayed(loan, moment) == then
        assert replayed(loan, moment + MINUTE / 2) == then


def test_who_could_act_is_told_of_that_day(town):
    loan = town.loan()
    asked_at = NOW + MINUTE
    fire(loan, lifecycle.ASK, by=town.reader, at=asked_at)
    librarians = Membership.objects.filter(role=Role.LIBRARIAN)
    librarians.update(ends_on=NOW.date())
    successor = person("lou", Role.LIBRARIAN, starts_on=NOW.date() + DAY)
    elsewhere = person("lise", Role.LIBRARIAN, place=unit("unit-else"))

    def actors(at):
        (asked,) = replay.as_of(loan.case, at).open
        return [actor.person for actor in asked.actors]

    assert actors(NOW) == [town.reader]
    assert actors(asked_at) == [town.librarian, town.colleague]
    assert actors(asked_at + DAY) == [successor]
    assert elsewhere not in actors(asked_at)


def test_who_stood_in_for_another_is_told(town):
    loan = town.loan()
    friend = person("fanny")
    absence = Substitution.objects.create(
        principal=town.reader,
        substitute=friend,
        first_day=NOW.date(),
        last_day=NOW.date() + DAY,
        set_by=town.reader,
        set_at=NOW,
    )
    absence.revoked_by, absence.revoked_at = town.reader, NOW + 2 * MINUTE
    absence.save(update_fields=["revoked_by", "revoked_at"])

    def actors(at):
        (asked,) = replay.as_of(loan.case, at).open
        return [str(actor) for actor in asked.actors]

    assert actors(NOW + MINUTE) == [str(town.reader), f"{friend} pour {town.reader}"]
    assert actors(NOW + 3 * MINUTE) == [str(town.reader)]


def test_a_pause_leaves_nobody_to_act_on_what_it_holds(town):
    loan = town.loan_at("lent")
    fire(loan, lifecycle.FREEZE, by=town.librarian, at=NOW + MINUTE, reason="Gel.")

    then = replay.as_of(loan.case, NOW + MINUTE)

    assert [(one.label, one.is_held) for one in then.asked] == [
        ("Rendre le livre", True),
        ("Dégeler", False),
    ]
    assert then.state_label == "Gelé"
    assert [one.step for one in then.open] == ["thaw"]
    assert then.asked[0].actors == ()


def test_before_it_was_opened_there_was_nothing(town):
    loan = town.loan()

    with pytest.raises(replay.NotYetOpened):
        replay.as_of(loan.case, NOW - MINUTE)
    assert replay.as_of(loan.case, NOW).latest == Event.objects.get(case=loan.case)
