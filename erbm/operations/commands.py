"""What a person can do with operations: one function, one transaction."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django.core.files.uploadedfile import UploadedFile

from erbm.operations import filing, search
from erbm.operations.models import Document, Operation, RequestedDocument
from erbm.operations.openings import (
    PROCESSES,
    Draft,
    open_operation,
    open_operations,
)
from flows import edits
from flows.hearings import OPINIONS
from flows.rehabilitation import lifecycle as rehabilitation
from workflow import engine, invitations, refused
from workflow.engine import Attempt, KeyReused, MoveRefused, Receipt, StaleCase
from workflow.invitations import Invitation
from workflow.models import Unit
from workflow.process import Edit, Process

__all__ = [
    "PROCESSES",
    "Attempt",
    "Draft",
    "KeyReused",
    "MoveRefused",
    "Receipt",
    "StaleCase",
    "open_operation",
    "open_operations",
]

FACTS = (
    "theme",
    "description",
    "requested_cents",
    "dwellings_before",
    "dwellings_after",
    "label_before",
    "label_target",
    "is_protected",
    "figures_note",
)
"""The columns that the owner fills in, beside title and cost."""


@dataclass(frozen=True)
class Facts:
    """The description of an operation, as its owner has it."""

    title: str
    cost_cents: int
    columns: Mapping[str, Any]


def edit_facts(
    *,
    operation_id: int,
    process: Process,
    facts: Facts,
    seen: int,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Change the description of an operation.

    :raises StaleCase: if it has changed since the person saw it
    :raises MoveRefused: if the person may not change it in this state
    """

    def change(operation: Operation) -> engine.Noted:
        return _describe(operation, facts)

    amendment = engine.Amendment(edits.EDIT_FACTS, by, at, seen, key)
    with refused.kept(amendment.edit.name, by=by, at=at, pk=operation_id):
        return engine.amend(process, operation_id, amendment, change)


def _describe(operation: Operation, facts: Facts) -> engine.Noted:
    case = operation.case
    title, cost_cents = case.title, case.amount_cents
    with operation.consulting_anew() as consulted:
        case.title, case.amount_cents = facts.title, facts.cost_cents
        for column in FACTS:
            if column in facts.columns:
                setattr(operation, column, facts.columns[column])
    operation.search_text = search.index(
        [
            case.reference,
            case.title,
            operation.owner.name,
            operation.cite,
            *operation.communes.all(),
        ]
    )
    return engine.Noted(
        facts={"cost_cents": [str(cost_cents), str(facts.cost_cents)], **consulted},
        texts={"title.before": title, "title.after": facts.title},
    )


def consult(
    *,
    operation_id: int,
    process: Process,
    unit: Unit,
    reason: str,
    seen: int,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Ask one more service for its opinion.

    :raises StaleCase: if the operation has changed since the person saw it
    :raises MoveRefused: if the person may not, or it is asked already
    """
    amendment = engine.Amendment(edits.INVITE, by, at, seen, key)
    said = Invitation(opinions=OPINIONS, unit=unit, reason=reason)
    with refused.kept(amendment.edit.name, by=by, at=at, pk=operation_id):
        return invitations.invite(process, operation_id, amendment, said)


def dismiss(
    *,
    operation_id: int,
    process: Process,
    unit: Unit,
    reason: str,
    seen: int,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Wait no more for the opinion of a service.

    :raises StaleCase: if the operation has changed since the person saw it
    :raises MoveRefused: if the person may not, or the service has answered
    """
    amendment = engine.Amendment(edits.DISMISS, by, at, seen, key)
    said = Invitation(opinions=OPINIONS, unit=unit, reason=reason)
    with refused.kept(amendment.edit.name, by=by, at=at, pk=operation_id):
        return invitations.dismiss(process, operation_id, amendment, said)


def record_urban_study(
    *,
    operation_id: int,
    process: Process,
    approved_on: datetime.date,
    seen: int,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Record that the urban study of a rehabilitation was approved.

    :raises StaleCase: if the operation has changed since the person saw it
    :raises MoveRefused: if the person may not record it in this state
    """

    def change(operation: Operation) -> engine.Noted:
        operation.urban_study_approved_on = approved_on
        return engine.Noted()

    amendment = engine.Amendment(rehabilitation.RECORD_URBAN_STUDY, by, at, seen, key)
    with refused.kept(amendment.edit.name, by=by, at=at, pk=operation_id):
        return engine.amend(process, operation_id, amendment, change)


@dataclass(frozen=True)
class NewDocument:
    """
    A file to join, already found acceptable, and the request it answers.

    - `edit`: in what capacity it is joined, when it answers nothing.
    """

    kind: str
    title: str
    file: "UploadedFile[bytes]"
    content_type: str
    answers: int | None = None
    edit: Edit = edits.ADD_DOCUMENT


def add_document(
    *,
    operation_id: int,
    process: Process,
    document: NewDocument,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Join a document to an operation, and note its SHA-256 in the trail.

    :raises MoveRefused: if the person may not join one in this state, or if it
        answers a request that is not hers to answer
    """
    is_free = document.answers is None
    edit = document.edit if is_free else edits.ANSWER_REQUEST

    with filing.stored(document.file) as stored:

        def change(operation: Operation) -> engine.Noted:
            joined = _join(operation, document, stored, by=by, at=at)
            if document.answers is not None:
                RequestedDocument.objects.filter(
                    operation=operation, pk=document.answers, document=None
                ).update(document=joined)
            return filing.noted(joined)

        amendment = engine.Amendment(edit, by, at, None, key)
        with refused.kept(amendment.edit.name, by=by, at=at, pk=operation_id):
            return engine.amend(process, operation_id, amendment, change)


def give_opinion(
    *,
    operation_id: int,
    process: Process,
    attempt: Attempt,
    document: NewDocument,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Give an opinion, and join what goes with it: both, or neither.

    :raises StaleCase: if the operation has changed since the person saw it
    :raises MoveRefused: if the person may not give one, or join it
    """
    with filing.stored(document.file) as stored:

        def change(operation: Operation) -> engine.Noted:
            joined = _join(operation, document, stored, by=by, at=at)
            given = operation.opinions.filter(given_by=by).latest("pk")
            given.document = joined
            given.save(update_fields=["document"])
            return filing.noted(joined)

        key = uuid5(attempt.key, edits.ADD_DOCUMENT.name)
        amendment = engine.Amendment(edits.ADD_DOCUMENT, by, at, None, key)
        with refused.kept(attempt.move.name, by=by, at=at, pk=operation_id):
            receipt = engine.fire(process, operation_id, attempt)
            engine.amend(process, operation_id, amendment, change)
            return receipt


def _join(
    operation: Operation, document: NewDocument, stored: filing.Stored, **by: Any
) -> Document:
    return filing.joined(
        operation,
        document.file,
        stored,
        kind=document.kind,
        title=document.title,
        content_type=document.content_type,
        **by,
    )
