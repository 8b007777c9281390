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
EDITS = (
    EDIT_FACTS,
    EDIT_PLAN,
    RECORD_NOTIFICATION,
    RECORD_SETTLEMENT,
    ADD_DOCUMENT,
    ANSWER_REQUEST,
)
