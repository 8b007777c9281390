"""Ask one more unit for its opinion while a consultation is open, or one fewer."""

from dataclasses import dataclass
from typing import Any

from workflow import consultations, engine, journeys, progress
from workflow.deadlines import local_day
from workflow.engine import Amendment, MoveRefused, Noted, Receipt
from workflow.journeys import Consultation
from workflow.models import Case, Party, Unit
from workflow.opinions import Opinions
from workflow.process import Process
from workflow.refusals import Ground, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """The unit that is asked, or not any more, and why."""

    opinions: Opinions
    unit: Unit
    reason: str


def invite(
    process: Process, case_id: int, amendment: Amendment, said: Invitation
) -> Receipt:
    """
    Ask one more unit for its opinion.

    :raises MoveRefused: if the person may not, or it is asked already
    :raises StaleCase: if the case has changed since the person saw it
    """

    def change(subject: Any) -> Noted:
        case, step = subject.case, _open_step(subject.case, said)
        units = [one.unit for one in consultations.asked(case, said.opinions)]
        if said.unit in units:
            raise _refused(f"L’avis de {said.unit} est déjà demandé.")
        Party.objects.get_or_create(case=case, role=step.asks, unit=said.unit)
        progress.ask_opinions(
            step, [said.unit], subject, amendment.at, local_day(amendment.at)
        )
        return _noted(said, "invited")

    return engine.amend(process, case_id, amendment, change)


def dismiss(
    process: Process, case_id: int, amendment: Amendment, said: Invitation
) -> Receipt:
    """
    Wait no more for the opinion of a unit, which is no longer a party.

    :raises MoveRefused: if the person may not, or the unit has answered
    :raises StaleCase: if the case has changed since the person saw it
    """

    def change(subject: Any) -> Noted:
        case, step = subject.case, _open_step(subject.case, said)
        asked = consultations.asked(case, said.opinions)
        mine = [one for one in asked if one.unit == said.unit]
        if not mine:
            raise _refused(f"L’avis de {said.unit} n’est pas demandé.")
        if mine[0].is_answered:
            raise _refused(f"{said.unit} a rendu son avis : il est joint au dossier.")
        progress.ask_no_more(mine[0].task, amendment.at)
        consultations.withdraw(mine[0], said.opinions, amendment.at)
        Party.objects.filter(case=case, role=step.asks, unit=said.unit).delete()
        return _noted(said, "dismissed")

    return engine.amend(process, case_id, amendment, change)


def _open_step(case: Case, said: Invitation) -> Consultation:
    """Return the step at which a case waits for these opinions."""
    if not said.reason.strip():
        raise MoveRefused(
            [Refusal(Ground.INPUT, "Motif : à renseigner.", field="reason")]
        )
    for step in journeys.consulting(case, said.opinions):
        if case.state in step.waits_in:
            return step
    raise _refused("Aucune consultation n’est ouverte.")


def _refused(message: str) -> MoveRefused:
    return MoveRefused([Refusal(Ground.REQUIREMENT, message)])


def _noted(said: Invitation, what: str) -> Noted:
    return Noted(
        facts={"consultation": said.opinions.name, what: said.unit.code},
        texts={"reason": said.reason.strip(), "consulted": said.unit.name},
    )
