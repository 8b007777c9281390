"""The few statements that every decision makes, written once instead of each time.

The ORM takes several times as long to write the SQL of a short statement as the
database takes to run it. What is here keeps the text, and only changes the values.
"""

import copy
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")
Record = TypeVar("Record", bound=Model)


class Slot(Expression):
    """The place of a value in a query that is written before the value is known."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


@dataclass(frozen=True, slots=True)
class _Written(Generic[Row]):
    """What the ORM wrote, and how it reads the answer."""

    queryset: QuerySet[Any, Row]
    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]


class Prepared(Generic[Row]):
    """
    A query whose SQL is written once for each kind of database.

    `write` receives a slot in place of each value, and returns the query. The values
    are numbers, texts and days: what a database takes as it is.
    """

    def __init__(self, write: Callable[..., QuerySet[Any, Row]]) -> None:
        self._write = write
        self._written: dict[str, _Written[Row]] = {}

    def __call__(self, **values: Any) -> list[Row]:
        """Run the query with these values."""
        connection = connections[DEFAULT_DB_ALIAS]
        if connection.vendor not in self._written:
            self._written[connection.vendor] = self._on(connection, values)
        written = self._written[connection.vendor]
        bound = tuple(
            values[param.name] if isinstance(param, Slot) else param
            for param in written.params
        )
        compiler: Any = copy.copy(written.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda: (written.sql, bound)
        queryset: Any = written.queryset.all()
        queryset.query.get_compiler = lambda using: compiler
        return list(queryset)

    def _on(
        self, connection: BaseDatabaseWrapper, values: dict[str, Any]
    ) -> _Written[Row]:
        queryset = self._write(**{name: Slot(name) for name in values})
        compiler = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        return _Written(queryset, compiler, sql, tuple(params))


def insert(records: Iterable[Record]) -> list[Record]:
    """Insert records of one table, in as few statements as the database allows."""
    inserted = list(records)
    if inserted:
        connection = connections[DEFAULT_DB_ALIAS]
        columns = _columns(type(inserted[0]))
        size = connection.ops.bulk_batch_size(columns, inserted)
        for start in range(0, len(inserted), size):
            _insert(connection, columns, inserted[start : start + size])
    return inserted


class _Later:
    """What is to be written at once for several cases: rows, and changes of rows."""

    def __init__(self) -> None:
        self.records: dict[type[Model], list[Model]] = {}
        self.changes: dict[tuple[type[Model], tuple[str, ...]], list[list[Any]]] = {}

    def change(self, records: Sequence[Model], columns: tuple[str, ...]) -> None:
        rows = self.changes.setdefault((type(records[0]), columns), [])
        rows += _rows(records, columns)

    def write(self) -> None:
        for records in self.records.values():
            insert(records)
        for (model, columns), rows in self.changes.items():
            update_each(model, columns, rows)


_later: ContextVar[_Later | None] = ContextVar("later", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Put off what `write` and `update` do, and do it all at once at the end."""
    later = _Later()
    token = _later.set(later)
    try:
        yield
    finally:
        _later.reset(token)
    later.write()


def write(records: Iterable[Model]) -> bool:
    """Insert records that nobody reads back; tell whether there are any."""
    inserted = list(records)
    later = _later.get()
    if later is None:
        insert(inserted)
    else:
        for record in inserted:
            later.records.setdefault(type(record), []).append(record)
    return bool(inserted)


def update(records: Sequence[Model], columns: Iterable[str]) -> None:
    """Write the same columns of records of one table, in one statement if it can be."""
    if not records:
        return
    names = tuple(columns)
    if later := _later.get():
        later.change(records, names)
        return
    rows = _rows(records, names)
    if all(row[1:] == rows[0][1:] for row in rows):
        _update_alike(type(records[0]), names, rows)
    else:
        update_each(type(records[0]), names, rows)


