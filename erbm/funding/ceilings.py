"""How much public money an operation may receive, and of which kinds."""

from collections.abc import Iterable, Iterator

from erbm.funding.models import CGCT_GRANTS, Line, Scheme

# Percentages of the cost, as the articles give them.
CGCT_CEILING = 80  # CGCT, art. R. 2334-27, al. 2
COLLECTIVITE_CEILING = 80  # CGCT, art. L. 1111-10, III: 20 % at least from the owner
PUBLIC_CEILING = 100  # décret n° 2018-514, art. 10


def excesses(
    lines: Iterable[Line], cost_cents: int, *, owner_is_collectivite: bool
) -> Iterator[str]:
    """Say which ceilings a plan exceeds; `cost_cents` is the eligible cost."""
    lines = list(lines)
    cgct = sum(line.amount_cents for line in lines if line.scheme in CGCT_GRANTS)
    public = sum(line.amount_cents for line in lines if line.scheme != Scheme.OWN)
    if _exceeds(cgct, CGCT_CEILING, cost_cents):
        yield (
            f"DETR, DSIL et DSID font ensemble {_share(cgct, cost_cents)} % du coût ; "
            f"{CGCT_CEILING} % au plus (CGCT, art. R. 2334-27)."
        )
    ceiling = COLLECTIVITE_CEILING if owner_is_collectivite else PUBLIC_CEILING
    if _exceeds(public, ceiling, cost_cents):
        article = (
            "CGCT, art. L. 1111-10"
            if owner_is_collectivite
            else "décret n° 2018-514, art. 10"
        )
        yield (
            f"Les aides publiques font {_share(public, cost_cents)} % du coût ; "
            f"{ceiling} % au plus ({article})."
        )


def _exceeds(amount_cents: int, percent: int, cost_cents: int) -> bool:
    return amount_cents * 100 > cost_cents * percent


def _share(amount_cents: int, cost_cents: int) -> int:
    return -(-amount_cents * 100 // cost_cents) if cost_cents else 100
