"""What was promised in exchange for a decision, in each of the states it may be in."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from erbm.cases import commands as cases
from erbm.demo.moments import Player
from erbm.demo.people import Cast
from erbm.demo.stories import working_day
from erbm.obligations import commands
from erbm.obligations.models import Obligation, Origin
from erbm.operations.models import Operation
from flows.obligation.lifecycle import PROCESS
from flows.operation import State
from flows.roles import Role
from workflow.deadlines import LOCAL, local_day

DECISION = "Comité d’arrondissement (exemple inventé)"
OPENS_AT = datetime.time(10)
APART = datetime.timedelta(days=12)
DUE_WITHIN = datetime.timedelta(days=45)
DUE_LATER = datetime.timedelta(days=150)

Step = tuple[str, str, Mapping[str, Any]]
"""A move, who makes it, and what is said with it."""

TOLD: Step = ("report", Role.OWNER, {"account": "Pièce transmise (exemple inventé)."})
CHECKED: Step = ("confirm", Role.LEAD_SERVICE, {})
RETURNED: Step = ("send_back", Role.LEAD_SERVICE, {"reason": "Il manque l’annexe."})
PUT_OFF: Step = ("postpone", Role.LEAD_SERVICE, {"reason": "Étude retardée."})
WAIVED: Step = ("waive", Role.SUB_PREFECT, {"reason": "Devenue sans objet."})
PROMISES: Sequence[tuple[str, datetime.timedelta, Sequence[Step]]] = (
    ("Transmettre le plan des réseaux.", DUE_LATER, ()),
    ("Déposer le phasage des travaux.", DUE_WITHIN, ()),
    ("Justifier de l’accord de l’architecte des bâtiments.", DUE_LATER, (TOLD,)),
    ("Signer la convention de relogement.", DUE_LATER, (TOLD, CHECKED)),
    ("Remettre le diagnostic amiante.", DUE_LATER, (TOLD, RETURNED)),
    ("Produire l’étude acoustique.", DUE_WITHIN, (PUT_OFF,)),
    ("Planter une haie en limite de parcelle.", DUE_LATER, (WAIVED,)),
)
"""What is promised, within how long, and what was done of it; the second is late."""


def keep(cast: Cast, *, at: datetime.datetime) -> None:
    """Accept conditions on as many operations, and bring each to its state."""
    if Obligation.objects.filter(decision=DECISION).exists():
        return
    decided = Operation.objects.filter(case__state__in=[State.FUNDING, State.FUNDED])
    found = decided.select_related("case").order_by("case__changed_at", "pk")
    for operation, promise in zip(found, PROMISES, strict=False):
        wording, within, steps = promise
        since = _morning(operation.case.changed_at, at)
        one = _accepted(Player(cast, operation, since), wording, within)
        for step in steps:
            since = _morning(since + APART, at)
            _made(Player(cast, operation, since), one, step)


def _morning(after: datetime.datetime, latest: datetime.datetime) -> datetime.datetime:
    """Return a morning of work that comes after a moment, and not too late."""
    day = working_day(local_day(after) + datetime.timedelta(days=3))
    morning = datetime.datetime.combine(day, OPENS_AT, tzinfo=LOCAL)
    return min(latest, max(after, morning.astimezone(datetime.UTC)))


def _accepted(player: Player, wording: str, within: datetime.timedelta) -> Obligation:
    operation = player.operation
    commands.accept(
        operation_id=operation.pk,
        process=operation.process,
        conditions=[commands.Accepted(wording, player.on + within)],
        origin=Origin.COMMITTEE,
        decision=DECISION,
        key=uuid.uuid4(),
        by=player.somebody(Role.LEAD_SERVICE),
        at=player.at,
    )
    return operation.obligations.get(decision=DECISION)


def _made(player: Player, one: Obligation, step: Step) -> None:
    name, role, said = step
    obligation = Obligation.objects.with_facts().get(pk=one.pk)
    inputs = {key: value for key, value in said.items() if key != "reason"}
    if name == "postpone":
        inputs["until"] = obligation.due_on + DUE_LATER
    cases.make_move(
        case_id=obligation.pk,
        process=PROCESS,
        attempt=cases.Attempt(
            move=PROCESS.move(name),
            by=player.somebody(role, obligation.case),
            at=player.at,
            seen=obligation.case.version,
            key=uuid.uuid4(),
            reason=str(said.get("reason", "")),
            inputs=inputs,
        ),
    )
