"""The addresses that the cases of every procedure have."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, path

import erbm.converters  # noqa: F401
from erbm.cases.rooms import Room
from erbm.cases.views import clocks, conflicts, drafts, moves, receipts, trails

View = Callable[..., HttpResponse]

PAGES: tuple[tuple[str, View, str], ...] = (
    ("<id:pk>/journal/", trails.trail, "trail"),
    ("<id:pk>/parcours/", trails.path, "path"),
    ("<id:pk>/au/", trails.as_of, "as_of"),
    ("<id:pk>/gestes/<slug:name>/", moves.move, "move"),
    ("<id:pk>/gestes/<slug:name>/brouillon/", drafts.save, "draft_save"),
    (
        "<id:pk>/gestes/<slug:name>/brouillon/effacer/",
        drafts.discard,
        "draft_discard",
    ),
    ("<id:pk>/taches/<id:task_id>/delai/", clocks.turn, "clock"),
    ("<id:pk>/conflits/declarer/", conflicts.declare, "conflict_declare"),
    ("<id:pk>/conflits/<id:user_id>/lever/", conflicts.lift, "conflict_lift"),
)


def of(room: Room) -> list[URLPattern]:
    """Return the addresses of a room, but for its first page, which is its own."""
    said: dict[str, Any] = {"room": room}
    return [path(route, view, said, name=name) for route, view, name in PAGES]


urlpatterns = [
    path("recus/<str:reference>/<id:seq>/", receipts.show, name="receipt"),
]
