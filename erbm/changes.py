"""What the administration changes, as the register keeps it: before, and after."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

from workflow.models import EntryKind
from workflow.trail import register

Values = Mapping[str, Any]
APART = (models.CharField, models.TextField)
"""What these hold may be a name, unless it is chosen in a list: it is kept apart."""
NEVER = frozenset({"password"})


def values_of(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """Read what a row holds now: references for what it refers to."""
    found = {}
    for name in names:
        field = row._meta.get_field(name)
        if isinstance(field, models.ManyToManyField):
            found[name] = sorted(getattr(row, name).values_list("pk", flat=True))
        elif isinstance(field, models.Field) and name not in NEVER:
            found[name] = field.value_from_object(row)
    return found


def note(
    row: models.Model,
    before: Values,
    after: Values,
    *,
    listed: Iterable[str] = (),
    by: Any,
    at: datetime.datetime,
) -> None:
    """
    Write what was changed of a row: nothing if nothing was.

    `listed`: the columns whose values are chosen in a list, and name nobody.
    """
    plain: dict[str, Any] = {}
    texts: dict[str, str] = {}
    for name in sorted({**before, **after}):
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        if _is_apart(row._meta.get_field(name)) and name not in listed:
            plain[name] = None
            texts |= {f"{name}.before": _told(was), f"{name}.after": _told(now)}
        else:
            plain[name] = [_plain(was), _plain(now)]
    if not plain and before and after:
        return
    deed = "change" if before and after else "add" if after else "delete"
    register.enter(
        EntryKind.CONFIGURED,
        by=by,
        at=at,
        facts={
            "table": row._meta.label_lower,
            "row": row.pk,
            "deed": deed,
            "changes": plain,
        },
        texts=texts,
    )


def _is_apart(field: Any) -> bool:
    return isinstance(field, APART) and not field.choices


def _told(value: Any) -> str:
    return "" if value is None else str(value)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str | list | datetime.date):
        return value
    return str(value)
