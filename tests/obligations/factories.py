"""Conditions accepted on operations of Lens, and what becomes of them."""

import datetime
import uuid

from django.core.files.uploadedfile import SimpleUploadedFile

from erbm.cases import commands as moves
from erbm.obligations import commands
from erbm.obligations.models import Obligation, Origin
from flows.obligation.lifecycle import PROCESS
from flows.roles import Role
from tests.operations.factories import (
    DAY,
    PDF,
    again,
    fire,
    operation_at,
    people,
    person,
)

DUE = datetime.date(2027, 6, 30)
WORDING = "Transmettre le plan des réseaux."


def accepted(operation, *conditions, role=Role.COMMITTEE_SECRETARY, key=None, **said):
    """Accept conditions of an operation, and return them."""
    at = said.pop("at", again(operation).case.changed_at + DAY)
    commands.accept(
        operation_id=operation.pk,
        process=operation.process,
        conditions=conditions or [commands.Accepted(WORDING, DUE)],
        origin=said.pop("origin", Origin.COMMITTEE),
        decision=said.pop("decision", "Comité de Lens"),
        key=key or uuid.uuid4(),
        by=said.pop("by", None) or person(operation, role),
        at=at,
    )
    return list(operation.obligations.order_by("pk"))


def obligation_at(state="open", condition=None):
    """Return a condition of an operation before the COPIL, walked to a state."""
    operation = operation_at("awaiting_copil")
    [one] = accepted(operation, *([condition] if condition else []))
    for name, role, said in WALKS[state]:
        act(one, name, role, **said)
    return anew(one)


WALKS = {
    "open": [],
    "reported": [("report", Role.OWNER, {"account": "Plan transmis."})],
    "met": [
        ("report", Role.OWNER, {"account": "Plan transmis."}),
        ("confirm", Role.LEAD_SERVICE, {}),
    ],
    "waived": [("waive", Role.SUB_PREFECT, {"reason": "Sans objet."})],
}


def anew(obligation):
    return Obligation.objects.with_facts().get(pk=obligation.pk)


def somebody(obligation, role):
    return people(obligation, role)[0]


def act(obligation, name, role, *, by=None, at=None, reason="", **inputs):
    """Make a move on a condition, a day after the latest change unless told."""
    case = anew(obligation).case
    at = at or case.changed_at + DAY
    moves.make_move(
        case_id=obligation.pk,
        process=PROCESS,
        attempt=moves.Attempt(
            move=PROCESS.move(name),
            by=by or somebody(obligation, role),
            at=at,
            seen=case.version,
            key=uuid.uuid4(),
            reason=reason,
            inputs=inputs,
        ),
    )
    return anew(obligation)


def prove(obligation, role=Role.OWNER, *, by=None):
    return commands.add_proof(
        obligation_id=obligation.pk,
        proof=commands.NewProof(
            title="Plan des réseaux",
            file=SimpleUploadedFile("plan.pdf", PDF),
            content_type="application/pdf",
        ),
        key=uuid.uuid4(),
        by=by or somebody(obligation, role),
        at=anew(obligation).case.changed_at + DAY,
    )


DEMANDS = "31/12/2027 : Poser des nichoirs.\n30/06/2028 : Rendre compte du bruit."


def heard():
    """Return an operation of which a service asked for two conditions."""
    operation = operation_at("under_review")
    fire(
        operation,
        "give_opinion",
        by=people(operation, Role.CONSULTED)[0],
        direction="with_reservations",
        conditions=DEMANDS,
    )
    for by in people(operation, Role.CONSULTED)[1:]:
        fire(operation, "give_opinion", by=by, direction="favourable")
    fire(
        operation,
        "enter_agenda",
        by=person(operation, Role.LEAD_SERVICE),
        report="Projet mûr.",
        planned_on=datetime.date(2026, 3, 2),
    )
    return again(operation)
