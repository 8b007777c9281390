"""The inbox: what waits for a person, box by box."""

import datetime
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm import lists, words
from erbm.desk.forms import InboxFilters
from erbm.desk.queries.inbox import Inbox
from erbm.lists import Address
from workflow import inbox
from workflow.inbox import COUNT_UP_TO, Box
from workflow.standing import memberships_of

LABELS = {
    Box.MINE: "Mes tâches",
    Box.UNITS: "Mes services",
    Box.OVERDUE: "En retard",
    Box.DONE: "Faites",
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One box, as the others see it."""

    name: str
    label: str
    count: str
    url: str
    is_current: bool


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
    box = desk.box(request.GET.get("box", ""))
    tasks, address = desk.tasks(box), _address(box, filters)
    place = lists.place(tasks, box.order, request.GET)
    page = inbox.page(tasks, size=lists.PAGE_SIZE, box=box, **place)
    context = {
        "tabs": tabs(desk, box, filters),
        "is_done": box is Box.DONE,
        "filters": filters,
        "kept": {"box": box.value},
        "chosen": filters.chosen(address),
        "reset_url": str(_address(box)),
        "page": page,
        "return_to": request.get_full_path(),
        "nothing": None if page.rows else _nothing(desk, box),
        **lists.neighbours(page, address),
    }
    return render(request, "desk/inbox.html", context)


def of(request: HttpRequest, filters: InboxFilters, at: datetime.datetime) -> Inbox:
    """Return the inbox of whoever asks."""
    memberships = memberships_of(request.user, timezone.localdate(at))
    return Inbox(request.user, memberships, at, filters.said)


def tabs(desk: Inbox, current: Box, filters: InboxFilters) -> list[Tab]:
    """Return the boxes, with what each would show."""
    return [
        Tab(
            name=box.value,
            label=LABELS[box],
            count=_up_to_limit(desk.counts[box]),
            url=str(_address(box, filters)),
            is_current=box is current,
        )
        for box in Box
    ]


def filters_at(address: str) -> tuple[str, InboxFilters]:
    """Read the box and the filters that an address of the inbox holds."""
    query = QueryDict(address.partition("?")[2])
    return query.get("box", ""), InboxFilters(query)


def _address(box: Box, filters: InboxFilters | None = None) -> Address:
    params = filters.params if filters else {}
    return Address(reverse("inbox"), {"box": box.value, **params})


def _up_to_limit(number: int) -> str:
    if number > COUNT_UP_TO:
        return f"{words.count(COUNT_UP_TO)}+"
    return words.count(number)


def _nothing(desk: Inbox, box: Box) -> Nothing:
    """Say why a box is empty."""
    if desk.said:
        return Nothing(
            "Aucune tâche ne répond à ces filtres",
            url=str(_address(box)),
            action="Retirer les filtres",
        )
    if not desk.memberships:
        return Nothing(
            "Vous n’appartenez à aucun service",
            "L’administrateur du logiciel peut vous ouvrir des droits.",
        )
    return _emptiness(box)


def _emptiness(box: Box) -> Nothing:
    way_out = (str(_address(Box.UNITS)), "Voir les tâches de mes services")
    match box:
        case Box.MINE:
            return Nothing(
                "Vous n’avez pris aucune tâche en charge",
                "Prenez-en une dans celles de vos services : elle viendra ici.",
                *way_out,
            )
        case Box.UNITS:
            return Nothing(
                "Rien n’attend vos services",
                "Une tâche viendra ici dès qu’une opération aura besoin d’eux.",
                reverse("operations:list"),
                "Voir les opérations",
            )
        case Box.OVERDUE:
            return Nothing(
                "Aucune tâche n’est en retard",
                "Toutes les échéances de vos services sont tenues.",
                *way_out,
            )
        case Box.DONE:
            return Nothing(
                "Vous n’avez encore accompli aucune tâche",
                "Celles que vous accomplirez resteront ici.",
                *way_out,
            )
