"""What a person can do with conditions, beside the moves that any case has."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile

from erbm.obligations import openings
from erbm.obligations.models import Obligation, Origin, Proof
from erbm.obligations.openings import Accepted
from erbm.operations import filing
from flows import edits
from flows.obligation import lifecycle
from workflow import engine, refused
from workflow.engine import MoveRefused, Receipt
from workflow.process import Process

__all__ = ["Accepted", "MoveRefused", "NewProof", "Origin", "Receipt"]


def accept(
    *,
    operation_id: int,
    process: Process,
    conditions: Sequence[Accepted],
    origin: Origin,
    decision: str,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Accept conditions of an operation: each is then followed until it is met.

    :raises MoveRefused: if the person may not, or one of them makes no sense
    """
    with refused.kept(edits.ACCEPT_CONDITIONS.name, by=by, at=at, pk=operation_id):
        return openings.accept(
            operation_id=operation_id,
            process=process,
            conditions=conditions,
            origin=origin,
            decision=decision,
            key=key,
            by=by,
            at=at,
        )


@dataclass(frozen=True, slots=True)
class NewProof:
    """A file that shows that a condition is met, already found acceptable."""

    title: str
    file: "UploadedFile[bytes]"
    content_type: str


def add_proof(
    *, obligation_id: int, proof: NewProof, key: UUID, by: Any, at: datetime.datetime
) -> Receipt:
    """
    Join a proof to a condition, and note its SHA-256 in the trail.

    :raises MoveRefused: if the person may not join one, or it is over
    """
    with filing.stored(proof.file) as stored:

        def change(obligation: Obligation) -> engine.Noted:
            joined = Proof.objects.create(
                obligation=obligation,
                title=proof.title,
                **filing.columns(proof.file, stored, proof.content_type),
                added_by=by,
                added_at=at,
            )
            return engine.Noted(
                facts={"proof": joined.pk, **joined.noted},
                texts={"proof": joined.title, "filename": joined.filename},
            )

        edit = lifecycle.ADD_PROOF
        amendment = engine.Amendment(edit, by, at, None, key)
        with refused.kept(edit.name, by=by, at=at, pk=obligation_id):
            return engine.amend(lifecycle.PROCESS, obligation_id, amendment, change)
