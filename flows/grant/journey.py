"""Who is asked to do what for a grant, and by when."""

from flows import steps
from flows.grant import endings, hearing, lifecycle
from flows.grant.states import State
from flows.roles import Role
from workflow.deadlines import Days, Months, Until
from workflow.journeys import CaseFlow, End, Start, Step, journey_of
from workflow.ladders import Rung, Whom

LAPSE = (
    *(Rung(Days(-days), Whom.ASKED) for days in (180, 60, 15)),  # (default)
    Rung(Days(1), Role.AUTHORITY),
)
"""The owner is warned before its grant may lapse; the authority alone records it."""

DECISION = (
    Rung(Days(-30), Whom.ASKED),  # (default)
    Rung(Days(-7), Whom.HEAD),  # (default)
    Rung(Days(1), Role.AUTHORITY),
)
"""The silence of the service means something: it is told before, and when it does."""

BALANCE = (
    Rung(Days(-60), Role.OWNER),  # (default)
    Rung(Days(-15), Role.OWNER),  # (default)
    Rung(Days(1), Role.FUNDER),
)

DEADLINE = Until("deadline_on", "délai du dispositif")


@journey_of
class GrantFlow(CaseFlow):
    """Subvention."""

    process = lifecycle.PROCESS

    start = Start()
    check = Step(
        State.REQUESTED,
        asks=Role.LEAD_SERVICE,
        title="Vérifier que la demande est complète",
        offers=[lifecycle.DECLARE_COMPLETE, lifecycle.ASK_FOR_DOCUMENTS],
        due=Until("completeness_due_on", "délai de complétude du dispositif"),
        ladder=DECISION,
        clock=(),
    )
    supply = Step(
        State.INCOMPLETE,
        asks=Role.OWNER,
        title="Fournir les pièces de la subvention",
        offers=[lifecycle.SUPPLY_DOCUMENTS],
        due=Until("documents_due_on", "date fixée par le service"),
        ladder=(Rung(Days(-7), Whom.ASKED), Rung(Days(0), Whom.ASKED)),  # (default)
        clock=(),
    )
    program = Step(
        State.COMPLETE,
        asks=Role.FUNDER,
        title="Programmer la subvention",
        offers=[lifecycle.PROGRAM, lifecycle.DISMISS],
        due=Until("decision_due_on", "délai de décision du dispositif"),
        ladder=DECISION,
        clock=(),
    )
    award = Step(
        State.PROGRAMMED,
        asks=Role.AUTHORITY,
        title="Se prononcer sur la subvention",
        offers=[lifecycle.AWARD, lifecycle.REFUSE],
        due=Until("decision_due_on", "délai de décision du dispositif"),
        ladder=DECISION,
        clock=(),
    )
    notify = Step(
        State.AWARDED,
        asks=Role.FUNDER,
        title="Notifier la subvention",
        offers=[lifecycle.NOTIFY],
        due=Days(15),  # (default)
        ladder=steps.LADDER[:2],
    )
    commit = Step(
        State.NOTIFIED,
        asks=Role.FUNDER,
        title="Enregistrer l’engagement juridique",
        offers=[lifecycle.RECORD_COMMITMENT],
        due=Months(1),  # (default)
        ladder=steps.LADDER[:2],
    )
    begin = Step(
        State.COMMITTED,
        asks=Role.OWNER,
        title="Déclarer le commencement",
        offers=[lifecycle.DECLARE_START],
        due=DEADLINE,
        ladder=LAPSE,
        clock=(),
    )
    visa = Step(
        State.COMMITTED,
        asks=Role.LEAD_SERVICE,
        title="Viser le commencement",
        offers=[lifecycle.DECLARE_START, lifecycle.REFUSE_START],
        countersigns=lifecycle.DECLARE_START,
        due=Months(1),  # (default)
        ladder=steps.LADDER[:2],
    )
    extension = Step(
        State.NOTIFIED,
        State.COMMITTED,
        State.IN_PROGRESS,
        asks=Role.AUTHORITY,
        title="Se prononcer sur la prorogation",
        offers=[lifecycle.EXTEND, lifecycle.REFUSE_EXTENSION],
        countersigns=lifecycle.EXTEND,
        due=Months(1),  # (default)
        ladder=steps.LADDER[:2],
    )
    carry_out = Step(
        State.IN_PROGRESS,
        asks=Role.OWNER,
        title="Réaliser, puis déclarer l’achèvement",
        offers=[lifecycle.DECLARE_COMPLETION],
        due=DEADLINE,
        ladder=LAPSE,
        clock=(),
    )
    certify = Step(
        State.COMPLETED,
        asks=Role.LEAD_SERVICE,
        title="Attester le service fait",
        offers=[lifecycle.CERTIFY_SERVICE],
        due=Months(2),  # (default)
        ladder=steps.LADDER[:2],
    )
    settle = Step(
        State.SERVICE_CERTIFIED,
        asks=Role.ACCOUNTANT,
        title="Payer le solde et solder la subvention",
        offers=[lifecycle.SETTLE],
        due=Until("balance_due_on", "délai pour demander le solde"),
        ladder=BALANCE,
        clock=(),
    )
    close = Step(
        State.SETTLED,
        State.LIQUIDATED,
        asks=Role.FUNDER,
        title="Clôturer la subvention",
        offers=[lifecycle.CLOSE],
        due=Months(2),  # (default)
        ladder=steps.LADDER[:2],
    )
    observe = Step(
        State.HEARING,
        asks=Role.OWNER,
        title="Présenter des observations, avant la décision",
        offers=[hearing.PRESENT_OBSERVATIONS],
        due=Until("hearing_until", "délai laissé pour répondre"),
        ladder=(Rung(Days(-7), Whom.ASKED), Rung(Days(0), Whom.ASKED)),  # (default)
        clock=(),
    )
    decide = Step(
        State.HEARING,
        asks=Role.AUTHORITY,
        title="Se prononcer, le bénéficiaire entendu",
        offers=[
            hearing.RECORD_LAPSE,
            hearing.RECORD_FORECLOSURE,
            hearing.REQUEST_REPAYMENT,
            hearing.DROP_PROPOSAL,
        ],
    )
    settle_stopped = Step(
        State.STOPPED,
        asks=Role.AUTHORITY,
        title="Régler la subvention d’une opération arrêtée",
        offers=[endings.LIQUIDATE],
        due=Months(2),  # (default)
        ladder=steps.LADDER[:2],
    )
    repay = Step(
        State.CLAWBACK,
        asks=Role.ACCOUNTANT,
        title="Recouvrer le reversement",
        offers=[hearing.RECORD_REPAYMENT],
    )
    end = End()
