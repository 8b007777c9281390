"""How a table is made to match the reference data that the package ships."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.db.models import Model

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Loaded:
    """How much of a table had to change to match the reference."""

    label: str
    total: int
    added: int
    changed: int


def read(path: Path) -> list[dict[str, str]]:
    """Read a table of the package."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def is_yes(cell: str) -> bool:
    return cell == "oui"


def synchronise(
    wanted: Sequence[Row], *, key: str, refreshed: Iterable[str] = ()
) -> Loaded:
    """
    Add the rows that are missing, by their key, and refresh some columns of the others.

    The columns that are not refreshed belong to whoever edited them since.
    """
    model = type(wanted[0])
    columns = tuple(refreshed)
    known = {getattr(row, key): row for row in model._default_manager.all()}
    missing = [row for row in wanted if getattr(row, key) not in known]
    stale = []
    for row in wanted:
        stored = known.get(getattr(row, key))
        if stored is not None and _copy(row, stored, columns):
            stale.append(stored)
    model._default_manager.bulk_create(missing, batch_size=1000)
    if stale:
        model._default_manager.bulk_update(stale, columns, batch_size=500)
    label = str(model._meta.verbose_name_plural)
    return Loaded(label, len(wanted), len(missing), len(stale))


def _copy(source: Model, target: Model, columns: Iterable[str]) -> bool:
    """Bring columns of one row to another; tell whether any differed."""
    differing = [c for c in columns if getattr(source, c) != getattr(target, c)]
    for column in differing:
        setattr(target, column, getattr(source, column))
    return bool(differing)


def ids(model: type[Model], key: str) -> dict[str, Any]:
    """Return the primary keys of a table, by another of its columns."""
    return dict(model._default_manager.values_list(key, "pk"))
