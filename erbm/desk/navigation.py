"""The menus, as far as the pages they lead to exist."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from erbm.programme.powers import READERS
from flows.operation import READERS as READS_ALL
from flows.roles import Role
from workflow.journeys import registered_flows


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of a menu; without roles, everybody sees it."""

    label: str
    url_name: str
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class Group:
    """Pages that one looks for together, under one word of the menu."""

    label: str
    entries: tuple[Entry, ...]


COMMITTEE = frozenset({Role.COMMITTEE_SECRETARY, Role.COMMITTEE_MEMBER})
DIRECTION = READS_ALL - {Role.SUB_PREFECT, *COMMITTEE}
"""Who answers for the whole programme, or looks over it."""

MAIN: tuple[Entry | Group, ...] = (
    Entry("Mon arrondissement", "own_arrondissement", frozenset({Role.SUB_PREFECT})),
    Entry("Tableau de bord", "dashboard", DIRECTION),
    Entry("Boîte de réception", "inbox"),
    Entry("Opérations", "operations:list"),
    Group(
        "Décisions",
        (
            Entry("Séances", "committees:list"),
            Entry("Conditions", "obligations:list"),
            Entry("Calendrier", "communication:index"),
        ),
    ),
    Group(
        "Financement",
        (
            Entry("Subventions", "grants:list"),
            Entry("Programme", "programme:envelopes", READERS),
        ),
    ),
    Group(
        "Suivi",
        (
            Entry("Pipeline", "pipeline"),
            Entry("Carte", "map"),
            Entry("Logements", "delivery:counter"),
            Entry("Bilans", "reports:index"),
            Entry("Procédures", "processes"),
        ),
    ),
    Entry("Mon unité", "own_unit"),
    Entry("Audit", "audit:search", frozenset({Role.AUDITOR})),
    Group(
        "Système",
        (
            Entry(
                "Migrations",
                "transfers",
                frozenset({Role.PROJECT_DIRECTOR, Role.ADMINISTRATOR}),
            ),
            Entry("Incidents", "incidents", frozenset({Role.ADMINISTRATOR})),
            Entry("Administration", "admin:index", frozenset({Role.ADMINISTRATOR})),
        ),
    ),
)
PERSONAL = (
    Entry("Mes absences", "absences"),
    Entry("Mes lots", "batches"),
    Entry("Mes notifications", "notice_choices"),
    Entry("Mot de passe", "account_change_password"),
)
"""What one sets for oneself: it stands under one's name, out of the way of the work."""


HOMES = (
    (Role.PROJECT_DIRECTOR, "dashboard"),
    (Role.AUDITOR, "audit:search"),
    (Role.COMMITTEE_MEMBER, "operations:list"),
    (Role.ADMINISTRATOR, "admin:index"),
)
"""Where the day starts for those of whom no step asks anything."""
FIRST_OF_ALL = ((Role.SUB_PREFECT, "own_arrondissement"),)
"""Where it starts for those who are asked things, and have a page that says more."""


def home_of(roles: Collection[str]) -> str:
    """Return the name of the page where the day of whoever holds these roles starts."""
    homes = FIRST_OF_ALL if are_asked(roles) else HOMES
    return next((name for role, name in homes if role in roles), "inbox")


def are_asked(roles: Collection[str]) -> bool:
    """Tell whether a step, of whatever procedure, asks something of these roles."""
    return not _asked_of().isdisjoint(roles)


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


@dataclass(frozen=True, slots=True)
class Submenu:
    """A group as one person sees it from one page: two links at least."""

    label: str
    links: tuple[Link, ...]

    @property
    def is_current(self) -> bool:
        return any(link.current for link in self.links)


def menu(path: str, roles: Collection[str]) -> list[Link | Submenu]:
    """Return the main menu; a group of which one page is left becomes that page."""
    found: list[Link | Submenu] = []
    for entry in MAIN:
        if isinstance(entry, Entry):
            found += links(path, roles, entries=(entry,))
            continue
        within = links(path, roles, entries=entry.entries)
        found += [Submenu(entry.label, tuple(within))] if within[1:] else within
    return found


def links(
    path: str, roles: Collection[str] = (), *, entries: Sequence[Entry]
) -> list[Link]:
    """Return the pages, among these, of whoever holds these roles on this page."""
    found = []
    for entry in entries:
        url = _url(entry.url_name)
        if url and (not entry.roles or entry.roles.intersection(roles)):
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
