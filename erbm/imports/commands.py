"""Bring the grants of a file into the register: all of them, or none."""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from erbm.accounts.models import User
from erbm.funding.models import Line, Scheme
from erbm.imports.columns import plain
from erbm.imports.placing import Placed
from erbm.operations import commands as operations
from erbm.operations.commands import Draft
from erbm.operations.models import Kind, Operation
from erbm.organisations import bodies
from erbm.programme.models import Theme
from workflow.models import Unit

CHUNK = 1_000
SYSTEM_EMAIL = "import@erbm.invalid"
SCHEMES = {"DETR": Scheme.DETR, "DSIL": Scheme.DSIL, "DSID": Scheme.DSID}
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


@dataclass
class Outcome:
    """
    What an import does of its rows.

    - `known`: already imported, and unchanged in the file;
    - `differing`: already imported, and changed in the file since.
    """

    new: list[Placed] = field(default_factory=list)
    known: list[Placed] = field(default_factory=list)
    differing: list[Placed] = field(default_factory=list)


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
    for chunk in _chunks(outcome.new):
        _open(chunk, themes, by, at)
        progress(len(chunk))
    return outcome


def sort_out(rows: Sequence[Placed]) -> Outcome:
    """Tell the grants that are new from those already imported."""
    outcome = Outcome()
    for chunk in _chunks(rows):
        known = _amounts_of(placed.grant.source_id for placed in chunk)
        for placed in chunk:
            grant = placed.grant
            amounts = known.get(grant.source_id)
            if amounts is None:
                outcome.new.append(placed)
            elif amounts == (grant.cost_cents, grant.grant_cents):
                outcome.known.append(placed)
            else:
                outcome.differing.append(placed)
    return outcome


def system_account() -> User:
    """Return the account in whose name files are imported; nobody signs in with it."""
    account = User.objects.filter(email=SYSTEM_EMAIL).first()
    return account or User.objects.create_user(
        SYSTEM_EMAIL, first_name="Import", last_name="de fichiers", is_active=False
    )


def _chunks(rows: Sequence[Placed]) -> Iterator[Sequence[Placed]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def _amounts_of(source_ids: Iterator[str]) -> dict[str, tuple[int, int]]:
    """Return the cost and the aid asked for of the projects that exist."""
    found = Operation.objects.filter(source_id__in=list(source_ids))
    amounts = found.values_list("source_id", "case__amount_cents", "requested_cents")
    return {str(source_id): (cost, aid) for source_id, cost, aid in amounts}


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
            f"Fichier des dotations de l’État (DGCL, ANCT) : {grant.scheme}, "
            f"{grant.category or 'sans catégorie'}."
        ),
    }
    return Draft(
        title=grant.title,
        owner=owner,
        jurisdiction=placed.jurisdiction,
        cost_cents=grant.cost_cents,
        communes=[placed.commune] if placed.commune else [],
        facts=facts,
    )


def _plan(operation: Operation, placed: Placed) -> Iterator[Line]:
    """Balance the plan: the grant, and the rest from the owner."""
    grant = placed.grant
    yield Line(
        operation=operation,
        scheme=SCHEMES[grant.scheme],
        amount_cents=grant.grant_cents,
    )
    if rest := grant.cost_cents - grant.grant_cents:
        yield Line(operation=operation, scheme=Scheme.OWN, amount_cents=rest)
