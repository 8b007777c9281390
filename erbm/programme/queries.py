"""Questions about credits: the tree of the envelopes, and what was changed of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import Sum

from erbm.programme.models import Envelope
from erbm.programme.schemes import Scheme
from erbm.territory.models import Arrondissement

FULL = 100
PARTS = (
    ("paid", "Payé"),
    ("committed", "Engagé, non payé"),
    ("awarded", "Attribué, non engagé"),
    ("reserved", "Réservé"),
    ("delegated", "Délégué"),
)
"""Where the cents of an envelope are, as its bar shows them from the left."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a bar, in hundredths of it."""

    name: str
    start: int
    width: int


@dataclass(frozen=True)
class Node:
    """An envelope in the tree, with how deep it stands."""

    envelope: Envelope
    depth: int
    pieces: Sequence[Piece] = field(default_factory=tuple)


def years() -> list[int]:
    """Return the years that have an envelope, the latest first."""
    found = Envelope.objects.order_by("-year").values_list("year", flat=True)
    return list(found.distinct())


def tree(
    year: int | None = None, scheme: str = "", jurisdiction: str = ""
) -> list[Node]:
    """
    Return the envelopes of a year and a scheme, each before those below it.

    Of one arrondissement, there are only its own: none is above.
    """
    known = Envelope.objects.with_places().in_order()
    if jurisdiction:
        known = known.filter(jurisdiction__code=jurisdiction)
    if year:
        known = known.filter(year=year)
    if scheme:
        known = known.filter(scheme=scheme)
    below: dict[int | None, list[Envelope]] = defaultdict(list)
    shown = {envelope.pk for envelope in known}
    for envelope in known:
        below[_above(envelope, shown)].append(envelope)
    return list(_walk(below, None, 0))


def _above(envelope: Envelope, shown: Collection[int]) -> int | None:
    """Return the envelope above, if it is shown too."""
    return envelope.parent_id if envelope.parent_id in shown else None


def _walk(
    below: dict[int | None, list[Envelope]], parent: int | None, depth: int
) -> Iterator[Node]:
    for envelope in below[parent]:
        yield Node(envelope, depth, pieces(envelope))
        yield from _walk(below, envelope.pk, depth + 1)


def pieces(envelope: Envelope) -> list[Piece]:
    """Cut the bar of an envelope: what is not nil can be seen, none overflows."""
    amounts = {
        "paid": envelope.paid_cents,
        "committed": envelope.committed_cents - envelope.paid_cents,
        "awarded": envelope.awarded_cents - envelope.committed_cents,
        "reserved": envelope.reserved_cents,
        "delegated": envelope.delegated_cents,
    }
    found, start, total = [], 0, 0
    for name, _ in PARTS:
        total += amounts[name]
        end = -(-total * FULL // envelope.granted_cents) if total else 0
        if amounts[name]:
            found.append(Piece(name, start, end - start))
        start = end
    return found


def totals(envelopes: Iterable[Envelope]) -> dict[str, int]:
    """Add envelopes up; a delegation is counted where it is, not where it came from."""
    every = list(envelopes)
    shown = {one.pk for one in every}
    roots = [one for one in every if _above(one, shown) is None]
    names = ("reserved_cents", "awarded_cents", "committed_cents", "paid_cents")
    found = {name: sum(getattr(one, name) for one in every) for name in names}
    found["granted_cents"] = sum(one.granted_cents for one in roots)
    found["free_cents"] = sum(one.free_cents for one in every)
    return found


def spent_by_scheme(
    year: int | None, jurisdiction: str = ""
) -> dict[Scheme, dict[str, int]]:
    """Return the totals of the envelopes of a year, scheme by scheme."""
    groups: dict[str, list[Envelope]] = defaultdict(list)
    for node in tree(year, jurisdiction=jurisdiction):
        groups[node.envelope.scheme].append(node.envelope)
    return {Scheme(scheme): totals(some) for scheme, some in groups.items()}


def granted_by_scheme(year: int) -> dict[str, int]:
    """Return what the region was granted for a year, scheme by scheme."""
    roots = Envelope.objects.filter(year=year, parent=None).values("scheme")
    found = roots.annotate(cents=Sum("granted_cents")).order_by("scheme")
    return {Scheme(row["scheme"]).label: row["cents"] for row in found}


def places() -> list[tuple[str, str]]:
    """Return the arrondissements of the programme, by code and name."""
    known = Arrondissement.objects.in_programme().order_by("name")
    return list(known.values_list("jurisdiction__code", "jurisdiction__name"))


def places_below(envelope: Envelope) -> list[Arrondissement]:
    """Return the arrondissements of the programme where an envelope may go."""
    known = Arrondissement.objects.in_programme().select_related("jurisdiction")
    if envelope.departement:
        known = known.filter(departement=envelope.departement)
    return list(known.order_by("departement", "name"))
