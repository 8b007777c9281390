"""What a person can do with a dossier: take it, which the register remembers."""

import datetime
from typing import Any

from django.db import transaction

from workflow.models import Case, EntryKind
from workflow.trail import register


@transaction.atomic(durable=True)
def note_taken(*, case: Case, documents: int, by: Any, at: datetime.datetime) -> None:
    """Write in the register that somebody takes the dossier of a case."""
    facts = {"seq": case.latest_seq, "documents": documents}
    register.enter(EntryKind.DOSSIER_TAKEN, by=by, at=at, case=case, facts=facts)
