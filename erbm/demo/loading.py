"""Load the demonstration: its people, then every story, day after day."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import QuerySet

from erbm.demo import (
    chorus,
    desks,
    granting,
    programming,
    promises,
    treasury,
    works,
)
from erbm.demo.gestures import gestures
from erbm.demo.people import Cast, open_accounts, send_away, share_a_view
from erbm.demo.quiet import keep_quiet
from erbm.demo.scenes import Scene
from erbm.demo.sittings import hold_sittings
from erbm.demo.stories import Act, Story, stories
from erbm.notices.notifications import tell_in_the_application
from erbm.operations.models import Operation
from workflow import bulk, outbox, tasks
from workflow.deadlines import LOCAL
from workflow.models import Event

OPENS_AT = datetime.time(8, 30)
BETWEEN_ACTS = datetime.timedelta(minutes=19)
BETWEEN_GESTURES = datetime.timedelta(minutes=2)
NEWS = datetime.timedelta(days=21)


def load(*, at: datetime.datetime) -> int:
    """
    Tell what is not told yet, as seen from a moment, and return how many events.

    Each gesture leaves one event, so that the trail itself says where an
    interrupted loading stopped.
    """
    with transaction.atomic():
        open_accounts()
        send_away(at=at)
        share_a_view(at=at)
    cast = Cast()
    scenes = _scenes(cast)
    with _nobody_woken():
        told = sum(
            _play(scenes[story.number], act, rank, day)
            for day, _, rank, story, act in _in_order(at.astimezone(LOCAL).date())
        )
    for scene in scenes:
        keep_quiet(_told(scene), at=at)
        _tell_the_news(scene, at)
    keep_quiet(granting.history(), at=at)
    with _nobody_woken():
        evening = desks.last_evening(at)
        desks.answer_together(at=evening)
        desks.leave_a_draft(at=evening)
        treasury.share_out(at=evening)
        told += hold_sittings(at=at)
        chorus.reconcile(cast, at=evening)
        told += _follow(cast, at=evening)
    return told


def _follow(cast: Cast, *, at: datetime.datetime) -> int:
    """Show what decisions led to; return how many events that leaves."""
    before, latest = Event.objects.count(), Event.objects.order_by("-pk").first()
    promises.keep(cast, at=at)
    works.show(cast, at=at)
    programming.set_out(at=at)
    since = latest.pk if latest else 0
    keep_quiet(Event.objects.filter(pk__gt=since), at=at)
    return Event.objects.count() - before


def _scenes(cast: Cast) -> list[Scene]:
    known = {
        operation.source_id: operation
        for operation in Operation.objects.filter(
            source_id__startswith="demo-"
        ).select_related("case")
    }
    return [Scene(story, cast, known.get(story.source_id)) for story in stories()]


def _in_order(
    today: datetime.date,
) -> list[tuple[datetime.date, int, int, Story, Act]]:
    """Mix the stories as time did, so that numbers follow one another."""
    acts = [
        (day, story.number, rank, story, act)
        for story in stories()
        for rank, (day, act) in enumerate(story.dated(today))
    ]
    return sorted(acts, key=lambda each: each[:3])


def _play(scene: Scene, act: Act, rank: int, day: datetime.date) -> int:
    """Do what is left undone of an act; return how many events that is."""
    at = datetime.datetime.combine(day, OPENS_AT, tzinfo=LOCAL) + BETWEEN_ACTS * rank
    if act.name in granting.ACTS:
        return granting.play(scene, act, at.astimezone(datetime.UTC))
    done = 0
    for gesture in gestures(scene, act):
        if scene.told >= scene.recorded:
            gesture(at.astimezone(datetime.UTC))
            done += 1
        scene.told += 1
        at += BETWEEN_GESTURES
    return done


@contextmanager
def _nobody_woken() -> Iterator[None]:
    """Spare the workers a thousand wake-ups for messages that are not to be sent."""
    outbox.bell.answered_by(lambda: None)
    bulk.bell.answered_by(lambda: None)
    try:
        yield
    finally:
        outbox.bell.answered_by(tasks.wake_worker)
        bulk.bell.answered_by(tasks.wake_for_batches)


def _told(scene: Scene) -> QuerySet[Event]:
    return Event.objects.filter(case=scene.operation.pk, seq__lte=scene.told)


def _tell_the_news(scene: Scene, at: datetime.datetime) -> None:
    """Tell people in the application what happened of late, and write to nobody."""
    latest = _told(scene).filter(
        kind__in=[outbox.MOVED, outbox.SIGNED],
        at__gt=at - NEWS,
        at__lte=at,
    )
    for event in latest.select_related("case", "actor", "unit").order_by("seq"):
        tell_in_the_application(event, key="", at=event.at)
