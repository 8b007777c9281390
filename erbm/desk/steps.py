"""Where a case is among the five stages of the pipeline."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from flows.stages import Stage

PIPELINE = tuple(s for s in Stage if s not in {Stage.END, Stage.ASIDE})

Status = Literal["done", "current", "todo"]


@dataclass(frozen=True, slots=True)
class Step:
    """One stage as a case has passed it, or has it before itself."""

    label: str
    status: Status
    since: datetime.date | None


def of_case(stage: str, entered: Mapping[str, datetime.date]) -> list[Step]:
    """
    Return the five stages of a case, each with the day it was entered.

    A case that has ended or is suspended stands in no stage: what it has entered
    is done, the rest never was.
    """
    here = PIPELINE.index(Stage(stage)) if stage in PIPELINE else None
    return [
        Step(str(s.label), _status(n, here, s in entered), entered.get(s))
        for n, s in enumerate(PIPELINE)
    ]


def _status(number: int, here: int | None, was_entered: bool) -> Status:
    if here is None:
        return "done" if was_entered else "todo"
    if number == here:
        return "current"
    return "done" if number < here else "todo"
