"""What an auditor does: she looks, which is recorded, and asks for verifications."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from workflow import verifications
from workflow.models import Case, EntryKind
from workflow.trail import register


def look(
    *,
    page: str,
    facts: Mapping[str, Any] | None = None,
    case: Case | None = None,
    by: Any,
    at: datetime.datetime,
) -> None:
    """
    Record that an auditor looked at a page: references and codes, and no free text.

    A GET records it: it is the log of an access, and changes nothing of what is looked
    at.
    """
    seen = {"page": page, **(facts or {})}
    register.enter(EntryKind.AUDIT_SEEN, by=by, at=at, case=case, facts=seen)


def verify_case(*, case: Case, by: Any, at: datetime.datetime) -> None:
    """Record that the verification of a case was asked for; it is made at once."""
    facts = {"scope": "case"}
    register.enter(EntryKind.VERIFIED, by=by, at=at, case=case, facts=facts)


@transaction.atomic(durable=True)
def ask_for_verification(*, by: Any, at: datetime.datetime) -> None:
    """Ask a worker to verify the whole trail, and record it."""
    verifications.ask(by=by, at=at)
    register.enter(EntryKind.VERIFIED, by=by, at=at, facts={"scope": "all"})
