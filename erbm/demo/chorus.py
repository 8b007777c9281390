"""What Chorus gives back of the grants of the demonstration, with its differences."""

import datetime
import uuid
from collections.abc import Iterator

from erbm.demo.people import Cast
from erbm.grants import reconciliation
from erbm.grants.models import Answer, Difference, Grant, Restitution
from erbm.grants.reconciliation import ENGAGED, STATE
from flows.roles import Role


def reconcile(cast: Cast, *, at: datetime.datetime) -> None:
    """Receive a restitution that differs in every way, and answer one difference."""
    if Restitution.objects.exists():
        return
    rows = list(_restitution())
    if not rows:
        return
    by = cast.holder_of("drfip", Role.ACCOUNTANT)
    content = "\n".join(["N° EJ;Montant engagé;Montant payé", *rows]).encode()
    received = reconciliation.receive(
        filename="restitution-chorus-demonstration.csv", content=content, by=by, at=at
    )
    first = Difference.objects.filter(restitution=received, grant=None).first()
    if first is not None:
        reconciliation.answer(
            difference_id=first.pk,
            said=Answer.DISMISSED,
            reason="EJ d’un autre programme, sans rapport avec l’engagement.",
            key=uuid.uuid4(),
            by=by,
            at=at,
        )


def _restitution() -> Iterator[str]:
    """Write what Chorus says: the third is missing, two differ, one is unknown."""
    engaged = Grant.objects.filter(rule__regime__in=STATE, case__state__in=ENGAGED)
    for rank, grant in enumerate(engaged.order_by("pk")):
        committed, paid = grant.award_cents, grant.paid_cents
        if rank == 2:
            continue
        if rank == 1:
            committed -= 1_500_00
        if rank == 3:
            paid += 2_000_00
        yield f"{grant.ej_number};{_euros(committed)};{_euros(paid)}"
    if engaged:
        yield "2199999999;45000,00;0,00"


def _euros(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d}"
