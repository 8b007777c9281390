"""The communes: those that somebody means, and the operations in each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Sum

from erbm.operations.models.operations import OperationQuerySet
from erbm.operations.search import fold
from erbm.territory.models import Commune


@dataclass(frozen=True, slots=True)
class Town:
    """A commune, and what the operations of which a part is there add up to."""

    code: str
    name: str
    place: str
    operations: int
    cents: int
    dwellings: int


def towns(found: OperationQuerySet) -> Iterator[Town]:
    """Count some operations commune by commune: one over two counts in both."""
    there: Any = found.model.communes.through._default_manager.filter(
        operation__in=found.order_by().values("pk")
    )
    rows = (
        there.values_list(
            "commune__code", "commune__name", "commune__arrondissement__name"
        )
        .annotate(
            some=Count("pk"),
            cents=Sum("operation__case__amount_cents"),
            dwellings=Sum("operation__dwellings_before", default=0),
        )
        .order_by("-some", "-cents", "commune__name")
    )
    return (Town(*row) for row in rows)


def meant_by(text: str) -> list[int]:
    """
    Return the ids of the communes of that name or INSEE code.

    Accents and capitals are ignored. Where no commune has just that name, those whose
    name begins so are meant.
    """
    wanted, whole, begun = fold(text), [], []
    for pk, code, name in Commune.objects.values_list("pk", "code", "name"):
        folded = fold(name)
        if wanted in {folded, code.lower()}:
            whole.append(pk)
        elif wanted and folded.startswith(wanted):
            begun.append(pk)
    return whole or begun
