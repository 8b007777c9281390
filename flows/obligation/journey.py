"""Who is asked to meet a condition, who to check it, and who is told in between."""

from flows.obligation import lifecycle
from flows.obligation.lifecycle import State
from flows.roles import Role
from workflow.deadlines import Days, Months, Until, WorkingDays
from workflow.journeys import CaseFlow, End, Start, Step, journey_of
from workflow.ladders import Rung, Whom

REMINDERS = (
    Rung(Days(-30), Whom.ASKED),  # (default)
    Rung(Days(-7), Whom.ASKED),  # (default)
    Rung(Days(1), Whom.HEAD),  # (default)
    Rung(Days(15), Role.LEAD_SERVICE),  # (default)
    Rung(Days(45), Role.SUB_PREFECT),  # (default)
)


@journey_of
class ObligationFlow(CaseFlow):
    """Suivi d’une condition acceptée."""

    process = lifecycle.PROCESS

    start = Start()
    keep = Step(
        State.OPEN,
        asks=Role.OWNER,
        title="Tenir la condition",
        offers=[lifecycle.REPORT],
        due=Until("due_on", "échéance de la condition"),
        ladder=REMINDERS,
    )
    verify = Step(
        State.REPORTED,
        asks=Role.LEAD_SERVICE,
        title="Vérifier que la condition est tenue",
        offers=[lifecycle.CONFIRM, lifecycle.SEND_BACK],
        due=Months(1),  # (default)
        ladder=(
            Rung(WorkingDays(-5), Whom.ASKED),  # (default)
            Rung(WorkingDays(0), Whom.HEAD),  # (default)
            Rung(WorkingDays(5), Role.SUB_PREFECT),  # (default)
        ),
    )
    end = End()
