"""Who is asked to do what for a payment, and by when."""

from flows import steps
from flows.payment import lifecycle
from flows.payment.lifecycle import State
from flows.roles import Role
from workflow.deadlines import Days, Months
from workflow.journeys import CaseFlow, End, Start, Step, journey_of


@journey_of
class PaymentFlow(CaseFlow):
    """Paiement d’une subvention."""

    process = lifecycle.PROCESS

    start = Start()
    prepare = Step(
        State.DRAFT,
        asks=Role.OWNER,
        title="Compléter et présenter la demande de paiement",
        offers=[lifecycle.REQUEST, lifecycle.DROP],
    )
    certify = Step(
        State.REQUESTED,
        asks=Role.LEAD_SERVICE,
        title="Certifier la demande de paiement",
        offers=[lifecycle.CERTIFY, lifecycle.RETURN_TO_OWNER, lifecycle.REFUSE],
        due=Months(1),  # (default)
        ladder=steps.LADDER[:2],
    )
    pay = Step(
        State.CERTIFIED,
        asks=Role.ACCOUNTANT,
        title="Payer",
        offers=[lifecycle.PAY, lifecycle.REFUSE],
        due=Days(30),  # (default)
        ladder=steps.LADDER[:2],
    )
    end = End()
