"""
Set money aside for operations, then hand it over to their grants.

To be called within the transaction of whoever decides. A cent that is reserved belongs
to a reservation or to a programmed grant, never to both: one function passes it on.
"""

from collections.abc import Mapping

from django.db import IntegrityError, transaction

from erbm.programme import envelopes
from erbm.programme.models import Envelope, Reservation
from workflow.answers import MoveRefused
from workflow.refusals import Ground, Refusal

TAKEN_MEANWHILE = (
    "Des crédits viennent d’être réservés à l’une de ces opérations : relisez-les."
)
NOTHING_HELD = "Rien n’est réservé pour cette opération."


def held_for(case_id: int, scheme: str) -> Reservation | None:
    """Return what is set aside for an operation under a scheme, if anything is."""
    known = Reservation.objects.live().select_related("envelope__jurisdiction")
    return known.filter(case=case_id, scheme=scheme).first()


def all_held_for(case_id: int) -> list[Reservation]:
    """Return what is set aside for an operation, under any scheme."""
    known = Reservation.objects.live().select_related("envelope__jurisdiction")
    return list(known.filter(case=case_id).order_by("pk"))


def hold(envelope: Envelope, amounts: Mapping[int, int]) -> dict[int, Reservation]:
    """
    Set money aside for operations, by case: all of it, or none.

    :raises EnvelopeExhausted: if less is free
    :raises MoveRefused: if one of them has just been given some under the scheme
    """
    envelopes.reserve(envelope.pk, sum(amounts.values()))
    new = [
        Reservation(envelope=envelope, case_id=pk, scheme=envelope.scheme, cents=cents)
        for pk, cents in amounts.items()
    ]
    try:
        with transaction.atomic():
            Reservation.objects.bulk_create(new)
    except IntegrityError:
        refusal = Refusal(Ground.REQUIREMENT, TAKEN_MEANWHILE)
        raise MoveRefused([refusal]) from None
    return {one.case_id: one for one in new}


def hand_over(
    case_id: int, scheme: str, cents: int, *, keeps_rest: bool
) -> Envelope | None:
    """
    Have a grant reserve `cents` instead of what was set aside for its operation.

    Return the envelope that holds it from now on; None if nothing was set aside. What
    the grant does not take is set free, or kept for another grant of the operation.

    :raises EnvelopeExhausted: if it takes more, and less is free
    """
    held = _locked(case_id, scheme)
    if held is None:
        return None
    left = max(0, held.cents - cents) if keeps_rest else 0
    passed_on = held.cents - left
    if cents > passed_on:
        envelopes.reserve(held.envelope_id, cents - passed_on)
    elif passed_on > cents:
        envelopes.release(held.envelope_id, passed_on - cents)
    _leave(held, left)
    return held.envelope


def let_go(case_id: int, scheme: str) -> int:
    """Set free what is set aside for an operation; return how much it was."""
    held = _locked(case_id, scheme)
    if held is None:
        return 0
    cents: int = held.cents
    envelopes.release(held.envelope_id, cents)
    _leave(held, 0)
    return cents


def lift(reservation: Reservation | None) -> None:
    """
    Set free what one reservation holds.

    :raises MoveRefused: if it holds nothing any more
    """
    known = Reservation.objects.live().select_for_update(of=("self",))
    held = known.filter(pk=reservation.pk).first() if reservation else None
    if held is None:
        raise MoveRefused([Refusal(Ground.REQUIREMENT, NOTHING_HELD)])
    envelopes.release(held.envelope_id, held.cents)
    _leave(held, 0)


def _locked(case_id: int, scheme: str) -> Reservation | None:
    known = Reservation.objects.live().select_related("envelope__jurisdiction")
    mine = known.filter(case=case_id, scheme=scheme)
    return mine.select_for_update(of=("self",)).first()


def _leave(held: Reservation, cents: int) -> None:
    held.cents = cents
    held.save(update_fields=["cents"])
