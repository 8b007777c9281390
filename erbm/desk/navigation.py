"""The main menu, as far as the pages it leads to exist."""

from collections.abc import Collection
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from flows.roles import Role
from workflow.journeys import registered_flows


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One page of the menu; without roles, everybody sees it.

    - `for_heads`: only those who head a unit do.
    """

    label: str
    url_name: str
    roles: frozenset[Role] = frozenset()
    for_heads: bool = False


ENTRIES = (
    Entry("Boîte de réception", "inbox"),
    Entry("Opérations", "operations:list"),
    Entry("Pipeline", "pipeline"),
    Entry("Procédures", "processes"),
    Entry("Mon unité", "own_unit"),
    Entry("Mes absences", "absences"),
    Entry("Fermetures", "closures", for_heads=True),
    Entry("Incidents", "incidents", frozenset({Role.ADMINISTRATOR})),
    Entry("Administration", "admin:index", frozenset({Role.ADMINISTRATOR})),
)


HOMES = (
    (Role.PROJECT_DIRECTOR, "pipeline"),
    (Role.AUDITOR, "operations:list"),
    (Role.COMMITTEE_MEMBER, "operations:list"),
    (Role.ADMINISTRATOR, "admin:index"),
)
"""Where the day starts for those of whom no step asks anything."""


def home_of(roles: Collection[str]) -> str:
    """Return the name of the page where the day of whoever holds these roles starts."""
    if roles and not _asked_of().intersection(roles):
        for role, name in HOMES:
            if role in roles:
                return name
    return "inbox"


def _asked_of() -> frozenset[str]:
    return frozenset(step.asks for flow in registered_flows() for step in flow.steps())


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as one person sees it from one page.

    `current` is what `aria-current` says: "page", "true" for a page below, or "".
    """

    label: str
    url: str
    current: str


def links(path: str, roles: Collection[str], *, is_head: bool = False) -> list[Link]:
    """Return the menu of a person who holds these roles and looks at this page."""
    found = []
    for entry in ENTRIES:
        url = _url(entry.url_name)
        is_shown = not entry.roles or entry.roles.intersection(roles)
        if url and is_shown and (is_head or not entry.for_heads):
            found.append(Link(entry.label, url, _current(url, path)))
    return found


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _current(url: str, path: str) -> str:
    if path == url:
        return "page"
    return "true" if path.startswith(url) and url != "/" else ""
