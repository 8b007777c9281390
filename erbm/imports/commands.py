"""Bring the grants of a file into the register: all of them, or none."""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from erbm.accounts.models import User
from erbm.funding.models import Line, Scheme
from erbm.imports.columns import plain
from erbm.imports.placing import Placed
from erbm.imports.queries import Outcome, chunks, sort_out
from erbm.operations import commands as operations
from erbm.operations.commands import Draft
from erbm.operations.models import Kind, Operation
from erbm.organisations import bodies
from erbm.programme.models import Theme
from workflow.models import Unit

SCHEMES = {
    "DETR": Scheme.DETR,
    "DSIL": Scheme.DSIL,
    "DSID": Scheme.DSID,
    "FNADT": Scheme.FNADT,
}
# The themes that the file's categories name without ambiguity; its owner, who must
# complete the project anyway, chooses for the others.
THEMES = {
    "Santé, sanitaire et social": "health",
    "Économie et emploi": "economy-employment",
    "Environnement, transition énergétique et écologie": "ecological-transition",
    "Éducation": "education-training",
}
_THEMES = {plain(category): code for category, code in THEMES.items()}

Progress = Callable[[int], object]


def _silent(done: int) -> None:
    """Tell nobody how far the import is."""


@transaction.atomic(durable=True)
def import_rows(
    *,
    rows: Sequence[Placed],
    by: User,
    at: datetime.datetime,
    progress: Progress = _silent,
) -> Outcome:
    """
    Open a subsidised project for each grant that is not in the register yet.

    The others are left as they are: what was decided on them was decided on what
    they said then.

    :raises opening.NobodyCompetent: if a role has no unit in a jurisdiction
    """
    outcome = sort_out(rows)
    themes = {theme.code: theme for theme in Theme.objects.all()}
    for chunk in chunks(outcome.new):
        _open(chunk, themes, by, at)
        progress(len(chunk))
    return outcome


def _open(
    chunk: Sequence[Placed],
    themes: Mapping[str, Theme],
    by: User,
    at: datetime.datetime,
) -> None:
    owners = bodies.units_of(placed.owner for placed in chunk)
    opened = operations.open_operations(
        kind=Kind.SUBSIDY,
        drafts=[_draft(placed, owners[placed.owner.code], themes) for placed in chunk],
        by=by,
        at=at,
        # Nobody opens them as their owner: a file says that they exist.
        role="",
    )
    Line.objects.bulk_create(
        line
        for operation, placed in zip(opened, chunk, strict=True)
        for line in _plan(operation, placed)
    )


def _draft(placed: Placed, owner: Unit, themes: Mapping[str, Theme]) -> Draft:
    grant = placed.grant
    facts: dict[str, Any] = {
        "theme": themes.get(_THEMES.get(plain(grant.category), "")),
        "description": grant.description,
        "requested_cents": grant.grant_cents,
        "source_id": grant.source_id,
        "figures_note": (
            f"{grant.origin} : {grant.scheme}, {grant.category or 'sans catégorie'}."
        ),
    }
    return Draft(
        title=grant.title,
        owner=owner,
        jurisdiction=placed.jurisdiction,
        cost_cents=grant.cost_cents,
        communes=[placed.commune] if placed.commune else [],
        facts=facts,
        is_copy=True,
        noted={"plan": [line.noted for line in _plan(None, placed)]},
    )


def _plan(operation: Operation | None, placed: Placed) -> Iterator[Line]:
    """Balance the plan: the grant, and the rest from the owner."""
    grant = placed.grant
    yield Line(
        operation=operation,
        scheme=SCHEMES[grant.scheme],
        amount_cents=grant.grant_cents,
    )
    if rest := grant.cost_cents - grant.grant_cents:
        yield Line(operation=operation, scheme=Scheme.OWN, amount_cents=rest)
