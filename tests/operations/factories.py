"""Operations of Lens walked to a state by real moves, and the people who walk them.

Everything needs the reference data: take the fixture `reference`.
"""

import datetime
import uuid

from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile

from erbm.cases import commands as moves
from erbm.funding import commands as funding
from erbm.funding.models import Scheme
from erbm.operations import commands
from erbm.operations.models import DocumentKind, Kind, Operation, required_documents
from erbm.organisations import bodies
from erbm.programme.models import Theme
from erbm.territory.models import Cite, Commune
from flows import edits
from flows.operation import State
from flows.roles import Role
from workflow.models import Membership, Unit

START = datetime.datetime(2026, 2, 2, 9, 0, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
PASSWORD = "une phrase de passe"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
COST_CENTS = 9_780_000_00


# People


def unit(code):
    return Unit.objects.get(code=code)


def person_of(body, role, name=""):
    """Return the person who holds a role in a unit; a name makes another one."""
    email = f"{name or role}.{body.code}@example.org".replace("_", "-")
    user = get_user_model().objects.filter(email=email).first()
    if user is None:
        user = get_user_model().objects.create_user(
            email, PASSWORD, first_name=(name or "Camille").capitalize(), last_name=role
        )
    Membership.objects.get_or_create(
        user=user, unit=body, role=role, starts_on=datetime.date(2020, 1, 1)
    )
    return user


def people(operation, role):
    """Return one person in each unit that plays a role in an operation."""
    parties = operation.case.parties.filter(role=role).order_by("id")
    return [person_of(party.unit, role) for party in parties.select_related("unit")]


def person(operation, role):
    return people(operation, role)[0]


def stranger():
    """Return somebody who has a role, but none in any operation of Lens."""
    return person_of(unit("sia-habitat"), Role.OWNER)


def auditor():
    return person_of(unit("mission-audit"), Role.AUDITOR)


# Operations


def opened(kind=Kind.REHABILITATION, *, at=START, title="", noted=None, **facts):
    """Open an operation of Lens, described but without plan nor documents."""
    lens = Commune.objects.get(code="62498")
    owner = owner_of(kind)
    return again(
        commands.open_operation(
            kind=kind,
            draft=commands.Draft(
                title=title or TITLES[kind],
                owner=owner,
                jurisdiction=lens.committee.jurisdiction,
                cost_cents=COST_CENTS,
                communes=[lens],
                cite=_cite(kind),
                facts=described(kind) | facts,
                noted=noted or {},
            ),
            by=person_of(owner, Role.OWNER),
            at=at,
        )
    )


TITLES = {
    Kind.REHABILITATION: "Réhabilitation de la cité 9",
    Kind.SUBSIDY: "Rénovation de l’école Jean-Macé",
}


def owner_of(kind):
    if kind == Kind.REHABILITATION:
        return unit("maisons-et-cites")
    body = bodies.of_commune(Commune.objects.get(code="62498"))
    return bodies.units_of([body])[body.code]


def _cite(kind):
    return Cite.objects.get(code="cite-9-lens") if kind == Kind.REHABILITATION else None


def described(kind):
    """Return the facts that an owner fills in."""
    facts = {
        "theme": Theme.objects.get(code="housing"),
        "description": "Isolation, ventilation et toitures.",
        "figures_note": "Chiffres inventés pour les essais.",
    }
    if kind == Kind.REHABILITATION:
        facts |= {
            "dwellings_before": 163,
            "dwellings_after": 160,
            "label_before": "F",
            "label_target": "B",
        }
    return facts


def again(operation):
    """Read an operation anew."""
    return Operation.objects.with_facts().get(pk=operation.pk)


def operation_at(state, kind=Kind.REHABILITATION, **facts):
    """Walk an operation to a state; a draft is ready to be submitted."""
    operation = opened(kind, **facts)
    for step in WALKS[State(state)]:
        step(operation)
        operation = again(operation)
    assert operation.case.state == state
    return operation


# Steps of the walk: each takes the operation as it stands


def fire(operation, name, *, by, at=None, seen=None, key=None, reason="", **inputs):
    """Make a move, a day after the latest change unless told otherwise."""
    case = again(operation).case
    at = at or case.changed_at + DAY
    return moves.make_move(
        case_id=operation.pk,
        process=operation.process,
        attempt=commands.Attempt(
            move=operation.process.move(name),
            by=by,
            at=at,
            seen=case.version if seen is None else seen,
            key=key or uuid.uuid4(),
            reason=reason,
            inputs=inputs,
            confirmed_at=at,
        ),
    )


def move(name, role, **said):
    """Prepare the step in which every unit of a role makes a move."""

    def step(operation):
        for by in people(operation, role):
            fire(operation, name, by=by, **said)

    return step


def plan(operation):
    """Balance the financing plan."""
    half = operation.cost_cents // 2
    funding.set_plan(
        operation_id=operation.pk,
        process=operation.process,
        lines=[
            funding.Planned(Scheme.FNADT, half, unit("sgar")),
            funding.Planned(Scheme.OWN, operation.cost_cents - half),
        ],
        seen=operation.case.version,
        **_edited(operation, Role.OWNER),
    )


def documents(operation):
    """Join every document that the present stage requires."""
    for kind in required_documents(operation.case.stage):
        join(operation, kind)


def join(operation, kind=DocumentKind.OTHER, *, answers=None, content=PDF):
    """Join one document, as the owner does."""
    return commands.add_document(
        operation_id=operation.pk,
        process=operation.process,
        document=commands.NewDocument(
            kind=kind,
            title=str(DocumentKind(kind).label),
            file=SimpleUploadedFile(f"{kind}.pdf", content),
            content_type="application/pdf",
            answers=answers,
        ),
        **_edited(operation, Role.OWNER),
    )


def join_act(operation):
    """Join the act on which a rejected operation is reopened."""
    return commands.add_document(
        operation_id=operation.pk,
        process=operation.process,
        document=commands.NewDocument(
            kind=DocumentKind.ACT,
            title="Jugement",
            file=SimpleUploadedFile("jugement.pdf", PDF),
            content_type="application/pdf",
            edit=edits.JOIN_ACT,
        ),
        **_edited(operation, Role.PROJECT_DIRECTOR),
    )


def notify(operation):
    """Record the notification of each grant of the plan."""
    for line in operation.lines.awaiting_notification():
        funding.record_notification(
            operation_id=operation.pk,
            process=operation.process,
            line_id=line.pk,
            notified_on=operation.case.changed_at.date(),
            notification=f"ARR-{line.pk}",
            **_edited(operation, Role.FUNDER),
        )


def settle(operation):
    """Record the settlement of each grant of the plan."""
    for line in operation.lines.awaiting_settlement():
        funding.record_settlement(
            operation_id=operation.pk,
            process=operation.process,
            line_id=line.pk,
            settled_on=operation.case.changed_at.date(),
            **_edited(operation, Role.FUNDER),
        )


def approve_urban_study(operation):
    if operation.kind != Kind.REHABILITATION:
        return
    at = operation.case.changed_at
    commands.record_urban_study(
        operation_id=operation.pk,
        process=operation.process,
        approved_on=at.date(),
        seen=operation.case.version,
        key=uuid.uuid4(),
        by=person(operation, Role.LEAD_SERVICE),
        at=at,
    )


def _edited(operation, role):
    return {
        "key": uuid.uuid4(),
        "by": person(operation, role),
        "at": operation.case.changed_at,
    }


def start(operation):
    """Start the works, in the words of each procedure."""
    day = operation.case.changed_at.date()
    said = {
        Kind.REHABILITATION: {
            "service_order_on": day,
            "permit": "PC 062 498 26 00012",
            "tenants_consulted_on": day,
            "rehousing_plan": True,
        },
        Kind.SUBSIDY: {"first_legal_act": "Marché de travaux", "started_on": day},
    }
    move("start", Role.OWNER, **said[operation.kind])(operation)


def progress(operation):
    """Report that everything is done."""
    said = {
        Kind.REHABILITATION: {
            "dwellings_delivered": 160,
            "dwellings_withdrawn": 3,
            "label_after": "B",
        },
        Kind.SUBSIDY: {
            "progress_percent": 100,
            "spent_cents": operation.cost_cents,
        },
    }
    move("record_progress", Role.OWNER, **said[operation.kind])(operation)


def lapse(operation):
    fire(
        operation,
        "record_lapse",
        by=person(operation, Role.PREFECT),
        at=datetime.datetime.combine(
            operation.deadline_on + DAY, START.timetz(), tzinfo=datetime.UTC
        ),
        reason="Aucun commencement.",
        heard_on=operation.deadline_on,
    )


COMMITTEE_DAY = datetime.date(2026, 3, 2)
COPIL_DAY = datetime.date(2026, 4, 1)
SAT = {"sitting_on": COMMITTEE_DAY}
COPIL_SAT = {"sitting_on": COPIL_DAY}
WHY = {"reason": "Le périmètre doit être précisé."}

READY = [plan, documents]
PROPOSED = [*READY, move("submit", Role.OWNER)]
REVIEWED = [
    *PROPOSED,
    move("declare_complete", Role.LEAD_SERVICE, early_start="none"),
]
TO_COMMITTEE = [
    *REVIEWED,
    move("give_opinion", Role.CONSULTED, direction="favourable", opinion="Utile."),
    approve_urban_study,
    move(
        "enter_agenda",
        Role.LEAD_SERVICE,
        report="Projet mûr.",
        planned_on=COMMITTEE_DAY,
    ),
]
TO_COPIL = [*TO_COMMITTEE, move("endorse", Role.SUB_PREFECT, quorum=True, **SAT)]
TO_FUNDING = [
    *TO_COPIL,
    move("validate", Role.COPIL_STATE, **COPIL_SAT),
    move("validate", Role.COPIL_REGION, **COPIL_SAT),
]
FUNDED = [
    *TO_FUNDING,
    notify,
    move("confirm_funding", Role.FUNDER, early_start="none"),
]
STARTED = [*FUNDED, start]
DELIVERED = [
    *STARTED,
    progress,
    documents,
    move("deliver", Role.OWNER),
    move("deliver", Role.LEAD_SERVICE),
]
WALKS = {
    State.DRAFT: READY,
    State.PROPOSED: PROPOSED,
    State.INCOMPLETE: [
        *PROPOSED,
        move(
            "ask_for_documents",
            Role.LEAD_SERVICE,
            documents="Plan de masse\nAvis des locataires",
            answer_by=datetime.date(2026, 3, 15),
            **WHY,
        ),
    ],
    State.UNDER_REVIEW: REVIEWED,
    State.ON_AGENDA: TO_COMMITTEE,
    State.ARBITRATION: [
        *TO_COMMITTEE,
        move(
            "refer_to_arbitration",
            Role.COMMITTEE_SECRETARY,
            position_for="Le besoin est établi.",
            position_against="Le coût est trop élevé.",
            **WHY,
        ),
    ],
    State.AWAITING_COPIL: TO_COPIL,
    State.FUNDING: TO_FUNDING,
    State.FUNDED: FUNDED,
    State.IN_PROGRESS: STARTED,
    State.DELIVERED: DELIVERED,
    State.CLOSED: [
        *DELIVERED,
        settle,
        move("close", Role.LEAD_SERVICE, insertion_hours=1200),
    ],
    State.REJECTED: [*TO_COMMITTEE, move("decline", Role.SUB_PREFECT, **SAT, **WHY)],
    State.WITHDRAWN: [*PROPOSED, move("withdraw", Role.OWNER, **WHY)],
    State.ABANDONED: [
        *TO_FUNDING,
        move("abandon", Role.OWNER, **WHY),
        move("abandon", Role.SUB_PREFECT, **WHY),
    ],
    State.LAPSED: [*FUNDED, lapse],
    State.SUSPENDED: [*REVIEWED, move("suspend", Role.LEAD_SERVICE, **WHY)],
}
