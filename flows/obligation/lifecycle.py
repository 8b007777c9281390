"""A condition that was accepted at a decision: who owes what, until it is met."""

import datetime
from collections.abc import Mapping
from typing import Any, Protocol

from django.db.models import TextChoices

from flows import operation
from flows.roles import AUDIENCES, Role
from flows.stages import Stage
from workflow.process import (
    STAY,
    Edit,
    Input,
    InputKind,
    Move,
    Process,
    any_of,
    input_rule,
)

CHECKERS = (Role.LEAD_SERVICE, Role.CONSULTED)
"""Who finds that it is met: the lead service, or the service that asked for it."""

JUDGES = (Role.SUB_PREFECT, Role.PROJECT_DIRECTOR)
"""Who may release from it: those who decide, or prepare what the COPIL decides."""


class State(TextChoices):
    OPEN = "open", "À tenir"
    REPORTED = "reported", "À vérifier"
    MET = "met", "Tenue"
    WAIVED = "waived", "Levée"


class Owed(Protocol):
    """What the procedure needs to know of a condition."""

    due_on: datetime.date


@input_rule("la nouvelle échéance vient après celle qui court")
def is_later(obligation: Owed, said: Mapping[str, Any]) -> dict[str, str]:
    if said["until"] > obligation.due_on:
        return {}
    return {"until": f"L’échéance est déjà le {obligation.due_on:%d/%m/%Y}."}


REPORT = Move(
    name="report",
    label="Déclarer la condition tenue",
    source=frozenset({State.OPEN}),
    target=State.REPORTED,
    by=any_of(Role.OWNER),
    inputs=(Input("account", "Ce qui a été fait", InputKind.TEXT),),
    consequence="Le service chef de file est appelé à le vérifier.",
)
CONFIRM = Move(
    name="confirm",
    label="Constater que la condition est tenue",
    source=frozenset({State.REPORTED}),
    target=State.MET,
    by=any_of(*CHECKERS),
    inputs=(Input("finding", "Observations", InputKind.TEXT, required=False),),
    apart_from=("report",),
    apart_from_unit=(Role.OWNER,),
    consequence="La condition est tenue ; elle n’est plus suivie.",
)
SEND_BACK = Move(
    name="send_back",
    label="Demander de compléter",
    source=frozenset({State.REPORTED}),
    target=State.OPEN,
    by=any_of(*CHECKERS),
    reason=True,
    apart_from_unit=(Role.OWNER,),
    consequence="La condition reste à tenir, à la même échéance.",
)
POSTPONE = Move(
    name="postpone",
    label="Reporter l’échéance",
    source=frozenset({State.OPEN}),
    target=STAY,
    by=any_of(Role.LEAD_SERVICE),
    inputs=(Input("until", "Nouvelle échéance", InputKind.DAY),),
    input_rules=(is_later,),
    reason=True,
    apart_from_unit=(Role.OWNER,),
    consequence="La condition est à tenir à la nouvelle échéance.",
)
WAIVE = Move(
    name="waive",
    label="Lever la condition",
    source=frozenset({State.OPEN, State.REPORTED}),
    target=State.WAIVED,
    by=any_of(*JUDGES),
    reason=True,
    apart_from_unit=(Role.OWNER,),
    consequence="La condition n’est plus due ; le motif reste au journal.",
)
ADD_PROOF = Edit(
    name="add_proof",
    label="Joindre une preuve",
    source=frozenset({State.OPEN, State.REPORTED}),
    by=frozenset({Role.OWNER, *CHECKERS}),
)

PROCESS = Process(
    name="obligation",
    version=1,
    title="Suivi d’une condition",
    prefix="OB",
    states=State,
    roles=Role,
    stages={
        State.OPEN: Stage.DELIVERY,
        State.REPORTED: Stage.DELIVERY,
        State.MET: Stage.END,
        State.WAIVED: Stage.END,
    },
    initial=State.OPEN,
    final=frozenset({State.MET, State.WAIVED}),
    moves=(REPORT, CONFIRM, SEND_BACK, POSTPONE, WAIVE),
    readers=operation.READERS,
    overseers=frozenset({Role.PROJECT_DIRECTOR}),
    audiences=AUDIENCES,
    edits=(ADD_PROOF,),
)
