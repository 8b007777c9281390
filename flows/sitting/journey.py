"""Who is asked to do what around a sitting, and by when."""

from flows.roles import Role
from flows.sitting import lifecycle
from flows.sitting.lifecycle import State
from workflow.deadlines import Days, Until
from workflow.journeys import CaseFlow, End, Start, Step, journey_of


class Chair(Step):
    """Ask whoever chairs, of the roles that may: no body has them all."""

    must_be_asked = False


@journey_of
class SittingFlow(CaseFlow):
    """Séance d’une instance."""

    process = lifecycle.PROCESS

    start = Start()
    prepare = Step(
        State.PLANNED,
        asks=Role.COMMITTEE_SECRETARY,
        title="Établir l’ordre du jour et convoquer",
        offers=[lifecycle.CONVENE],
        due=Until("convene_by", "dernier jour pour convoquer"),
    )
    begin = Step(
        State.CONVENED,
        asks=Role.COMMITTEE_SECRETARY,
        title="Ouvrir la séance",
        offers=[lifecycle.OPEN],
        due=Until("held_on", "jour de la séance"),
    )
    sub_prefect = Chair(
        State.OPEN,
        asks=Role.SUB_PREFECT,
        title="Présider, puis clore la séance",
        offers=[lifecycle.CLOSE],
    )
    funder = Chair(
        State.OPEN,
        asks=Role.FUNDER,
        title="Présider, puis clore la séance",
        offers=[lifecycle.CLOSE],
    )
    copil_state = Chair(
        State.OPEN,
        asks=Role.COPIL_STATE,
        title="Clore le COPIL pour l’État",
        offers=[lifecycle.CLOSE_JOINTLY],
    )
    copil_region = Chair(
        State.OPEN,
        asks=Role.COPIL_REGION,
        title="Clore le COPIL pour la Région",
        offers=[lifecycle.CLOSE_JOINTLY],
    )
    publish = Step(
        State.CLOSED,
        asks=Role.COMMITTEE_SECRETARY,
        title="Publier le relevé de décisions",
        offers=[lifecycle.PUBLISH],
        due=Days(15),  # (default)
    )
    reschedule = Step(
        State.POSTPONED,
        asks=Role.COMMITTEE_SECRETARY,
        title="Fixer une nouvelle date",
        offers=[lifecycle.RESCHEDULE, lifecycle.CANCEL],
        due=Days(15),  # (default)
    )
    end = End()
