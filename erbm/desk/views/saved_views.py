"""The questions that a person keeps under a name, and shares with her units."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from erbm.desk import commands
from erbm.desk.forms import InboxFilters, NewViewForm, ViewForm
from erbm.desk.views import inbox
from erbm.held import held_by
from erbm.words import FIXED
from workflow import saved_views
from workflow.models import Membership, SavedView, Unit


@dataclass(frozen=True, slots=True)
class Entry:
    """One view among those of a person, and what she may do with it."""

    view: SavedView
    url: str
    box: str
    words: tuple[str, ...]
    form: ViewForm | None
    is_mine: bool


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the views of a person, those of her units included."""
    return _listed(request)


def save(request: HttpRequest) -> HttpResponse:
    """Keep a question under a name."""
    box, filters = inbox.asked(request.GET)
    form = NewViewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            view = commands.save_view(
                name=form.cleaned_data["name"],
                box=box,
                said=filters.params,
                by=request.user,
                at=timezone.now(),
            )
        except commands.ViewRefused as refused:
            form.add_error("name", str(refused))
        else:
            messages.success(request, f"La vue «{FIXED}{view}{FIXED}» est enregistrée.")
            return redirect(inbox.url_of(view))
    context = {
        "form": form,
        "box": inbox.name_of(box.value),
        "words": [words for words, _ in filters.chosen(inbox.address_of(box, filters))],
        "sorting": filters.sorting(),
        "back": str(inbox.address_of(box, filters)),
    }
    status = 422 if form.errors else 200
    return render(request, "desk/views/save.html", context, status=status)


@require_POST
def revise(request: HttpRequest, view_id: int) -> HttpResponse:
    """Rename a view, or share it."""
    units = _units(held_by(request, timezone.localdate()))
    view = SavedView.objects.filter(pk=view_id).select_related("unit").first()
    form = ViewForm(request.POST, units=_choices(units, view))
    if not form.is_valid():
        return _listed(request, wrong={view_id: form})

    def send() -> str:
        revised = commands.revise_view(
            view_id=view_id,
            name=form.cleaned_data["name"],
            unit_id=form.unit_id,
            by=request.user,
            at=timezone.now(),
        )
        return f"La vue «{FIXED}{revised}{FIXED}» est modifiée."

    return _done(request, send)


@require_POST
def replace(request: HttpRequest, view_id: int) -> HttpResponse:
    """Have a view ask what the page asks now."""
    box, filters = inbox.asked(request.GET)

    def send() -> str:
        view = commands.replace_view(
            view_id=view_id,
            box=box,
            said=filters.params,
            by=request.user,
            at=timezone.now(),
        )
        return f"La vue «{FIXED}{view}{FIXED}» garde ces filtres."

    back = inbox.address_of(box, filters).having(view=str(view_id))
    return _done(request, send, back=str(back))


@require_POST
def delete(request: HttpRequest, view_id: int) -> HttpResponse:
    def send() -> str:
        name = commands.delete_view(view_id=view_id, by=request.user, at=timezone.now())
        return f"La vue «{FIXED}{name}{FIXED}» est supprimée."

    return _done(request, send)


@require_POST
def open_on(request: HttpRequest, view_id: int) -> HttpResponse:
    """Open the inbox on a view."""

    def send() -> str:
        commands.open_on_view(view_id=view_id, by=request.user, at=timezone.now())
        return "Votre boîte de réception s’ouvrira sur cette vue."

    return _done(request, send)


@require_POST
def open_on_none(request: HttpRequest) -> HttpResponse:
    """Open the inbox as it opens of itself."""
    commands.open_on_view(view_id=None, by=request.user, at=timezone.now())
    messages.success(request, "Votre boîte de réception s’ouvrira sur vos tâches.")
    return redirect("views")


def _done(
    request: HttpRequest, send: Callable[[], str], back: str = ""
) -> HttpResponse:
    try:
        messages.success(request, send())
    except commands.ViewNotFound:
        raise Http404 from None
    except commands.ViewRefused as refused:
        messages.warning(request, str(refused))
    return redirect(back or "views")


def _listed(
    request: HttpRequest, wrong: dict[int, ViewForm] | None = None
) -> HttpResponse:
    memberships = held_by(request, timezone.localdate())
    chosen = saved_views.default_of(request.user, memberships)
    found = saved_views.visible_to(request.user, memberships)
    shown = found.select_related("owner", "unit").order_by("name", "pk")
    filters = InboxFilters({})
    entries = [
        _entry(request, view, memberships, filters, (wrong or {}).get(view.pk))
        for view in shown
    ]
    context = {"entries": entries, "chosen": chosen, "inbox_url": reverse("inbox")}
    status = 422 if wrong else 200
    return render(request, "desk/views/index.html", context, status=status)


def _entry(
    request: HttpRequest,
    view: SavedView,
    memberships: list[Membership],
    like: InboxFilters,
    wrong: ViewForm | None,
) -> Entry:
    box, filters = inbox.asked(inbox.query_of(view), like)
    form = wrong
    if form is None and saved_views.may_manage(view, request.user, memberships):
        form = ViewForm(
            initial={"name": view.name, "unit": str(view.unit_id or "")},
            units=_choices(_units(memberships), view),
            auto_id=f"view_{view.pk}_%s",
        )
    return Entry(
        view=view,
        url=inbox.url_of(view),
        box=inbox.name_of(box.value),
        words=tuple(w for w, _ in filters.chosen(inbox.address_of(box, filters))),
        form=form,
        is_mine=view.owner_id == request.user.pk,
    )


def _units(memberships: list[Membership]) -> dict[int, Unit]:
    return {membership.unit_id: membership.unit for membership in memberships}


def _choices(units: dict[int, Unit], view: SavedView | None) -> list[tuple[str, str]]:
    if view is not None and view.unit is not None:
        units = {**units, view.unit.pk: view.unit}
    return [(str(pk), unit.short_name) for pk, unit in units.items()]
