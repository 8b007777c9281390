"""Who is told what of a case, and why: written once, read in the application."""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q

from workflow import exclusions
from workflow.cases import process_of
from workflow.deadlines import LOCAL
from workflow.models import (
    Case,
    Conflict,
    Event,
    Follow,
    Membership,
    Notice,
    Preference,
    Substitution,
    Task,
    Unit,
)
from workflow.models.notices import NoticeQuerySet, Pace, Reason, Topic
from workflow.standing import memberships_of, visible_cases

COUNT_UP_TO = 99

DEFAULTS: Mapping[str, Pace] = {
    Topic.ASKED: Pace.AT_ONCE,
    Topic.DUE: Pace.AT_ONCE,
    Topic.PREPARATION: Pace.AT_ONCE,
    Topic.TALK: Pace.AT_ONCE,
    Topic.DECISION: Pace.DAILY,
    # A letter tells it already, whatever one prefers.
    Topic.OUTCOME: Pace.NEVER,
}
"""When those who have said nothing receive what, by e-mail."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """A person who is told something, and why it is her."""

    user: Any
    reason: Reason
    role: str = ""
    unit: Unit | None = None
    principal: Any = None

    @property
    def mailbox_of(self) -> Unit | None:
        """The unit whose mailbox is told as well; none if it is said to her alone."""
        shared = self.reason in {Reason.ROLE, Reason.STANDS_IN}
        return self.unit if shared else None

    def usual(self, topic: Topic) -> Pace:
        """Return when she is told by e-mail, if she has not chosen."""
        usual = DEFAULTS[topic]
        hurried = self.reason == Reason.FOLLOWS and usual is Pace.AT_ONCE
        return Pace.DAILY if hurried else usual


@dataclass(frozen=True, slots=True)
class Fact:
    """
    What people are told of a case.

    - `key`: the same each time that this is told;
    - `task`: what it asks to do, or is about.
    """

    case: Case
    topic: Topic
    text: str
    key: str
    event: Event | None = None
    task: Task | None = None


# Who is told


def holders(
    unit: Unit, role: str, case: Case, at: datetime.datetime
) -> Iterator[Addressee]:
    """
    Find the people of a unit who hold a role on a case, and those who stand in.

    Whom a conflict of interest keeps away from it is told nothing by that role.
    """
    on = at.astimezone(LOCAL).date()
    held = (
        Membership.objects.current(on)
        .filter(unit=unit, role=role, user__is_active=True)
        .filter(Q(jurisdiction=None) | Q(jurisdiction=case.jurisdiction_id))
        .exclude(user__in=_kept_away(case))
    )
    people = {one.user_id: one.user for one in held.select_related("user")}
    for user in people.values():
        yield Addressee(user, Reason.ROLE, role, unit)
    away = (
        Substitution.objects.on(on)
        .filter(Q(unit=None) | Q(unit=unit), principal__in=people)
        .filter(substitute__is_active=True)
        .exclude(substitute__in=_kept_away(case))
    )
    for lent in away.select_related("principal", "substitute"):
        if lent.reaches(case.process):
            yield Addressee(
                lent.substitute, Reason.STANDS_IN, role, unit, lent.principal
            )


def asked(task: Task, case: Case, at: datetime.datetime) -> Iterator[Addressee]:
    """
    Find who is to do a task: whoever took it in charge, or those of its unit.

    Who could make none of the moves that answer it is asked nothing.
    """
    if task.owner is None:
        yield from _able(task, list(holders(task.unit, task.role, case, at)), at)
    elif task.owner.is_active:
        yield Addressee(task.owner, Reason.OWNER, task.role, task.unit)


def _able(
    task: Task, asked: Sequence[Addressee], at: datetime.datetime
) -> Iterator[Addressee]:
    people = {one.user for one in asked} | {p for one in asked if (p := one.principal)}
    moves = Event.objects.filter(case=task.case_id)
    made = moves.values_list("move", "actor", "principal")
    barred = exclusions.barred(task, people, made=made, on=at.astimezone(LOCAL).date())
    for one in asked:
        if barred.isdisjoint({one.user.pk, one.principal and one.principal.pk}):
            yield one


def heads(unit: Unit, at: datetime.datetime) -> Iterator[Addressee]:
    """Find who heads a unit."""
    on = at.astimezone(LOCAL).date()
    held = Membership.objects.current(on).filter(unit=unit, is_head=True)
    for one in held.filter(user__is_active=True).select_related("user"):
        yield Addressee(one.user, Reason.HEADS, unit=unit)


def parties(case: Case, role: str, at: datetime.datetime) -> Iterator[Addressee]:
    """Find the people of the units that play a role in a case."""
    playing = case.parties.filter(role=role).select_related("unit").order_by("id")
    for party in playing:
        yield from holders(party.unit, role, case, at)


def followers(case: Case, at: datetime.datetime) -> Iterator[Addressee]:
    """Find who follows a case, and may still know of it."""
    on = at.astimezone(LOCAL).date()
    follows = Follow.objects.filter(case=case, user__is_active=True).order_by("id")
    for follow in follows.select_related("user"):
        held = memberships_of(follow.user, on)
        if visible_cases(held).filter(pk=case.pk).exists():
            yield Addressee(follow.user, Reason.FOLLOWS)


def _kept_away(case: Case) -> Any:
    return Conflict.objects.standing().filter(case=case).values("user")


# What is written


def write(fact: Fact, addressees: Iterable[Addressee], at: datetime.datetime) -> None:
    """
    Tell a fact to each of these people, once, and never to who brought it about.

    A person who is concerned twice is told the first reason.
    """
    author = fact.event.actor_id if fact.event else None
    told = {one.user.pk: one for one in reversed(list(addressees))}
    told.pop(author, None)
    paces = paces_of(told)
    Notice.objects.bulk_create(
        (
            Notice(
                user=one.user,
                case=fact.case,
                event=fact.event,
                task=fact.task,
                topic=fact.topic,
                reason=one.reason,
                role=one.role,
                unit=one.unit,
                principal=one.principal,
                text=fact.text[:300],
                key=fact.key,
                created_at=at,
                pace=pace_for(
                    paces[pk], fact.topic, one.mailbox_of, usual=one.usual(fact.topic)
                ),
            )
            for pk, one in told.items()
        ),
        # Delivered twice, it is the same notice.
        ignore_conflicts=True,
    )


def paces_of(users: Iterable[int]) -> dict[int, dict[str, Pace]]:
    """Return what each of these people has chosen, by topic, in one query."""
    chosen: dict[int, dict[str, Pace]] = {pk: {} for pk in users}
    for one in Preference.objects.filter(user__in=chosen):
        chosen[one.user_id][one.topic] = Pace(one.pace)
    return chosen


def pace_for(
    chosen: Mapping[str, Pace],
    topic: str,
    unit: Unit | None = None,
    *,
    usual: Pace | None = None,
) -> Pace:
    """
    Return when a person wants a topic by e-mail: as she chose, or as is usual.

    The mailbox of a unit receives what is asked of it: its people do not receive it
    too unless they chose to.
    """
    if topic == Topic.OUTCOME:
        return Pace.NEVER
    said = chosen.get(topic) or chosen.get("")
    if said is None and unit is not None and unit.email:
        return Pace.NEVER
    return said or usual or DEFAULTS[topic]


def wanting_at_once(
    people: Sequence[Any], topic: Topic, unit: Unit | None = None
) -> list[Any]:
    """Keep the people who want a topic by e-mail as soon as it happens."""
    chosen = paces_of(person.pk for person in people)
    return [
        person
        for person in people
        if pace_for(chosen[person.pk], topic, unit) is Pace.AT_ONCE
    ]


# What is read


def notices_of(user: Any, memberships: Iterable[Membership]) -> NoticeQuerySet:
    """Return the notices of a person on the cases that she may still know of."""
    known = visible_cases(memberships).filter(pk=OuterRef("case"))
    return Notice.objects.filter(Exists(known), user=user)


def count_unread(user: Any, memberships: Iterable[Membership]) -> int:
    """Count up to `COUNT_UP_TO`, and say one more when there are more."""
    unread = notices_of(user, memberships).unread()
    return unread.order_by()[: COUNT_UP_TO + 1].count()


REASONS: Mapping[str, str] = {
    Reason.ROLE: "vous êtes {through}",
    Reason.OWNER: "vous avez pris cette tâche en charge",
    Reason.STANDS_IN: "vous suppléez {principal} ({through})",
    Reason.FOLLOWS: "vous suivez ce dossier",
    Reason.HEADS: "vous dirigez l’unité {unit}",
    Reason.MENTIONED: "vous êtes mentionné",
    Reason.ENTRUSTED: "on vous le confie",
    Reason.REQUESTED: "vous l’aviez demandé",
}


def why(notice: Notice) -> str:
    """Say why it is this person who is told, in words."""
    return REASONS[notice.reason].format(
        through=_through(notice), principal=notice.principal, unit=notice.unit
    )


def _through(notice: Notice) -> str:
    if not notice.role:
        return ""
    role = process_of(notice.case).role_label(notice.role)
    return f"{role}, {notice.unit.short_name}" if notice.unit else role


def read(*, by: Any, at: datetime.datetime, case_id: int | None = None) -> int:
    """Mark read the notices of a person: those of a case, or all of them."""
    mine = Notice.objects.filter(user=by).unread()
    if case_id is not None:
        mine = mine.filter(case=case_id)
    return mine.update(read_at=at)


# What is chosen


def choices_of(user: Any) -> dict[str, Pace]:
    """Return what a person has chosen, by topic; without topic, for all of them."""
    return paces_of([user.pk])[user.pk]


def choose(*, paces: Mapping[str, str], by: Any, at: datetime.datetime) -> None:
    """
    Set when a person wants each topic by e-mail; empty, what is usual for it.

    What waits for a letter of the day, and is not wanted any more, is left out of it.
    """
    usual = [topic for topic, pace in paces.items() if not pace]
    Preference.objects.filter(user=by, topic__in=usual).delete()
    Preference.objects.bulk_create(
        (
            Preference(user=by, topic=topic, pace=pace)
            for topic, pace in paces.items()
            if pace
        ),
        update_conflicts=True,
        unique_fields=["user", "topic"],
        update_fields=["pace"],
    )
    chosen = choices_of(by)
    unwanted = [one for one in Topic if pace_for(chosen, one) is Pace.NEVER]
    Notice.objects.to_gather().filter(user=by, topic__in=unwanted).update(
        pace=Pace.NEVER
    )
