"""Compare what Chorus says with what we say, and let somebody say which is right."""

import datetime
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Sum

from erbm.grants import restitutions
from erbm.grants.models import (
    Answer,
    Difference,
    DifferenceKind,
    Grant,
    Payment,
    Restitution,
)
from erbm.grants.restitutions import Row
from erbm.programme.models import Regime
from flows.grant import edits
from flows.grant import lifecycle as granting
from flows.grant.states import HELD, State
from flows.payment.lifecycle import State as PaymentState
from flows.roles import Role
from workflow import engine, refused
from workflow.answers import MoveRefused
from workflow.deadlines import local_day
from workflow.models import EntryKind, Membership
from workflow.refusals import Ground, Refusal
from workflow.standing import memberships_of
from workflow.trail import register

RECONCILERS = frozenset({Role.FUNDER, Role.ACCOUNTANT})
ENGAGED = (HELD | {State.HEARING, State.STOPPED, State.LIQUIDATED, State.CLAWBACK}) - {
    State.NOTIFIED,
    State.CLOSED,
}
"""The states of a grant whose commitment Chorus should know."""
STATE = (Regime.CGCT, Regime.DECREE, Regime.CCH)


class AlreadyReceived(Exception):
    """The very same file was received before; the message is for the person."""


def may_reconcile(memberships: Sequence[Membership]) -> bool:
    return any(held.role in RECONCILERS for held in memberships)


def receive(
    *, filename: str, content: bytes, by: Any, at: datetime.datetime
) -> Restitution:
    """
    Keep what a file of Chorus says otherwise than we do; nothing changes by it.

    :raises MoveRefused: if it is not for this person to bring one
    :raises Unreadable: if it is no restitution
    :raises AlreadyReceived: if the same file was received before
    """
    with refused.kept("receive_restitution", by=by, at=at):
        if not may_reconcile(memberships_of(by, local_day(at))):
            message = (
                "Une restitution Chorus est versée par un financeur ou un comptable."
            )
            raise MoveRefused([Refusal(Ground.ROLE, message)])
        rows = restitutions.read(content)
        digest = hashlib.sha256(content).hexdigest()
        received = _kept(filename, digest, len(rows), by, at)
        Difference.objects.bulk_create(
            Difference(restitution=received, **found) for found in _differences(rows)
        )
        register.enter(
            EntryKind.RESTITUTION_RECEIVED,
            by=by,
            at=at,
            facts={
                "sha256": digest,
                "rows": str(len(rows)),
                "differences": str(received.differences.count()),
            },
            texts={"filename": filename},
        )
        return received


def _kept(
    filename: str, digest: str, rows: int, by: Any, at: datetime.datetime
) -> Restitution:
    try:
        with transaction.atomic():
            return Restitution.objects.create(
                filename=filename[-200:], sha256=digest, rows=rows, by=by, at=at
            )
    except IntegrityError:
        known = Restitution.objects.get(sha256=digest)
        raise AlreadyReceived(
            f"Ce fichier a déjà été versé le {known.at:%d/%m/%Y}."
        ) from None


def _differences(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Find what differs, number by number: ours first, then those we do not know."""
    theirs = {row.ej_number: row for row in rows}
    grants = Grant.objects.filter(rule__regime__in=STATE, case__state__in=ENGAGED)
    ours = {grant.ej_number: grant for grant in grants.exclude(ej_number="")}
    paid = _paid(ours.values())
    for number, grant in sorted(ours.items()):
        row = theirs.get(number)
        said = {"ej_number": number, "grant": grant}
        if row is None:
            yield said | {
                "kind": DifferenceKind.MISSING,
                "ours_cents": grant.award_cents,
                "theirs_cents": None,
            }
            continue
        amounts = (
            (DifferenceKind.AMOUNT, grant.award_cents, row.committed_cents),
            (DifferenceKind.PAID, paid.get(grant.pk, 0), row.paid_cents),
        )
        for kind, here, there in amounts:
            if here != there:
                yield said | {"kind": kind, "ours_cents": here, "theirs_cents": there}
    known = set(Grant.objects.exclude(ej_number="").values_list("ej_number", flat=True))
    for number in sorted(theirs.keys() - known):
        yield {
            "ej_number": number,
            "grant": None,
            "kind": DifferenceKind.UNKNOWN,
            "ours_cents": None,
            "theirs_cents": theirs[number].committed_cents,
        }


def _paid(grants: Any) -> dict[int, int]:
    payments = Payment.objects.filter(
        grant__in=list(grants), case__state=PaymentState.PAID
    )
    sums = payments.values_list("grant").annotate(paid=Sum("case__amount_cents"))
    return dict(sums.order_by("grant"))


def answer(
    *,
    difference_id: int,
    said: Answer,
    reason: str,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> None:
    """
    Say of a difference that Chorus is right, or that it is not; change nothing else.

    It is written in the trail of the grant, or in the register when there is none.

    :raises MoveRefused: if it is not for this person to say, or is said already
    """
    difference = Difference.objects.select_related("grant").get(pk=difference_id)
    if difference.grant_id is None:
        with refused.kept(edits.ANSWER_DIFFERENCE.name, by=by, at=at):
            if not may_reconcile(memberships_of(by, local_day(at))):
                message = "Un écart est traité par un financeur ou un comptable."
                raise MoveRefused([Refusal(Ground.ROLE, message)])
            told = _answered(difference_id, said, reason, by, at)
            register.enter(
                EntryKind.DIFFERENCE_ANSWERED,
                by=by,
                at=at,
                facts=told,
                texts={"reason": reason},
            )
        return

    def change(grant: Grant) -> engine.Noted:
        told = _answered(difference_id, said, reason, by, at)
        return engine.Noted(facts={"difference": told}, texts={"reason": reason})

    amendment = engine.Amendment(edits.ANSWER_DIFFERENCE, by, at, None, key)
    with refused.kept(amendment.edit.name, by=by, at=at, pk=difference.grant_id):
        engine.amend(granting.PROCESS, difference.grant_id, amendment, change)


def _answered(
    difference_id: int, said: Answer, reason: str, by: Any, at: datetime.datetime
) -> dict[str, Any]:
    open_one = Difference.objects.open().filter(pk=difference_id)
    if not open_one.update(answer=said, reason=reason, answered_by=by, answered_at=at):
        message = "Cet écart est déjà traité."
        raise MoveRefused([Refusal(Ground.REQUIREMENT, message)])
    difference = Difference.objects.get(pk=difference_id)
    return {
        "id": str(difference.pk),
        "kind": difference.kind,
        "ej_number": difference.ej_number,
        "ours": _plain(difference.ours_cents),
        "theirs": _plain(difference.theirs_cents),
        "answer": str(said),
    }


def _plain(cents: int | None) -> str | None:
    return None if cents is None else str(cents)
