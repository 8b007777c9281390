"""The changes to the facts of an operation that both procedures allow."""

from flows.operation import RUNNING, State
from flows.roles import Role
from workflow.process import Edit

EDIT_FACTS = Edit(
    name="edit_facts",
    label="Modifier la description",
    source=frozenset({State.DRAFT, State.INCOMPLETE}),
    by=frozenset({Role.OWNER}),
)
EDIT_PLAN = Edit(
    name="edit_plan",
    label="Modifier le plan de financement",
    source=frozenset({State.DRAFT, State.INCOMPLETE}),
    by=frozenset({Role.OWNER}),
)
CORRECT_PLAN = Edit(
    name="correct_plan",
    label="Corriger le plan de financement",
    source=frozenset(
        {
            State.PROPOSED,
            State.UNDER_REVIEW,
            State.ON_AGENDA,
            State.ARBITRATION,
            State.AWAITING_COPIL,
            # Refused there with its reason: the COPIL has approved the plan.
            State.FUNDING,
        }
    ),
    by=frozenset({Role.LEAD_SERVICE}),
    touches=("planned_lines",),
)
INVITE = Edit(
    name="consult",
    label="Consulter un service de plus",
    source=frozenset({State.UNDER_REVIEW}),
    by=frozenset({Role.LEAD_SERVICE}),
)
DISMISS = Edit(
    name="dismiss",
    label="Ne plus attendre l’avis d’un service",
    source=frozenset({State.UNDER_REVIEW}),
    by=frozenset({Role.LEAD_SERVICE}),
)
JOIN_ACT = Edit(
    name="join_act",
    label="Joindre l’acte qui fonde une réouverture",
    source=frozenset({State.REJECTED}),
    by=frozenset({Role.PROJECT_DIRECTOR}),
)
RECORD_NOTIFICATION = Edit(
    name="record_notification",
    label="Enregistrer la notification d’une ligne",
    source=frozenset({State.FUNDING}),
    by=frozenset({Role.FUNDER}),
)
RECORD_SETTLEMENT = Edit(
    name="record_settlement",
    label="Enregistrer le solde d’une ligne",
    source=frozenset({State.IN_PROGRESS, State.DELIVERED}),
    by=frozenset({Role.FUNDER}),
)
ADD_DOCUMENT = Edit(
    name="add_document",
    label="Joindre une pièce",
    source=RUNNING | {State.SUSPENDED},
    by=frozenset(
        {
            Role.OWNER,
            Role.LEAD_SERVICE,
            Role.CONSULTED,
            Role.COMMITTEE_SECRETARY,
            Role.SUB_PREFECT,
            Role.FUNDER,
            Role.PROJECT_DIRECTOR,
        }
    ),
)
ANSWER_REQUEST = Edit(
    name="answer_request",
    label="Fournir une pièce demandée",
    source=ADD_DOCUMENT.source,
    by=frozenset({Role.OWNER}),
)
ACCEPT_CONDITIONS = Edit(
    name="accept_conditions",
    label="Retenir des conditions",
    source=frozenset(
        {
            State.ON_AGENDA,
            State.ARBITRATION,
            State.AWAITING_COPIL,
            State.FUNDING,
            State.FUNDED,
            State.IN_PROGRESS,
        }
    ),
    by=frozenset(
        {
            Role.LEAD_SERVICE,
            Role.COMMITTEE_SECRETARY,
            Role.SUB_PREFECT,
            Role.PROJECT_DIRECTOR,
            Role.COPIL_STATE,
            Role.COPIL_REGION,
            Role.FUNDER,
        }
    ),
)
KEEP_SCHEDULE = Edit(
    name="keep_schedule",
    label="Tenir le calendrier des travaux",
    source=frozenset({State.FUNDING, State.FUNDED, State.IN_PROGRESS}),
    by=frozenset({Role.OWNER}),
)
EDITS = (
    EDIT_FACTS,
    EDIT_PLAN,
    CORRECT_PLAN,
    INVITE,
    DISMISS,
    JOIN_ACT,
    RECORD_NOTIFICATION,
    RECORD_SETTLEMENT,
    ADD_DOCUMENT,
    ANSWER_REQUEST,
    ACCEPT_CONDITIONS,
    KEEP_SCHEDULE,
)
