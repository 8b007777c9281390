"""The pipeline: how far all the operations have come, and for how much."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm.desk.forms import PipelineFilters
from erbm.desk.queries import operations
from erbm.desk.queries.pipeline import Figure, Pipeline, pipeline_of
from erbm.desk.steps import PIPELINE
from erbm.held import held_by
from erbm.lists import Address
from flows.stages import Stage


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure, and the list of the operations behind it."""

    label: str
    figure: Figure
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one territory, stage by stage, then together."""

    label: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Bar:
    """One stage, and its share of the largest in hundredths."""

    cell: Cell
    share: int


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    memberships = held_by(request, timezone.localdate())
    filters = PipelineFilters(request.GET)
    pipeline = pipeline_of(operations.known(memberships, filters.said, timezone.now()))
    address = Address(request.path, filters.params)
    behind = Address(reverse("operations:list"), filters.params)
    context = {
        "filters": filters,
        "chosen": filters.chosen(address),
        "reset_url": request.path,
        **tables(pipeline, behind),
        "beside": [
            _cell(stage, pipeline.of_stage(stage), behind)
            for stage in (Stage.ASIDE, Stage.END)
        ],
    }
    return render(request, "desk/pipeline.html", context)


def tables(pipeline: Pipeline, behind: Address) -> dict[str, Any]:
    """Return the figures by stage and by territory, each with its list."""
    totals = list(_totals(pipeline, behind))
    return {
        "stages": PIPELINE,
        "rows": _rows(pipeline, behind),
        "totals": totals,
        "bars": _bars(totals[:-1]),
    }


def _rows(pipeline: Pipeline, behind: Address) -> list[Row]:
    return [
        Row(
            name,
            [
                *(_cell(stage, pipeline.at(code, stage), there) for stage in PIPELINE),
                _together(pipeline.of_jurisdiction(code), there),
            ],
        )
        for code, name in pipeline.names.items()
        for there in (behind.having(jurisdiction=code),)
    ]


def _totals(pipeline: Pipeline, behind: Address) -> Iterator[Cell]:
    for stage in PIPELINE:
        yield _cell(stage, pipeline.of_stage(stage), behind)
    yield _together(pipeline.total(), behind)


def _cell(stage: Stage, figure: Figure, behind: Address) -> Cell:
    return Cell(str(stage.label), figure, str(behind.having(stage=stage)))


def _together(figure: Figure, behind: Address) -> Cell:
    return Cell("Total", figure, str(behind.having(stage=operations.RUNNING)))


def _bars(cells: Sequence[Cell]) -> list[Bar]:
    """Draw amounts: the largest is full, one that is not nil can be seen."""
    largest = max(cell.figure.cents for cell in cells) or 1
    return [Bar(cell, -(-cell.figure.cents * 100 // largest)) for cell in cells]
