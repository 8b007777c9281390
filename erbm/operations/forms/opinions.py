"""The form of an opinion: its direction, its conditions with their days, a file."""

import datetime
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from django import forms

from erbm.cases.sayings import MoveForm
from erbm.fields import DayField
from erbm.operations.forms import FileForm
from flows.hearings import (
    LONGEST_CONDITION,
    Demand,
    Unreadable,
    demands_in,
    written,
)


class OpinionForm(FileForm, MoveForm):
    """An opinion: its direction, reservations, conditions with their days, a file."""

    def __init__(self, *args: Any, on: datetime.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on
        del self.fields["conditions"]
        file = self.fields["file"]
        file.required = file.widget.is_required = False
        file.label = "Lettre ou rapport"
        begun = demands_begun(self.initial.get("conditions", ""))
        for row, (due_on, wording) in enumerate(zip(*ROWS, strict=True)):
            self.fields[wording] = forms.CharField(
                label=f"Condition {row + 1}",
                required=False,
                max_length=LONGEST_CONDITION,
            )
            self.fields[due_on] = DayField(label="À remplir avant le", required=False)
            if row < len(begun):
                self.initial.setdefault(wording, begun[row].wording)
                self.initial.setdefault(due_on, begun[row].due_on)
        self.order_fields(["direction", "opinion", *map_rows(), "file"])

    @property
    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The conditions, each with its day."""
        return [(self[wording], self[day]) for day, wording in zip(*ROWS, strict=True)]

    @property
    def before_rows(self) -> list[forms.BoundField]:
        return [self[name] for name in ("direction", "opinion")]

    @property
    def after_rows(self) -> list[forms.BoundField]:
        return [self[name] for name in ("file", "effective_on")]

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        demands = list(self._demands())
        said["conditions"] = written(demands)
        return said

    def _demands(self) -> Iterator[Demand]:
        for day, wording in zip(*ROWS, strict=True):
            due_on = self.cleaned_data.get(day)
            text = " ".join(self.cleaned_data.get(wording, "").split())
            if text and due_on is None and day not in self.errors:
                self.add_error(day, "Dites pour quel jour.")
            elif due_on and not text and wording not in self.errors:
                self.add_error(wording, "Dites ce qui est demandé pour ce jour.")
            elif due_on and due_on <= self.on:
                self.add_error(day, "Une condition se remplit après l’avis.")
            elif due_on:
                yield Demand(due_on, text)


MOST_ROWS = 6
ROWS = (
    [f"condition_{row}_due_on" for row in range(1, MOST_ROWS + 1)],
    [f"condition_{row}" for row in range(1, MOST_ROWS + 1)],
)


def map_rows() -> list[str]:
    """Name the fields of the conditions, in the order in which they are read."""
    return [name for pair in zip(ROWS[1], ROWS[0], strict=True) for name in pair]


def demands_begun(text: str) -> list[Demand]:
    """Read the conditions of a draft: none if what was typed says none."""
    try:
        return demands_in(text)
    except Unreadable:
        return []


def conditions_typed(typed: Mapping[str, str]) -> str:
    """Write as one text the conditions of a form that is still being filled in."""
    days = [typed.get(name, "") for name in ROWS[0]]
    wordings = [" ".join(typed.get(name, "").split()) for name in ROWS[1]]
    lines = []
    for day, wording in zip(days, wordings, strict=True):
        with suppress(ValueError):
            due_on = datetime.date.fromisoformat(day)
            lines += [Demand(due_on, wording)] if wording else []
    return written(lines)
