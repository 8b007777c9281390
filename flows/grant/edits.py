"""The changes to the facts of a grant that leave its state alone."""

from flows.grant.states import EMPTY_HANDED, State
from flows.roles import Role
from workflow.process import Edit

DOCUMENTED = frozenset(State) - EMPTY_HANDED - {State.REPAID, State.CLOSED}
PREPARE_ACT = Edit(
    name="prepare_act",
    label="Préparer l’acte attributif",
    source=frozenset({State.COMPLETE, State.PROGRAMMED}),
    by=frozenset({Role.FUNDER}),
)
CHOOSE_ENVELOPE = Edit(
    name="choose_envelope",
    label="Désigner l’enveloppe",
    source=frozenset({State.REQUESTED, State.INCOMPLETE, State.COMPLETE}),
    by=frozenset({Role.FUNDER}),
)
DESCRIBE_EUROPEAN_FUNDS = Edit(
    name="describe_european_funds",
    label="Renseigner le fonds européen",
    source=DOCUMENTED,
    by=frozenset({Role.FUNDER, Role.LEAD_SERVICE}),
)
ADD_DOCUMENT = Edit(
    name="add_document",
    label="Joindre une pièce",
    source=DOCUMENTED,
    by=frozenset(
        {Role.OWNER, Role.LEAD_SERVICE, Role.FUNDER, Role.AUTHORITY, Role.ACCOUNTANT}
    ),
)
ANSWER_REQUEST = Edit(
    name="answer_request",
    label="Fournir une pièce demandée",
    source=frozenset({State.INCOMPLETE}),
    by=frozenset({Role.OWNER}),
)
ANSWER_DIFFERENCE = Edit(
    name="answer_difference",
    label="Traiter un écart avec Chorus",
    source=frozenset(State),
    by=frozenset({Role.FUNDER, Role.ACCOUNTANT}),
)
EDITS = (
    PREPARE_ACT,
    CHOOSE_ENVELOPE,
    DESCRIBE_EUROPEAN_FUNDS,
    ADD_DOCUMENT,
    ANSWER_REQUEST,
    ANSWER_DIFFERENCE,
)
