"""What lists have in common: filters kept in their address, and pages beside a row."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Field, Model, QuerySet

from erbm import words
from workflow.paging import COUNT_UP_TO, Cursor, Order, Page

PAGE_SIZE = 20
BETWEEN = "~"  # stands unescaped in an address
LARGEST_WHOLE = 2**63 - 1  # that a database holds


@dataclass(frozen=True)
class Address:
    """Where a list is, with what it is reduced to."""

    path: str
    params: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.path}?{urlencode(self.params)}" if self.params else self.path

    def having(self, **params: str) -> "Address":
        """Return the same list with other parameters; an empty one is left out."""
        merged = {k: v for k, v in {**self.params, **params}.items() if v}
        return Address(self.path, merged)


class Filters(forms.Form):
    """What a list is reduced to: what makes no sense is said, and left out.

    - `RARE`: those that stay folded until they serve;
    - `SILENT`: those that leave nothing out, such as the order.
    """

    RARE: ClassVar[tuple[str, ...]] = ()
    SILENT: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in self.fields.values():
            one.required = False
            one.template_name = "components/filter.html"  # type: ignore[attr-defined]

    @cached_property
    def said(self) -> dict[str, Any]:
        """The filters in force, by name."""
        self.is_valid()
        return {name: v for name, v in self.cleaned_data.items() if v}

    @property
    def params(self) -> dict[str, str]:
        """The filters in force, as an address holds them."""
        return {name: str(self.data[name]) for name in self.said}

    def usual(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in self.RARE]

    def rare(self) -> list[forms.BoundField]:
        return [self[name] for name in self.RARE]

    def is_unfolded(self) -> bool:
        """Tell whether a rare filter serves, or was refused."""
        return any(name in self.said or name in self.errors for name in self.RARE)

    def chosen(self, address: Address) -> list[tuple[str, str]]:
        """Return the filters in force in words, each with the address without it."""
        return [
            (self.in_words(name), str(address.having(**{name: ""})))
            for name in self.said
            if name not in self.SILENT
        ]

    def in_words(self, name: str) -> str:
        """Say a filter in force."""
        value, asked = self.said[name], self.fields[name]
        if isinstance(asked, forms.ChoiceField):
            return str(dict(asked.choices)[value])  # type: ignore[arg-type]
        if isinstance(value, datetime.date):
            return f"{asked.label} {value:%d/%m/%Y}"
        if isinstance(value, int):
            return f"{asked.label}{words.FIXED}: {value}"
        return f"«{words.FIXED}{value}{words.FIXED}»"


def bounded(number: int) -> str:
    """Write a count that stops at one more than what anybody needs to know."""
    if number > COUNT_UP_TO:
        return f"{words.count(COUNT_UP_TO)}+"
    return words.count(number)


def place(
    rows: "QuerySet[Any]", order: Order, params: Mapping[str, str]
) -> dict[str, Cursor]:
    """Read beside which row an address wants its page; one that lies is ignored."""
    for side in ("after", "before"):
        cursor = _read(params.get(side, ""), order, rows)
        if cursor is not None:
            return {side: cursor}
    return {}


def neighbours(page: "Page[Any]", address: Address) -> dict[str, str]:
    """Return the addresses of the pages around one."""
    return {
        "previous_url": _beside(address, "before", page.previous),
        "next_url": _beside(address, "after", page.next),
    }


def _beside(address: Address, side: str, cursor: Cursor | None) -> str:
    if cursor is None:
        return ""
    return str(address.having(**{side: BETWEEN.join(map(_written, cursor))}))


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime.datetime) else str(value)


def _read(text: str, order: Order, rows: "QuerySet[Any]") -> Cursor | None:
    parts = text.split(BETWEEN)
    if not text or len(parts) != len(order.columns):
        return None
    try:
        return tuple(
            _value(_field(rows, column), part)
            for column, part in zip(order.columns, parts, strict=True)
        )
    except (ValidationError, OverflowError):
        return None


def _field(rows: "QuerySet[Any]", column: str) -> "Field[Any, Any]":
    """Return the field of a column, or of what was computed under its name."""
    if column in rows.query.annotations:
        return rows.query.annotations[column].output_field
    model: type[Model] = rows.model
    *way, name = column.split("__")
    for step in way:
        model = model._meta.get_field(step).related_model  # type: ignore[assignment]
    return model._meta.get_field(name)  # type: ignore[return-value]


def _value(column: "Field[Any, Any]", text: str) -> Any:
    """
    Read a value as a database would take it.

    :raises ValidationError: if it is none
    :raises OverflowError: if no database could hold it
    """
    if "\x00" in text:
        raise ValidationError("NUL")
    value = column.to_python(text)
    if isinstance(value, int) and abs(value) > LARGEST_WHOLE:
        raise OverflowError(text)
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            raise ValidationError("naive")
        value = value.astimezone(datetime.UTC)
    return value
