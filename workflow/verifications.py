"""Verify the whole trail every night, its seals with it, and keep what is found."""

import datetime
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Q

from workflow.models import Case, Entry, Fault, Verification, VerificationRequest
from workflow.trail import (
    entries,
    guards,
    rows,
    seals,
    timestamps,
    verify,
    witnesses,
)
from workflow.waking import Bell

KEPT = 1_000
"""How many faults of one verification are kept; they are all counted."""

OVERDUE = datetime.timedelta(hours=26)
"""How long after the latest verification the next one is missed."""

ABANDONED = datetime.timedelta(minutes=10)
"""After how long a verification that was begun and never ended is begun again."""

bell = Bell("verifications")


def latest() -> Verification | None:
    """Return the latest verification, if there ever was one."""
    return Verification.objects.order_by("-started_at", "-pk").first()


def verify_all(
    *, at: datetime.datetime, clock: Callable[[], datetime.datetime]
) -> Verification:
    """Verify every trail and every seal; `clock` says when it ends."""
    log = seals.check(witnesses.kept())
    counted = {"cases": 0, "events": 0}
    found = _found(log, counted)
    kept = list(islice(found, KEPT))
    more = sum(1 for _ in found)
    with transaction.atomic():
        verification = Verification.objects.create(
            started_at=at,
            ended_at=clock(),
            size=log.tree.size,
            found=len(kept) + more,
            **counted,
        )
        Fault.objects.bulk_create(
            Fault(verification=verification, message=message) for message in kept
        )
    return verification


def _found(log: seals.Log, counted: dict[str, int]) -> Iterator[str]:
    yield from guards.problems()
    yield from log.problems
    yield from timestamps.problems()
    for verdict in verify.check(Case.objects.all()):
        counted["cases"] += 1
        counted["events"] += verdict.events
        yield from verdict.problems
    yield from verify.astray()
    yield from verify.ambiguous(Case.objects.all())
    yield from rows.check(Case.objects.all())
    yield from entries.Check(Entry.objects.all())


def ask(*, by: Any, at: datetime.datetime) -> VerificationRequest:
    """Ask that the whole trail be verified; the request that waits already is kept."""
    with transaction.atomic():
        request, _ = VerificationRequest.objects.get_or_create(
            verification=None, defaults={"asked_by": by, "asked_at": at}
        )
        bell.ring()
    return request


def pending() -> VerificationRequest | None:
    """Return the request that waits for its answer, if there is one."""
    waiting = VerificationRequest.objects.filter(verification=None)
    return waiting.select_related("asked_by").first()


def answer(
    *, at: datetime.datetime, clock: Callable[[], datetime.datetime]
) -> Verification | None:
    """Verify the whole trail if somebody asked for it and nobody is at it yet."""
    waiting = VerificationRequest.objects.filter(verification=None)
    idle = Q(begun_at=None) | Q(begun_at__lt=at - ABANDONED)
    if not waiting.filter(idle).update(begun_at=at):
        return None
    done = verify_all(at=at, clock=clock)
    waiting.filter(begun_at=at).update(verification=done)
    return done


def fault(at: datetime.datetime) -> str:
    """Say what is wrong with the trail, for those who watch: nothing if it is well."""
    verification = latest()
    if verification is None:
        return "never verified"
    if at - verification.started_at > OVERDUE:
        return f"latest verified {at - verification.started_at} ago"
    return f"{verification.found} faults" if verification.found else ""
