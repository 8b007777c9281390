"""Read a list by pages that begin beside a row, however deep in the list it lies."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)

COUNT_UP_TO = 1_000
"""From here on, nobody needs to know how many there are."""

Cursor = tuple[Any, ...]
"""The place of a row in an order: its value in each of the order's columns."""


@dataclass(frozen=True, slots=True)
class Order:
    """The columns a list is sorted by, never null; the last one is the key."""

    columns: tuple[str, ...]
    descending: bool = False

    def reversed(self) -> "Order":
        return Order(self.columns, not self.descending)

    def terms(self) -> list[str]:
        """Return what `order_by` takes."""
        return [f"-{c}" if self.descending else c for c in self.columns]

    def cursor(self, row: Model) -> Cursor:
        """Return the place of a row."""
        return tuple(
            functools.reduce(getattr, column.split("__"), row)
            for column in self.columns
        )

    def beyond(self, cursor: Cursor) -> Q:
        """Keep the rows that come after a place."""
        after = "lt" if self.descending else "gt"
        condition = Q(pk__in=[])
        for column, value in zip(self.columns[::-1], cursor[::-1], strict=True):
            tied = Q(**{column: value}) & condition
            condition = Q(**{f"{column}__{after}": value}) | tied
        # Implied by the rest, but only this says where an index is entered.
        return Q(**{f"{self.columns[0]}__{after}e": cursor[0]}) & condition


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list, and the places beside which their neighbours lie."""

    rows: Sequence[Row]
    previous: Cursor | None = None
    next: Cursor | None = None


def read(
    rows: QuerySet[Row],
    order: Order,
    *,
    size: int,
    after: Cursor | None = None,
    before: Cursor | None = None,
    parts: Sequence[QuerySet[Row]] = (),
) -> Page[Row]:
    """
    Read the page that follows a place, or the one that precedes it, or the first.

    `parts` are lists of which the rows are the union, and each of which an index
    sorts: no index sorts all of them at once.

    A page that turns out empty, or short at the head of the list, because rows have
    gone since, gives way to the first one.
    """
    if after is not None:
        found = _some(rows, order, size, parts, order.beyond(after))
        if found:
            return _page(found[:size], order, before=True, after=len(found) > size)
    elif before is not None:
        back = order.reversed()
        found = _some(rows, back, size, parts, back.beyond(before))
        if len(found) >= size:
            shown = found[:size][::-1]
            return _page(shown, order, before=len(found) > size, after=True)
    found = _some(rows, order, size, parts)
    return _page(found[:size], order, before=False, after=len(found) > size)


def _some(
    rows: QuerySet[Row],
    order: Order,
    size: int,
    parts: Sequence[QuerySet[Row]],
    beyond: Q | None = None,
) -> list[Row]:
    """Read a page, and one more row to know whether there is another page."""
    features = connections[DEFAULT_DB_ALIAS].features
    terms, there = order.terms(), beyond or Q()
    if len(parts) > 1 and features.supports_slicing_ordering_in_compound:
        first, *others = (
            part.filter(there).order_by(*terms).values_list(*order.columns)[: size + 1]
            for part in parts
        )
        places = first.union(*others).order_by(*terms)[: size + 1]
        rows = rows.filter(pk__in=[place[-1] for place in places])
        return list(rows.order_by(*terms))
    return list(rows.filter(there).order_by(*terms)[: size + 1])


def _page(rows: Sequence[Row], order: Order, *, before: bool, after: bool) -> Page[Row]:
    return Page(
        rows,
        previous=order.cursor(rows[0]) if before else None,
        next=order.cursor(rows[-1]) if after else None,
    )


def count(rows: "QuerySet[Any]") -> int:
    """Count up to `COUNT_UP_TO`, and say one more when there are more."""
    return counts([[rows]])[0]


def counts(lists: Sequence[Sequence["QuerySet[Any]"]]) -> list[int]:
    """
    Count several lists with one statement, each up to `COUNT_UP_TO` and one more.

    A list is given as its parts, which have no row in common.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    terms, params = [], []
    for number, parts in enumerate(lists):
        first, *others = (part.order_by().values("pk") for part in parts)
        some = first.union(*others, all=True) if others else first
        try:
            compiler = some[: COUNT_UP_TO + 1].query.get_compiler(connection=connection)
            sql, given = compiler.as_sql()
        except EmptyResultSet:
            terms.append("0")
            continue
        terms.append(f"(SELECT COUNT(*) FROM ({sql}) list_{number})")  # noqa: S608
        params += given
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(terms)}", params)
        return list(cursor.fetchone())
