"""
Move the money of an envelope, one conditional UPDATE each time.

To be called within the transaction of a move. However many run at once, the database
decides: the UPDATE that would overdraw an envelope matches no row, and says so.
"""

from collections.abc import Callable

from django.db import models
from django.db.models import ExpressionWrapper, F, Q

from erbm.programme.models import Envelope
from erbm.words import money
from workflow.answers import MoveRefused
from workflow.refusals import Ground, Refusal

# Without the wrapper Django takes the difference for an integer of 32 bits, and answers
# by itself that no envelope holds more than 21 million euros.
FREE = ExpressionWrapper(
    F("granted_cents")
    - (F("delegated_cents") + F("reserved_cents") + F("awarded_cents")),
    output_field=models.BigIntegerField(),
)

Kind = tuple[str, Callable[[Envelope], int]]
IS_FREE: Kind = ("libres", lambda envelope: envelope.free_cents)
IS_RESERVED: Kind = ("réservés", lambda envelope: envelope.reserved_cents)
IS_AWARDED: Kind = ("attribués", lambda envelope: envelope.awarded_cents)
TO_COMMIT: Kind = (
    "attribués et non engagés",
    lambda envelope: envelope.awarded_cents - envelope.committed_cents,
)
TO_PAY: Kind = (
    "engagés et non payés",
    lambda envelope: envelope.committed_cents - envelope.paid_cents,
)


class EnvelopeExhausted(MoveRefused):
    """An envelope does not hold what is asked of it; `sentence` says how much it does.

    It is a refusal as any other: the pages and the register know what to do with it.
    """

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__([Refusal(Ground.REQUIREMENT, sentence)])


def reserve(envelope_id: int, cents: int) -> None:
    """
    Set money aside for a line that is programmed.

    :raises EnvelopeExhausted: if less is free
    """
    if not _free(envelope_id, cents).update(reserved_cents=F("reserved_cents") + cents):
        raise _lacks(envelope_id, cents, IS_FREE)


def release(envelope_id: int, cents: int) -> None:
    """
    Set free what was set aside.

    :raises EnvelopeExhausted: if less is reserved
    """
    if not _holding(envelope_id, reserved_cents=cents).update(
        reserved_cents=F("reserved_cents") - cents
    ):
        raise _lacks(envelope_id, cents, IS_RESERVED)


def award(envelope_id: int, cents: int) -> None:
    """
    Award by an act what was set aside.

    :raises EnvelopeExhausted: if less is reserved
    """
    if not _holding(envelope_id, reserved_cents=cents).update(
        reserved_cents=F("reserved_cents") - cents,
        awarded_cents=F("awarded_cents") + cents,
    ):
        raise _lacks(envelope_id, cents, IS_RESERVED)


def commit(envelope_id: int, cents: int) -> None:
    """
    Commit what was awarded, under a number of engagement.

    :raises EnvelopeExhausted: if less is awarded and not committed yet
    """
    if (
        not _chosen(envelope_id, cents)
        .filter(awarded_cents__gte=F("committed_cents") + cents)
        .update(committed_cents=F("committed_cents") + cents)
    ):
        raise _lacks(envelope_id, cents, TO_COMMIT)


def pay(envelope_id: int, cents: int) -> None:
    """
    Pay what was committed.

    :raises EnvelopeExhausted: if less is committed and not paid yet
    """
    if (
        not _chosen(envelope_id, cents)
        .filter(committed_cents__gte=F("paid_cents") + cents)
        .update(paid_cents=F("paid_cents") + cents)
    ):
        raise _lacks(envelope_id, cents, TO_PAY)


def give_back(
    envelope_id: int, cents: int, *, committed_cents: int = 0, paid_cents: int = 0
) -> None:
    """
    Set free what was awarded in vain: a lapse, a cheaper project, a repayment.

    `committed_cents` and `paid_cents` say which part of it was committed, and paid.

    :raises EnvelopeExhausted: if less is awarded, or what is left would not cover what
        stays committed or paid
    """
    holding = _holding(
        envelope_id,
        awarded_cents=cents,
        committed_cents=committed_cents,
        paid_cents=paid_cents,
    )
    if not holding.filter(
        awarded_cents__gte=F("committed_cents") + cents - committed_cents,
        committed_cents__gte=F("paid_cents") + committed_cents - paid_cents,
    ).update(
        awarded_cents=F("awarded_cents") - cents,
        committed_cents=F("committed_cents") - committed_cents,
        paid_cents=F("paid_cents") - paid_cents,
    ):
        raise _lacks(envelope_id, cents, IS_AWARDED)


def delegate(envelope_id: int, child_id: int, cents: int) -> None:
    """
    Hand money over to an envelope below.

    :raises EnvelopeExhausted: if less is free
    """
    if not _free(envelope_id, cents).update(
        delegated_cents=F("delegated_cents") + cents
    ):
        raise _lacks(envelope_id, cents, IS_FREE)
    _of_parent(child_id, envelope_id).update(granted_cents=F("granted_cents") + cents)


def recall(envelope_id: int, child_id: int, cents: int) -> None:
    """
    Take back what an envelope below does not use.

    :raises EnvelopeExhausted: if less is free there
    """
    free = _free(child_id, cents).filter(parent=envelope_id)
    if not free.update(granted_cents=F("granted_cents") - cents):
        raise _lacks(child_id, cents, IS_FREE)
    _chosen(envelope_id, cents).update(delegated_cents=F("delegated_cents") - cents)


def grant(envelope_id: int, cents: int) -> None:
    """
    Add credits that come from above the programme, or cut them if below zero.

    :raises EnvelopeExhausted: if what is cut is not free
    """
    chosen = Envelope.objects.filter(pk=envelope_id, parent=None)
    if (
        not chosen.alias(free=FREE)
        .filter(free__gte=-cents)
        .update(granted_cents=F("granted_cents") + cents)
    ):
        raise _lacks(envelope_id, -cents, IS_FREE)


def _chosen(envelope_id: int, cents: int) -> "models.QuerySet[Envelope]":
    if cents < 0:
        raise ValueError(f"{cents} cents: an amount is not negative.")
    return Envelope.objects.filter(pk=envelope_id)


def _free(envelope_id: int, cents: int) -> "models.QuerySet[Envelope]":
    return _chosen(envelope_id, cents).alias(free=FREE).filter(free__gte=cents)


def _holding(envelope_id: int, **least: int) -> "models.QuerySet[Envelope]":
    wanted = Q(**{f"{column}__gte": cents for column, cents in least.items()})
    return _chosen(envelope_id, min(least.values())).filter(wanted)


def _of_parent(child_id: int, envelope_id: int) -> "models.QuerySet[Envelope]":
    child = Envelope.objects.filter(pk=child_id, parent=envelope_id)
    if not child.exists():
        raise ValueError("An envelope is delegated to those below it.")
    return child


def _lacks(envelope_id: int, cents: int, kind: Kind) -> EnvelopeExhausted:
    envelope = Envelope.objects.with_places().get(pk=envelope_id)
    word, there = kind
    return EnvelopeExhausted(
        f"L’enveloppe {envelope} n’a que {money(max(0, there(envelope)))} {word} : "
        f"il en faut {money(cents)}."
    )
