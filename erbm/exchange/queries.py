"""The comments of an operation that one person may read, and to whom she may write."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from workflow import readership
from workflow.audiences import ALL
from workflow.cases import process_of
from workflow.deadlines import LOCAL
from workflow.models import Case, Comment, Membership, Unit
from workflow.readership import Address
from workflow.standing import memberships_of, standing_on


@dataclass(frozen=True, slots=True)
class Talk:
    """One comment as it is shown: its audience has a name."""

    comment: Comment
    to: str
    is_mine: bool


def readable(by: Any, at: datetime.datetime) -> "QuerySet[Comment]":
    """Return the comments that a person may read, wherever."""
    held = memberships_of(by, at.astimezone(LOCAL).date())
    return readership.readable_by(by, held)


def talks(case: Case, *, by: Any, held: Sequence[Membership]) -> list[Talk]:
    """Return the comments of a case that a person may read, the latest first."""
    found = (
        readership.readable_by(by, held)
        .filter(case=case)
        .select_related("author", "unit")
    )
    shown = found.prefetch_related("attachments", "mentions__user", "mentions__unit")
    labels = readership.labels(process_of(case))
    return [
        Talk(one, _named(labels, one), one.author_id == by.pk)
        for one in shown.order_by("-pk")
    ]


def _named(labels: dict[str, str], comment: Comment) -> str:
    if comment.audience == "unit":
        return f"{comment.unit.short_name} seulement"
    return labels.get(comment.audience, comment.audience)


def addresses(case: Case, *, by: Any, at: datetime.datetime) -> list[Address]:
    """Return to whom a person may write about a case."""
    held = memberships_of(by, at.astimezone(LOCAL).date())
    return readership.addresses(case, held, standing_on(case, ()).parties)


def mentionable(
    case: Case, offered: list[Address], *, by: Any, at: datetime.datetime
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Name whom a person could call on, unit by unit, were it read by all."""
    widest = next((one for one in offered if one.audience == ALL), None)
    if widest is None:
        return []
    parties, on = standing_on(case, ()).parties, at.astimezone(LOCAL).date()
    found: dict[Unit, dict[str, str]] = {}
    named: set[int] = {by.pk}
    for grant in readership.readers_of(case, widest, parties, on):
        if grant.user_id not in named:
            named.add(grant.user_id)
            whole = {f"u.{grant.unit_id}": "Toute l’unité"}
            found.setdefault(grant.unit, whole)[f"p.{grant.user_id}"] = str(grant.user)
    return [(str(unit), list(people.items())) for unit, people in found.items()]
