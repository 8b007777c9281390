"""Tell the grants that are new from those already imported."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from erbm.imports.placing import Placed
from erbm.operations.models import Operation

CHUNK = 1_000


@dataclass
class Outcome:
    """
    What an import does of its rows.

    - `known`: already imported, with the same amounts;
    - `differing`: already imported, with others: the file or the register has changed.
    """

    new: list[Placed] = field(default_factory=list)
    known: list[Placed] = field(default_factory=list)
    differing: list[Placed] = field(default_factory=list)


def sort_out(rows: Sequence[Placed]) -> Outcome:
    """Tell the grants that are new from those already imported."""
    outcome = Outcome()
    for chunk in chunks(rows):
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


def chunks(rows: Sequence[Placed]) -> Iterator[Sequence[Placed]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def _amounts_of(source_ids: Iterator[str]) -> dict[str, tuple[int, int]]:
    """Return the cost and the aid asked for of the projects that exist."""
    found = Operation.objects.filter(source_id__in=list(source_ids))
    amounts = found.values_list("source_id", "case__amount_cents", "requested_cents")
    return {str(source_id): (cost, aid) for source_id, cost, aid in amounts}
