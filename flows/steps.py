"""The steps that both procedures of an operation ask in the same words."""

from flows import operation
from flows.operation import State
from flows.roles import Role
from workflow.deadlines import Days, Months, Since, Until, WorkingDays
from workflow.journeys import Consultation, Step
from workflow.ladders import Ladder, Rung, Whom


def _ladder(arbiter: Role) -> Ladder:
    """Remind the unit five days before, then tell its head, then who arbitrates."""
    return (
        Rung(WorkingDays(-5), Whom.ASKED),  # (default)
        Rung(WorkingDays(0), Whom.HEAD),  # (default)
        Rung(WorkingDays(5), arbiter),  # (default)
    )


LADDER = _ladder(Role.SUB_PREFECT)
LADDER_OF_ARBITERS = _ladder(Role.PROJECT_DIRECTOR)
"""Of what is asked of the sub-prefect, or of those on whom she has no authority."""

LAPSE = (
    *(Rung(Days(-days), Whom.ASKED) for days in (180, 60, 15)),  # (default)
    Rung(Days(1), Role.PREFECT),
)
"""The owner is warned before the aid may lapse; the prefect alone records it."""

DEADLINE = Until("deadline_on", "délai en cours")
"""The delay to start, then to deliver, with its extension."""

REPORT_DAY = Until("report_due_on", "prochain compte rendu")
REPORT_LADDER = (
    Rung(Days(-15), Whom.ASKED),  # (default)
    Rung(Days(1), Whom.HEAD),  # (default)
    Rung(Days(15), Role.LEAD_SERVICE),  # (default)
)

SUPPLY = Step(
    State.INCOMPLETE,
    asks=Role.OWNER,
    title="Fournir les pièces demandées",
    offers=[operation.SUPPLY_DOCUMENTS],
    due=Until("documents_due_on", "date fixée par le service"),
    ladder=(Rung(Days(-7), Whom.ASKED), Rung(Days(0), Whom.ASKED)),  # (default)
)
OPINE = Consultation(
    State.UNDER_REVIEW,
    asks=Role.CONSULTED,
    title="Rendre un avis",
    offers=[operation.GIVE_OPINION],
    due=Months(1),  # (default)
    ladder=LADDER[:2],
    # Who is consulted does not grant herself more time.
    clock={Role.LEAD_SERVICE},
    terms="consultation_terms",
)
REVIEW = Step(
    State.UNDER_REVIEW,
    asks=Role.LEAD_SERVICE,
    title="Instruire et inscrire à l’ordre du jour",
    offers=[operation.ENTER_AGENDA],
    due=Months(1),  # (default)
    ladder=LADDER,
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
    ladder=LADDER,
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
    ladder=LADDER_OF_ARBITERS,
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
    ladder=LADDER_OF_ARBITERS,
)
SETTLEMENT = Consultation(
    State.DELIVERED,
    asks=Role.FUNDER,
    title="Solder les aides",
    offers=[operation.ATTEST_SETTLEMENT],
    due=Months(2),  # (default)
    ladder=LADDER_OF_ARBITERS,
)
SETTLE = Step(
    State.DELIVERED,
    asks=Role.LEAD_SERVICE,
    title="Clôturer l’opération",
    offers=[operation.CLOSE],
    due=Months(6),  # CCH, art. D. 323-9 for a landlord; (default) for others
    since=Since.EFFECT,
    ladder=LADDER,
    clock=(),
)
RESUME = Step(
    State.SUSPENDED,
    asks=Role.LEAD_SERVICE,
    title="Reprendre l’opération suspendue",
    offers=[operation.RESUME],
)