def _update_alike(
    model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Write the columns of rows that all hold the same values, key first."""
    connection, table = connections[DEFAULT_DB_ALIAS], model._meta
    fields: list[Any] = [table.get_field(column) for column in columns]
    values = [
        field.get_db_prep_save(value, connection)
        for field, value in zip(fields, rows[0][1:], strict=True)
    ]
    changes = ", ".join(f'"{field.column}" = %s' for field in fields)
    keys = ", ".join(["%s"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{table.db_table}" SET {changes} '  # noqa: S608
            f'WHERE "{table.pk.column}" IN ({keys})',
            [*values, *(key for key, *_ in rows)],
        )


def _rows(records: Sequence[Model], columns: Sequence[str]) -> list[list[Any]]:
    """Return what `update_each` takes: the key of each record, then its values."""
    table = records[0]._meta
    fields: list[Any] = [table.pk, *(table.get_field(name) for name in columns)]
    return [[getattr(record, f.attname) for f in fields] for record in records]


def update_each(
    model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Write the columns of rows that each hold their own values, key first."""
    connection, table = connections[DEFAULT_DB_ALIAS], model._meta
    fields: list[Any] = [table.pk, *(table.get_field(column) for column in columns)]
    names = ", ".join(f'"{field.column}"' for field in fields)
    changes = ", ".join(f'"{f.column}" = "new"."{f.column}"' for f in fields[1:])
    size = connection.ops.bulk_batch_size(fields, list(rows))
    with connection.cursor() as cursor:
        for start in range(0, len(rows), size):
            values = [
                [
                    field.get_db_prep_save(value, connection)
                    for field, value in zip(fields, row, strict=True)
                ]
                for row in rows[start : start + size]
            ]
            listed, params = _listed(fields, values, connection)
            cursor.execute(
                f'WITH "new" ({names}) AS ({listed}) '  # noqa: S608
                f'UPDATE "{table.db_table}" SET {changes} FROM "new" '
                f'WHERE "{table.db_table}"."{table.pk.column}" = '
                f'"new"."{table.pk.column}"',
                params,
            )


FEW = 4
"""Up to as many rows are listed one by one everywhere."""


def _listed(
    fields: Sequence["Field[Any, Any]"],
    rows: Sequence[Sequence[Any]],
    connection: BaseDatabaseWrapper,
) -> tuple[str, list[Any]]:
    """
    Write rows as a query, with what it is given.

    PostgreSQL takes many rows as one array for each column: to find the place of each
    value in a long statement takes its driver longer than to make the rows.
    """
    if connection.vendor != "postgresql" or len(rows) <= FEW:
        row = f"({', '.join(_cell(field, connection) for field in fields)})"
        listed = ", ".join([row] * len(rows))
        return f"VALUES {listed}", [value for values in rows for value in values]
    arrays = ", ".join(f"{_cell(field, connection)}[]" for field in fields)
    names = ", ".join(f'"{field.column}"' for field in fields)
    listed = (
        f"SELECT {names} FROM unnest({arrays}) WITH ORDINALITY "  # noqa: S608
        f'AS "listed" ({names}, "rank in the list") ORDER BY "rank in the list"'
    )
    return listed, [list(column) for column in zip(*rows, strict=True)]


def _cell(field: "Field[Any, Any]", connection: BaseDatabaseWrapper) -> str:
    """Return the place of a value, with its type for databases that ask for one."""
    if connection.vendor != "postgresql":
        return "%s"
    # Without its length, which would cut a text short instead of refusing it.
    return f"%s::{str(field.db_type(connection)).partition('(')[0]}"


def _insert(
    connection: BaseDatabaseWrapper,
    columns: Sequence["Field[Any, Any]"],
    records: Sequence[Model],
) -> None:
    rows = [
        [
            column.get_db_prep_save(column.pre_save(record, True), connection)
            for column in columns
        ]
        for record in records
    ]
    sql, values = _insertion(type(records[0]), columns, rows, connection)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        given = cursor.fetchall() if cursor.description else []
    for record, (key,) in zip(records, given, strict=False):
        record.pk = key
    for record in records:
        record._state.adding, record._state.db = False, connection.alias


@functools.cache
def _columns(model: type[Model]) -> list["Field[Any, Any]"]:
    """Return the columns that we give; the database gives the others."""
    table = model._meta
    return [
        field
        for field in table.local_concrete_fields
        if field is not table.auto_field and not field.generated
    ]


def _insertion(
    model: type[Model],
    columns: Sequence["Field[Any, Any]"],
    rows: Sequence[Sequence[Any]],
    connection: BaseDatabaseWrapper,
) -> tuple[str, list[Any]]:
    listed, values = _listed(columns, rows, connection)
    table = model._meta
    names = ", ".join(f'"{column.column}"' for column in columns)
    given = f' RETURNING "{table.pk.column}"' if table.auto_field else ""
    return f'INSERT INTO "{table.db_table}" ({names}) {listed}{given}', values
