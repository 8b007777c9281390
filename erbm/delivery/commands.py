"""What a person can do with the works: keep their calendar, show them."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile

from erbm.delivery.models import Phase, Photo
from erbm.operations import filing
from erbm.operations.models import DocumentKind, Operation
from flows import edits
from flows.operation import State
from workflow import engine, refused
from workflow.deadlines import local_day
from workflow.engine import MoveRefused, Receipt, StaleCase
from workflow.process import Process
from workflow.refusals import Ground, Refusal

__all__ = ["MoveRefused", "NewPhoto", "Planned", "Receipt", "StaleCase"]

MOST_PHASES = 30


@dataclass(frozen=True, slots=True)
class Planned:
    """One phase of the works, or one milestone when nothing says that it begins."""

    name: str
    planned_to: datetime.date
    planned_from: datetime.date | None = None
    dwellings: int | None = None
    forecast_to: datetime.date | None = None
    actual_from: datetime.date | None = None
    actual_to: datetime.date | None = None

    @property
    def plan(self) -> tuple[Any, ...]:
        """What does not change once the works have begun."""
        return (self.name, self.dwellings, self.planned_from, self.planned_to)


def keep_schedule(
    *,
    operation_id: int,
    process: Process,
    phases: Sequence[Planned],
    seen: int,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Replace the calendar of the works; what was planned stays once they have begun.

    :raises StaleCase: if the operation has changed since the person saw it
    :raises MoveRefused: if the person may not, or a day makes no sense
    """

    def change(operation: Operation) -> engine.Noted:
        before = list(operation.phases.all())
        if found := list(_absurd(operation, before, phases, local_day(at))):
            raise MoveRefused(found)
        return _replaced(operation, before, phases)

    amendment = engine.Amendment(edits.KEEP_SCHEDULE, by, at, seen, key)
    with refused.kept(amendment.edit.name, by=by, at=at, pk=operation_id):
        return engine.amend(process, operation_id, amendment, change)


def _absurd(
    operation: Operation,
    before: Sequence[Phase],
    phases: Sequence[Planned],
    today: datetime.date,
) -> Iterator[Refusal]:
    if len(phases) > MOST_PHASES:
        yield Refusal(Ground.INPUT, f"{MOST_PHASES} phases au plus.")
    for one in phases:
        yield from _out_of_order(one, today)
    if operation.case.state != State.IN_PROGRESS:
        return
    kept = {one.plan for one in phases}
    for phase in before:
        if _as_planned(phase).plan not in kept:
            yield Refusal(
                Ground.REQUIREMENT,
                f"« {phase} » : les travaux ont commencé, ce qui était prévu ne "
                "change plus ; annoncez une autre fin.",
            )


def _out_of_order(one: Planned, today: datetime.date) -> Iterator[Refusal]:
    said = f"« {one.name} » : "
    if one.planned_from and one.planned_to < one.planned_from:
        yield Refusal(Ground.INPUT, f"{said}la fin prévue vient avant le début.")
    if one.actual_from and one.actual_to and one.actual_to < one.actual_from:
        yield Refusal(Ground.INPUT, f"{said}elle se termine avant de commencer.")
    if any(day and day > today for day in (one.actual_from, one.actual_to)):
        yield Refusal(Ground.INPUT, f"{said}ce qui est fait ne l’est pas demain.")


def _as_planned(phase: Phase) -> Planned:
    return Planned(
        name=phase.name,
        planned_to=phase.planned_to,
        planned_from=phase.planned_from,
        dwellings=phase.dwellings,
        forecast_to=phase.forecast_to,
        actual_from=phase.actual_from,
        actual_to=phase.actual_to,
    )


def _replaced(
    operation: Operation, before: Sequence[Phase], phases: Sequence[Planned]
) -> engine.Noted:
    operation.phases.all().delete()
    after = Phase.objects.bulk_create(
        Phase(
            operation=operation,
            rank=rank,
            name=one.name,
            dwellings=one.dwellings,
            planned_from=one.planned_from,
            planned_to=one.planned_to,
            forecast_to=one.forecast_to,
            actual_from=one.actual_from,
            actual_to=one.actual_to,
        )
        for rank, one in enumerate(phases, 1)
    )
    return engine.Noted(
        facts={
            "schedule": [[one.noted for one in before], [one.noted for one in after]]
        },
        texts={
            "schedule.before": "\n".join(one.name for one in before),
            "schedule.after": "\n".join(one.name for one in after),
        },
    )


@dataclass(frozen=True, slots=True)
class NewPhoto:
    """A photograph to join, already found to be one."""

    caption: str
    taken_on: datetime.date
    file: "UploadedFile[bytes]"
    content_type: str


def add_photo(
    *,
    operation_id: int,
    process: Process,
    photo: NewPhoto,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Join a photograph of the works, and note its SHA-256 in the trail.

    :raises MoveRefused: if the person may not join one in this state, or it would
        have been taken tomorrow
    """
    with filing.stored(photo.file) as stored:

        def change(operation: Operation) -> engine.Noted:
            if photo.taken_on > local_day(at):
                raise MoveRefused([_not_yet_taken()])
            document = filing.joined(
                operation,
                photo.file,
                stored,
                kind=DocumentKind.PHOTO,
                title=photo.caption,
                content_type=photo.content_type,
                by=by,
                at=at,
            )
            Photo.objects.create(document=document, taken_on=photo.taken_on)
            return filing.noted(document)

        amendment = engine.Amendment(edits.ADD_DOCUMENT, by, at, None, key)
        with refused.kept(amendment.edit.name, by=by, at=at, pk=operation_id):
            return engine.amend(process, operation_id, amendment, change)


def _not_yet_taken() -> Refusal:
    return Refusal(
        Ground.INPUT, "Une photographie n’est pas prise demain.", field="taken_on"
    )
