"""Questions that people keep under a name, for themselves or for a unit.

A view stores a question and never its answer: who opens one finds what her own rights
give, whoever wrote it.
"""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from workflow.deadlines import LOCAL
from workflow.inbox import Box
from workflow.models import DefaultView, Membership, SavedView
from workflow.standing import memberships_of, one_at_a_time

MOST_VIEWS = 30
LONGEST_NAME = 60  # what its column holds
LONGEST_WORDS = 200


class ViewNotFound(LookupError):
    """There is no such view, or it is neither the person's nor her units'."""


class ViewRefused(Exception):
    """The view is not kept as asked; the message says why."""


def visible_to(by: Any, memberships: Iterable[Membership]) -> QuerySet[SavedView]:
    """Return the views of a person, and those shared with her units."""
    units = {membership.unit_id for membership in memberships}
    return SavedView.objects.filter(Q(owner=by) | Q(unit__in=units))


def may_manage(view: SavedView, by: Any, memberships: Iterable[Membership]) -> bool:
    """Tell whether a person may change a view: its author, or the head of its unit."""
    headed: set[int | None] = {h.unit_id for h in _own(memberships) if h.is_head}
    return view.owner_id == by.pk or view.unit_id in headed


def save(
    *, name: str, box: Box, said: Mapping[str, str], by: Any, at: datetime.datetime
) -> SavedView:
    """
    Keep a question under a name, for oneself.

    :raises ViewRefused: if the name is taken or missing, or there are too many views
    """
    one_at_a_time(by)
    mine = SavedView.objects.filter(owner=by)
    if mine.count() >= MOST_VIEWS:
        raise ViewRefused(f"Vous avez déjà {MOST_VIEWS} vues : supprimez-en une.")
    view = SavedView(owner=by, name=_named(name, mine))
    view.box, view.said = box.value, _short(said)
    view.save()
    return view


def replace(
    *,
    view_id: int,
    box: Box,
    said: Mapping[str, str],
    by: Any,
    at: datetime.datetime,
) -> SavedView:
    """
    Have a view ask another question.

    :raises ViewNotFound: if the person may not know of it
    :raises ViewRefused: if it is not hers to change
    """
    view, _ = _managed(view_id, by, at)
    view.box, view.said = box.value, _short(said)
    view.save(update_fields=["box", "said"])
    return view


def revise(
    *, view_id: int, name: str, unit_id: int | None, by: Any, at: datetime.datetime
) -> SavedView:
    """
    Rename a view, and share it with a unit or with nobody.

    :raises ViewNotFound: if the person may not know of it
    :raises ViewRefused: if it is not hers to change, the name is taken or missing, or
        she is not in the unit
    """
    view, memberships = _managed(view_id, by, at)
    one_at_a_time(view.owner)
    others = SavedView.objects.filter(owner=view.owner_id).exclude(pk=view.pk)
    view.name = _named(name, others)
    mine = {membership.unit_id for membership in _own(memberships)}
    if unit_id not in {None, view.unit_id, *mine}:
        raise ViewRefused(
            "Une vue ne se partage qu’avec un service dont on est membre."
        )
    view.unit_id = unit_id
    view.save(update_fields=["name", "unit"])
    return view


def delete(*, view_id: int, by: Any, at: datetime.datetime) -> str:
    """
    Delete a view, and return the name it had.

    :raises ViewNotFound: if the person may not know of it
    :raises ViewRefused: if it is not hers to change
    """
    view, _ = _managed(view_id, by, at)
    DefaultView.objects.filter(view=view).delete()
    view.delete()
    return view.name


def open_on(*, view_id: int | None, by: Any, at: datetime.datetime) -> None:
    """
    Choose the view on which one's inbox opens, or none.

    :raises ViewNotFound: if the person may not know of it
    """
    if view_id is None:
        DefaultView.objects.filter(user=by).delete()
        return
    view, _ = _known(view_id, by, at)
    DefaultView.objects.update_or_create(user=by, defaults={"view": view})


def default_of(by: Any, memberships: Iterable[Membership]) -> SavedView | None:
    """Return the view on which the inbox of a person opens, if she may still use it."""
    chosen = DefaultView.objects.filter(user=by).values("view")
    return visible_to(by, memberships).filter(pk__in=chosen).first()


def _known(
    view_id: int, by: Any, at: datetime.datetime
) -> tuple[SavedView, list[Membership]]:
    memberships = memberships_of(by, at.astimezone(LOCAL).date())
    view = visible_to(by, memberships).filter(pk=view_id).first()
    if view is None:
        raise ViewNotFound(view_id)
    return view, memberships


def _managed(
    view_id: int, by: Any, at: datetime.datetime
) -> tuple[SavedView, list[Membership]]:
    view, memberships = _known(view_id, by, at)
    if not may_manage(view, by, memberships):
        raise ViewRefused(
            "Cette vue se modifie par son auteur ou par le responsable de l’unité."
        )
    return view, memberships


def _own(memberships: Iterable[Membership]) -> list[Membership]:
    """Keep what a person holds herself: to stand in for another is not to settle in."""
    return [held for held in memberships if held.principal is None]


def _named(name: str, others: QuerySet[SavedView]) -> str:
    given = " ".join(name.split())
    if not given:
        raise ViewRefused("Donnez un nom à cette vue.")
    if len(given) > LONGEST_NAME:
        raise ViewRefused("Ce nom est trop long.")
    if others.filter(name=given).exists():
        raise ViewRefused(f"Il y a déjà une vue « {given} ».")
    return given


def _short(said: Mapping[str, str]) -> dict[str, str]:
    return {str(name): str(value)[:LONGEST_WORDS] for name, value in said.items()}
