"""Who is asked to do what during a subsidised project, and by when."""

from flows import operation, steps
from flows.operation import State
from flows.roles import Role
from flows.subsidy import lifecycle
from workflow.deadlines import Months, Since
from workflow.journeys import CaseFlow, End, Recurring, Start, Step, journey_of

COPIL_OFFERS = [lifecycle.VALIDATE, operation.RETURN_TO_REVIEW, operation.REJECT]


@journey_of
class SubsidyFlow(CaseFlow):
    """Projet subventionné."""

    process = lifecycle.PROCESS

    start = Start()
    prepare = Step(
        State.DRAFT,
        asks=Role.OWNER,
        title="Compléter et déposer le dossier",
        offers=[lifecycle.SUBMIT],
    )
    check = Step(
        State.PROPOSED,
        asks=Role.LEAD_SERVICE,
        title="Vérifier que le dossier est complet",
        offers=[operation.DECLARE_COMPLETE, operation.ASK_FOR_DOCUMENTS],
        due=Months(3),  # CGCT, art. R. 2334-23
        since=Since.EFFECT,
        ladder=steps.LADDER,
        # Only the request for documents stops it: CRPA, art. L. 114-5.
        clock=(),
    )
    supply = steps.SUPPLY
    opine = steps.OPINE
    review = steps.REVIEW
    committee = steps.COMMITTEE
    arbitrate = steps.ARBITRATE
    copil_state = Step(
        State.AWAITING_COPIL,
        asks=Role.COPIL_STATE,
        title="Se prononcer au COPIL pour l’État",
        offers=COPIL_OFFERS,
    )
    copil_region = Step(
        State.AWAITING_COPIL,
        asks=Role.COPIL_REGION,
        title="Se prononcer au COPIL pour la Région",
        offers=COPIL_OFFERS,
    )
    fund = steps.FUND
    begin = Step(
        State.FUNDED,
        asks=Role.OWNER,
        title="Déclarer le commencement",
        offers=[lifecycle.START],
        due=steps.DEADLINE,
        ladder=steps.LAPSE,
    )
    report = Recurring(
        State.IN_PROGRESS,
        asks=Role.OWNER,
        title="Rendre compte du trimestre",
        offers=[lifecycle.RECORD_PROGRESS],
        due=steps.REPORT_DAY,
        ladder=steps.REPORT_LADDER,
    )
    deliver = Step(
        State.IN_PROGRESS,
        asks=Role.OWNER,
        title="Livrer, quand tout est fait",
        offers=[lifecycle.DELIVER],
        due=steps.DEADLINE,
        ladder=steps.LAPSE,
    )
    visa = Step(
        State.IN_PROGRESS,
        asks=Role.LEAD_SERVICE,
        title="Viser l’achèvement",
        offers=[lifecycle.DELIVER, operation.REFUSE_VISA],
        countersigns=lifecycle.DELIVER,
        due=Months(1),  # (default)
        ladder=steps.LADDER,
    )
    abandonment = steps.ABANDONMENT
    settlement = steps.SETTLEMENT
    settle = steps.SETTLE
    resume = steps.RESUME
    end = End()
