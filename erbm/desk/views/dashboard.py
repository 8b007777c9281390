"""The dashboard of the direction: figures, and the lists that they open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from erbm import charts, words
from erbm.delivery.figures import TARGET, TARGET_DATE, TARGET_SOURCE
from erbm.desk import navigation
from erbm.desk.forms import PipelineFilters
from erbm.desk.queries import dwellings, operations
from erbm.desk.queries.dashboard import Budget, Dashboard, Node
from erbm.desk.queries.operations import IDLE
from erbm.desk.steps import PIPELINE
from erbm.desk.views import pipeline
from erbm.desk.views.access import only_for
from erbm.held import held_by
from erbm.lists import Address
from erbm.programme.schemes import Scheme
from flows.operation import State


@dataclass(frozen=True, slots=True)
class Linked:
    """A number under its name, and the list that it is the count or the sum of."""

    label: str
    number: int
    url: str
    part: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Numbers under a name, as a row of a table."""

    label: str
    cells: Sequence[Linked]


@dataclass(frozen=True, slots=True)
class Place:
    """Where one waits the longest, and the lists of what waits there."""

    node: Node
    url: str
    late_url: str
    process_url: str


@dataclass(frozen=True, slots=True)
class Spent:
    """What became of the credits of a scheme, and the list of its envelopes."""

    scheme: Scheme
    totals: Mapping[str, int]
    used: Fraction
    url: str


@require_safe
@only_for(navigation.DIRECTION)
def show(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    memberships = held_by(request, timezone.localdate(at))
    filters = PipelineFilters(request.GET)
    board = Dashboard(memberships, filters.said, at)
    behind = Address(reverse("operations:list"), filters.params)
    context = {
        "filters": filters,
        "chosen": filters.chosen(Address(request.path, filters.params)),
        "reset_url": request.path,
        "at": at,
        "tiles": _tiles(board, behind),
        **pipeline.tables(board.pipeline, behind),
        **_dwellings(board, behind),
        **_waits(board, behind),
        **_ageing(board, behind),
        **_sittings(board),
        **_money(board),
    }
    return render(request, "desk/dashboard.html", context)


def _tiles(board: Dashboard, behind: Address) -> list[Linked]:
    questions = {
        "Opérations en cours": {"stage": operations.RUNNING},
        "En retard": {"late": "1"},
        "À arbitrer": {"state": State.ARBITRATION.value},
        "Soumises au COPIL": {"state": State.AWAITING_COPIL.value},
    }
    return [
        Linked(label, board.having(**asked).count(), str(behind.having(**asked)))
        for label, asked in questions.items()
    ]


def _dwellings(board: Dashboard, behind: Address) -> dict[str, Any]:
    measures = [
        Linked(
            measure.label,
            board.measured[name],
            str(behind.having(dwellings=name)),
            Fraction(board.measured[name], TARGET),
        )
        for name, measure in dwellings.MEASURES.items()
    ]
    shown = [(one.label, one.number) for one in measures]
    return {
        "target": TARGET,
        "target_source": TARGET_SOURCE,
        "target_date": TARGET_DATE,
        "measures": measures,
        "measures_picture": charts.bars(
            f"Logements, sur les {words.count(TARGET)} de l’objectif",
            shown,
            whole=TARGET,
        ),
        "forecasts": [
            (
                one,
                Fraction(one.delivered_by_then, TARGET),
                str(behind.having(ends_in=one.code)),
            )
            for one in board.expected
        ],
    }


def _waits(board: Dashboard, behind: Address) -> dict[str, Any]:
    kept = {"jurisdiction": behind.params.get("jurisdiction", "")}
    shown = [(node.title, node.figure.median or 0) for node in board.nodes]
    return {
        "waits": [_place(node, behind, kept) for node in board.nodes],
        "waits_picture": _picture("Attente médiane, en jours ouvrés", shown),
    }


def _place(node: Node, behind: Address, kept: dict[str, str]) -> Place:
    there = behind.having(kind=node.process, step=node.step)
    page = Address(reverse("process", args=[node.process])).having(**kept)
    return Place(node, str(there), str(there.having(late="1")), str(page))


def _ageing(board: Dashboard, behind: Address) -> dict[str, Any]:
    lines = [
        Line(
            str(stage.label),
            [
                Linked(
                    f"Plus de {days} jours",
                    number,
                    str(behind.having(stage=stage, idle=str(days))),
                )
                for days, number in zip(IDLE, board.ageing[stage], strict=True)
            ],
        )
        for stage in PIPELINE
    ]
    shown = [(line.label, line.cells[1].number) for line in lines]
    title = f"Opérations sans changement depuis plus de {IDLE[1]} jours"
    return {
        "idle": IDLE,
        "ageing": lines,
        "ageing_title": title,
        "ageing_picture": _picture(title, shown),
    }


def _sittings(board: Dashboard) -> dict[str, Any]:
    since, until = board.month
    month = Address(reverse("committees:list")).having(
        since=str(since),
        until=str(until),
        jurisdiction=board.said.get("jurisdiction", ""),
    )
    return {
        "month": since,
        "sittings": board.sittings,
        "sittings_tile": Linked("Séances", len(board.sittings), str(month)),
    }


def _money(board: Dashboard) -> dict[str, Any]:
    budget: Budget = board.budget
    listed = Address(reverse("programme:envelopes")).having(
        annee=str(budget.year or ""), ressort=board.said.get("jurisdiction", "")
    )
    rows = [
        Spent(
            scheme, dict(totals), _used(totals), str(listed.having(dispositif=scheme))
        )
        for scheme, totals in budget.spent.items()
    ]
    shown = [(str(row.scheme.label), round(row.used * 100)) for row in rows]
    return {
        "budget": budget,
        "spent": rows,
        "spent_picture": charts.bars(
            "Part des crédits réservée ou attribuée, en %", shown, whole=100
        ),
    }


def _used(totals: Mapping[str, int]) -> Fraction:
    """Return which part of the credits is set aside for an operation, or awarded."""
    used = totals["reserved_cents"] + totals["awarded_cents"]
    return Fraction(used, totals["granted_cents"] or 1)


def _picture(title: str, shown: Sequence[tuple[str, int]]) -> SafeString | str:
    """Draw bars, unless there is nothing to see."""
    return charts.bars(title, shown) if any(number for _, number in shown) else ""
