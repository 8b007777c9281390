"""What a body decides of one item: what it must say, how it votes, what is kept."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError

from erbm.committees import accepting
from erbm.committees.decisions import BINDING, REASONED, Decision, offered
from erbm.committees.models import AgendaItem, Sitting
from erbm.committees.openings import refuse
from erbm.committees.quorum import Quorum
from flows.hearings import Unreadable, demands_in
from workflow import engine
from workflow.refusals import Ground, Refusal


class StaleItem(Exception):
    """The item has changed since the person looked at it."""

    def __init__(self, item: AgendaItem) -> None:
        self.item = item
        super().__init__(f"Le {item} a changé depuis que vous l’avez affiché.")


@dataclass(frozen=True, slots=True)
class Said:
    """
    What the body decides of one item.

    - `seen`: the version of the item that the person saw;
    - `votes`: for, against, abstentions; none when the members are unanimous, or do
      not vote.
    """

    item_id: int
    seen: int
    decision: str
    reason: str = ""
    conditions: str = ""
    planned_on: datetime.date | None = None
    position_for: str = ""
    position_against: str = ""
    votes: tuple[int, int, int] | None = None


def lacks_quorum(item: AgendaItem, count: Quorum) -> list[Refusal]:
    """Refuse to decide when too few take part, or when nobody chairs."""
    if count.is_met:
        return []
    why = f"{count.counted} voix sur {count.needed} requises"
    if count.lacks_chair:
        why = "la présidence n’est ni présente ni représentée"
    message = f"Le quorum n’est pas réuni pour le {item} ({why})."
    return [Refusal(Ground.REQUIREMENT, message)]


def incomplete(sitting: Sitting, said: Said, on: datetime.date) -> list[Refusal]:
    """Say what a decision still asks for on a day."""
    if not offered(sitting.body.kind, said.decision):
        message = "Décision : cette instance ne décide pas cela."
        return [Refusal(Ground.INPUT, message, field="decision")]
    wanted: dict[str, tuple[str, object]] = {}
    if said.decision in REASONED:
        wanted["reason"] = ("Motif", said.reason.strip())
    if said.decision == Decision.ADJOURN:
        wanted["planned_on"] = ("Séance suivante", said.planned_on)
    if said.decision == Decision.REFER:
        wanted["position_for"] = ("Position favorable", said.position_for.strip())
        against = said.position_against.strip()
        wanted["position_against"] = ("Position défavorable", against)
    lacking = [
        Refusal(Ground.INPUT, f"{label} : à renseigner.", field=field)
        for field, (label, value) in wanted.items()
        if not value
    ]
    return [*lacking, *_cannot_be_followed(said, on)]


def _cannot_be_followed(said: Said, on: datetime.date) -> Iterator[Refusal]:
    """Say which conditions of what is accepted have no day, or one that has passed."""
    if said.decision not in BINDING:
        return
    try:
        yield from accepting.passed(demands_in(said.conditions), on)
    except Unreadable as unreadable:
        yield Refusal(Ground.INPUT, f"Conditions : {unreadable}", field="conditions")


def votes_of(
    sitting: Sitting, said: Said, voters: int
) -> tuple[int | None, int | None, int | None]:
    """
    Return the votes: those said, or those of members who all agree.

    :raises MoveRefused: if there are not as many as voters, or if they say otherwise
    """
    if not sitting.rules.votes:
        return None, None, None
    if said.votes is None:
        return voters, 0, 0
    if sum(said.votes) != voters:
        message = f"Votes : {voters} voix sont représentées, {sum(said.votes)} dites."
        raise refuse(Ground.INPUT, message, "votes_for")
    in_favour, against, _ = said.votes
    # The decision is what is put to the vote; the chair's vote settles a tie.
    if in_favour < against:
        message = "Votes : une majorité est contre cette décision."
        raise refuse(Ground.INPUT, message, "votes_for")
    return said.votes


def write(
    item: AgendaItem,
    said: Said,
    votes: tuple[int | None, int | None, int | None],
    by: Any,
    at: datetime.datetime,
) -> None:
    """
    Write a decision on its item.

    :raises MoveRefused: if the operation, postponed before, waits elsewhere by now
    """
    item.decision = said.decision
    item.reason = said.reason.strip() if said.decision in REASONED else ""
    item.conditions = said.conditions.strip()
    is_adjourned = said.decision == Decision.ADJOURN
    item.planned_on = said.planned_on if is_adjourned else None
    is_referred = said.decision == Decision.REFER
    item.position_for = said.position_for.strip() if is_referred else ""
    item.position_against = said.position_against.strip() if is_referred else ""
    item.votes_for, item.votes_against, item.abstentions = votes
    item.postponed_because, item.is_live = "", True
    item.seen = item.operation.case.version
    item.decided_by, item.decided_at = by, at
    item.version += 1
    try:
        item.save()
    except IntegrityError as error:
        message = "Cette opération, reportée, attend déjà une autre séance."
        raise refuse(Ground.STATE, message) from error


def noted_decision(item: AgendaItem) -> engine.Noted:
    """Say what the trail notes of a decision."""
    reference, decision, *_ = item.told()
    votes = (item.votes_for, item.votes_against, item.abstentions)
    facts = {
        "item": reference,
        "decision": decision,
        "seen": str(item.seen),
        "planned_on": item.planned_on,
        "votes": [str(vote) for vote in votes if vote is not None],
    }
    texts = {
        "reason": item.reason,
        "conditions": item.conditions,
        "position_for": item.position_for,
        "position_against": item.position_against,
    }
    return engine.Noted(
        facts=facts, texts={name: text for name, text in texts.items() if text}
    )
