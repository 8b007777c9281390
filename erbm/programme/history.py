"""What the register says of a row of the programme: who changed what, and when."""

import datetime
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from erbm.words import day, money
from workflow.models import Entry, EntryKind


@dataclass(frozen=True, slots=True)
class Changed:
    """One change: what it was, what it became."""

    at: datetime.datetime
    by: Any
    label: str
    before: str
    after: str


def of_row(row: models.Model) -> list[Changed]:
    """Return every change of a row, the latest first."""
    entries = Entry.objects.filter(kind=EntryKind.CONFIGURED)
    named = entries.filter(body__contains=f'"table":"{row._meta.label_lower}"')
    found = named.filter(body__contains=f'"row":{row.pk},').select_related("actor")
    return [
        change
        for entry in found.order_by("-at", "-pk")
        for change in _changes(entry, row)
    ]


def _changes(entry: Entry, row: models.Model) -> Iterator[Changed]:
    facts = json.loads(entry.body)["facts"]
    for name, values in facts["changes"].items():
        if facts["row"] == row.pk and values:
            before, after = (_written(name, value) for value in values)
            yield Changed(entry.at, entry.actor, _label(row, name), before, after)


def _label(row: models.Model, name: str) -> str:
    try:
        field = row._meta.get_field(name)
    except FieldDoesNotExist:  # of a former version of the table
        return name
    return str(getattr(field, "verbose_name", name)).removesuffix(" en centimes")


def _written(name: str, value: Any) -> str:
    if value is None:
        return "–"
    if name.endswith("_cents"):
        return money(int(value))
    if isinstance(value, datetime.date):
        return day(value)
    return str(value)
