"""The inbox: what waits for a person, box by box."""

import datetime
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm import lists
from erbm.desk import navigation
from erbm.desk.forms import InboxFilters
from erbm.desk.queries.inbox import Inbox
from erbm.forms import new_key
from erbm.held import held_by
from erbm.lists import Address
from workflow import saved_views
from workflow.inbox import Box
from workflow.models import SavedView

LABELS = {
    Box.MINE: "Mes tâches",
    Box.LATER: "Remises",
    Box.UNITS: "Mes services",
    Box.OVERDUE: "En retard",
    Box.FOLLOWED: "Suivies",
    Box.DONE: "Faites",
}
# What has no meaning in a box is not asked there.
MEANINGLESS = {
    Box.FOLLOWED: ("due_from", "due_to", "waiting"),
    Box.DONE: ("sort",),
}
# The boxes whose tasks wait for a move.
MAKES_BATCHES = (Box.MINE, Box.UNITS, Box.OVERDUE)
CAPTIONS = {
    "due": "Les plus urgentes d’abord",
    "waiting": "Celles qui attendent depuis le plus longtemps d’abord",
    "amount": "Les plus gros montants d’abord",
    "priority": "Les plus prioritaires d’abord",
    "stage": "Étape par étape",
    "kind": "Nature par nature",
    "place": "Arrondissement par arrondissement",
}
CAPTIONS_OF_CASES = CAPTIONS | {
    "due": "Les dernières modifiées d’abord",
    "waiting": "Les dernières modifiées d’abord",
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One box, as the others see it."""

    name: str
    label: str
    count: str
    url: str
    is_current: bool
    noun: str = "tâches"


@dataclass(frozen=True, slots=True)
class ViewTab:
    """One saved view: its address is the question that it asks."""

    view: SavedView
    url: str
    is_current: bool
    is_mine: bool
    may_manage: bool


@dataclass(frozen=True, slots=True)
class Nothing:
    """What to say of an empty box, and what one can do about it."""

    title: str
    text: str = ""
    url: str = ""
    action: str = ""


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    filters = InboxFilters(request.GET)
    desk = of(request, filters, timezone.now())
    if not request.GET:
        chosen = saved_views.default_of(desk.by, desk.memberships)
        if chosen is not None:
            return redirect(url_of(chosen))
    box = desk.box(request.GET.get("box", ""))
    address = address_of(box, filters)
    place = lists.place(desk.holds(box), desk.order(box), request.GET)
    page = desk.page(box, size=lists.PAGE_SIZE, **place)
    filters.leave_out(MEANINGLESS.get(box, ()))
    context = {
        "tabs": tabs(desk, box, filters),
        "views": _views(desk, request.GET.get("view", "")),
        "box": box.value,
        "filters": filters,
        "kept": {"box": box.value},
        "chosen": filters.chosen(address),
        "reset_url": str(address_of(box)),
        "page": page,
        "caption": _caption(box, filters),
        "marks": desk.marks(box, page.rows),
        "acting_for": desk.acting_for(box, page.rows),
        "absences": desk.absences,
        "to_prepare": desk.to_prepare,
        "save_url": _save_url(address),
        "export_url": str(Address(reverse("export_tasks"), address.params)),
        "question": urlencode(address.params),
        "return_to": request.get_full_path(),
        "batch_key": new_key() if box in MAKES_BATCHES else "",
        "nothing": None if page.rows else _nothing(desk, box),
        **lists.neighbours(page, address),
    }
    return render(request, "desk/inbox.html", context)


def of(request: HttpRequest, filters: InboxFilters, at: datetime.datetime) -> Inbox:
    """Return the inbox of whoever asks."""
    memberships = held_by(request, timezone.localdate(at))
    return Inbox(request.user, memberships, at, filters.said)


def tabs(desk: Inbox, current: Box, filters: InboxFilters) -> list[Tab]:
    """Return the boxes, with what each would show."""
    return [
        Tab(
            name=box.value,
            label=LABELS[box],
            count=lists.bounded(desk.counts[box]),
            url=str(address_of(box, filters)),
            is_current=box is current,
            noun="opérations" if box is Box.FOLLOWED else "tâches",
        )
        for box in Box
        if box is not Box.LATER or desk.counts[box] or current is box
    ]


def filters_at(address: str) -> tuple[str, InboxFilters]:
    """Read the box and the filters that an address of the inbox holds."""
    query = QueryDict(address.partition("?")[2])
    return query.get("box", ""), InboxFilters(query)


def url_of(view: SavedView) -> str:
    """Return the address of a saved view: that of its question."""
    given = {"box": view.box, **view.said, "view": str(view.pk)}
    return str(Address(reverse("inbox"), given))


def query_of(view: SavedView) -> QueryDict:
    """Return the question of a view as an address would ask it."""
    query = QueryDict(mutable=True)
    query.update({**view.said, "box": view.box})
    return query


def _views(desk: Inbox, current: str) -> list[ViewTab]:
    shown = saved_views.visible_to(desk.by, desk.memberships)
    return [
        ViewTab(
            view,
            url_of(view),
            is_current=str(view.pk) == current,
            is_mine=view.owner_id == desk.by.pk,
            may_manage=saved_views.may_manage(view, desk.by, desk.memberships),
        )
        for view in shown.order_by("name", "pk")
    ]


def address_of(box: Box, filters: InboxFilters | None = None) -> Address:
    """Return where a box is, reduced by filters."""
    params = filters.params if filters else {}
    return Address(reverse("inbox"), {"box": box.value, **params})


def _save_url(address: Address) -> str:
    return str(Address(reverse("save_view"), address.params))


def _caption(box: Box, filters: InboxFilters) -> str:
    sort = filters.said.get("sort") or "due"
    if box is Box.DONE:
        return "Les dernières d’abord"
    return (CAPTIONS_OF_CASES if box is Box.FOLLOWED else CAPTIONS)[sort]


def _nothing(desk: Inbox, box: Box) -> Nothing:
    """Say why a box is empty."""
    if any(name != "sort" for name in desk.said):
        return Nothing(
            "Rien ne répond à ces filtres"
            if box is Box.FOLLOWED
            else "Aucune tâche ne répond à ces filtres",
            url=str(address_of(box)),
            action="Retirer les filtres",
        )
    if not desk.memberships:
        return Nothing(
            "Vous n’appartenez à aucun service",
            "L’administrateur du logiciel peut vous ouvrir des droits.",
        )
    if box not in {Box.FOLLOWED, Box.DONE} and not _are_asked(desk):
        return Nothing(
            "Aucune étape ne demande rien à votre fonction",
            "Suivez les opérations qui vous intéressent : vous les retrouverez ici.",
            reverse("operations:list"),
            "Voir les opérations",
        )
    return _emptiness(box)


def _are_asked(desk: Inbox) -> bool:
    return navigation.are_asked({held.role for held in desk.memberships})


def _emptiness(box: Box) -> Nothing:
    title, text = EMPTY[box]
    if box in {Box.UNITS, Box.FOLLOWED}:
        return Nothing(title, text, reverse("operations:list"), "Voir les opérations")
    way_out = "Voir les tâches de mes services"
    return Nothing(title, text, str(address_of(Box.UNITS)), way_out)


EMPTY: dict[Box, tuple[str, str]] = {
    Box.MINE: (
        "Vous n’avez pris aucune tâche en charge",
        "Prenez-en une dans celles de vos services : elle viendra ici.",
    ),
    Box.LATER: (
        "Vous n’avez remis aucune tâche à plus tard",
        "Une tâche que vous avez en charge peut attendre un jour de votre choix.",
    ),
    Box.UNITS: (
        "Rien n’attend vos services",
        "Une tâche viendra ici dès qu’une opération aura besoin d’eux.",
    ),
    Box.OVERDUE: (
        "Aucune tâche n’est en retard",
        "Toutes les échéances de vos services sont tenues.",
    ),
    Box.FOLLOWED: (
        "Vous ne suivez aucune opération",
        "Suivez-en une depuis sa page ou depuis une liste : elle viendra ici.",
    ),
    Box.DONE: (
        "Vous n’avez encore accompli aucune tâche",
        "Celles que vous accomplirez resteront ici.",
    ),
}


def name_of(box: str) -> str:
    """Name a box as its tab does."""
    return LABELS[Box(box)]


def asked(
    query: QueryDict, like: InboxFilters | None = None
) -> tuple[Box, InboxFilters]:
    """Read the question that an address asks; of the units, if of no box."""
    try:
        box = Box(query.get("box", ""))
    except ValueError:
        box = Box.UNITS
    return box, InboxFilters(query, like=like)
