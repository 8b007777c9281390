"""The steps that both procedures of an operation ask in the same words."""

from flows import operation
from flows.operation import State
from flows.roles import Role
from workflow.deadlines import Days, Months, Until
from workflow.journeys import Consultation, Step

DEADLINE = Until("deadline_on", "délai en cours")
"""The delay to start, then to deliver, with its extension."""

SUPPLY = Step(
    State.INCOMPLETE,
    asks=Role.OWNER,
    title="Fournir les pièces demandées",
    offers=[operation.SUPPLY_DOCUMENTS],
    due=Until("documents_due_on", "date fixée par le service"),
)
OPINE = Consultation(
    State.UNDER_REVIEW,
    asks=Role.CONSULTED,
    title="Rendre un avis",
    offers=[operation.GIVE_OPINION],
    due=Months(1),  # (default)
)
REVIEW = Step(
    State.UNDER_REVIEW,
    asks=Role.LEAD_SERVICE,
    title="Instruire et inscrire à l’ordre du jour",
    offers=[operation.ENTER_AGENDA],
    due=Months(1),  # (default)
)
COMMITTEE = Step(
    State.ON_AGENDA,
    asks=Role.COMMITTEE_SECRETARY,
    title="Consigner la décision du comité",
    offers=[
        operation.ENDORSE,
        operation.ADJOURN,
        operation.REFER_TO_ARBITRATION,
        operation.DECLINE,
    ],
    due=Months(1),  # (default)
)
ARBITRATE = Step(
    State.ARBITRATION,
    asks=Role.SUB_PREFECT,
    title="Arbitrer",
    offers=[
        operation.ARBITRATE_FOR,
        operation.ARBITRATE_BACK,
        operation.ARBITRATE_AGAINST,
    ],
    due=Days(15),  # (default)
)
FUND = Step(
    State.FUNDING,
    asks=Role.FUNDER,
    title="Boucler le financement",
    offers=[operation.CONFIRM_FUNDING],
)
ABANDONMENT = Step(
    State.FUNDING,
    State.FUNDED,
    State.IN_PROGRESS,
    asks=Role.SUB_PREFECT,
    title="Se prononcer sur l’abandon",
    offers=[operation.ABANDON, operation.REFUSE_ABANDONMENT],
    countersigns=operation.ABANDON,
    due=Months(1),  # (default)
)
SETTLEMENT = Consultation(
    State.DELIVERED,
    asks=Role.FUNDER,
    title="Solder les aides",
    offers=[operation.ATTEST_SETTLEMENT],
    due=Months(2),  # (default)
)
SETTLE = Step(
    State.DELIVERED,
    asks=Role.LEAD_SERVICE,
    title="Clôturer l’opération",
    offers=[operation.CLOSE],
    due=Months(6),
)
RESUME = Step(
    State.SUSPENDED,
    asks=Role.LEAD_SERVICE,
    title="Reprendre l’opération suspendue",
    offers=[operation.RESUME],
)
