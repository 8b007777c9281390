"""How much public money an operation may receive, and of which kinds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from erbm.funding.models import Line
from erbm.programme.models import SchemeRule
from erbm.programme.schemes import Scheme

Rules = Mapping[Scheme, SchemeRule]
WHOLE = 100


def excesses(
    lines: Iterable[Line],
    cost_cents: int,
    *,
    owner_is_collectivite: bool,
    rules: Rules,
) -> Iterator[str]:
    """Say which ceilings a plan exceeds; `cost_cents` is the eligible cost."""
    aids = _aids(lines)
    ruled = [rules[scheme] for scheme in aids if scheme in rules]
    yield from _single(aids, ruled, cost_cents)
    yield from _cumulated(aids, ruled, cost_cents)
    yield from _public(sum(aids.values()), ruled, cost_cents, owner_is_collectivite)


@dataclass(frozen=True, slots=True)
class Rate:
    """What a scheme pays of the cost, and what its rules say of it."""

    label: str
    amount_cents: int
    part: Fraction
    floor: str
    ceiling: str
    basis: str
    article: str
    exceeds: bool


def rates(lines: Iterable[Line], cost_cents: int, *, rules: Rules) -> Iterator[Rate]:
    """Say, scheme by scheme, which part of the cost is paid and which may be."""
    for scheme, amount in _aids(lines).items():
        one = rules.get(scheme)
        setting = "cumul_percent" if one and one.cumul else "ceiling_percent"
        ceiling = getattr(one, setting) if one else None
        yield Rate(
            label=str(scheme.label),
            amount_cents=amount,
            part=Fraction(amount, cost_cents) if cost_cents else Fraction(),
            floor=one.shown("floor_percent") if one else "–",
            ceiling=one.shown(setting) if one else "–",
            basis=one.shown("vat") if one else "–",
            article=one.origin(setting)[1] if one and ceiling is not None else "",
            exceeds=_exceeds(amount, ceiling, cost_cents),
        )


def remarks(lines: Sequence[Line], cost_cents: int, *, rules: Rules) -> Iterator[str]:
    """Say what refuses nothing by itself, and that the funder will look at."""
    yield from _mixed(_aids(lines), rules)
    for scheme, amount in _aids(lines).items():
        one = rules.get(scheme)
        if one is None:
            continue
        if _is_below(amount, one.floor_percent, cost_cents):
            yield (
                f"{scheme.label} : {_share(amount, cost_cents)} % du coût ; le taux "
                f"est de {one.floor_percent} % au moins de la dépense subventionnable "
                f"({one.origin('floor_percent')[1]})."
            )
        if one.commission_cents is not None and amount > one.commission_cents:
            yield (
                f"{scheme.label} : au-delà de {one.shown('commission_cents')}, la "
                "commission des élus donne son avis "
                f"({one.origin('commission_cents')[1]})."
            )


def _mixed(aids: Iterable[Scheme], rules: Rules) -> Iterator[str]:
    """Say which schemes count the cost without tax and which with it, if both do."""
    by_basis: dict[str, list[str]] = defaultdict(list)
    for scheme in aids:
        if scheme in rules:
            by_basis[rules[scheme].shown("vat")].append(str(scheme.label))
    if len(by_basis) > 1:
        told = " ; ".join(
            f"{basis} pour {_listed(labels)}" for basis, labels in by_basis.items()
        )
        yield f"Les assiettes diffèrent : {told}. Le coût saisi vaut pour toutes."


def _aids(lines: Iterable[Line]) -> dict[Scheme, int]:
    """Add up what each scheme pays, but for the owner's own money."""
    found: dict[Scheme, int] = defaultdict(int)
    for line in lines:
        if line.scheme != Scheme.OWN:
            found[Scheme(line.scheme)] += line.amount_cents
    return dict(found)


def _single(
    aids: Mapping[Scheme, int], ruled: Sequence[SchemeRule], cost_cents: int
) -> Iterator[str]:
    for one in ruled:
        amount = aids[Scheme(one.scheme)]
        # What the cumulated ceiling says already is not said twice.
        if not one.cumul and _exceeds(amount, one.ceiling_percent, cost_cents):
            yield (
                f"{Scheme(one.scheme).label} : {_share(amount, cost_cents)} % du "
                f"coût ; {one.ceiling_percent} % au plus "
                f"({one.origin('ceiling_percent')[1]})."
            )


def _cumulated(
    aids: Mapping[Scheme, int], ruled: Sequence[SchemeRule], cost_cents: int
) -> Iterator[str]:
    groups: dict[str, list[SchemeRule]] = defaultdict(list)
    for one in ruled:
        if one.cumul and one.cumul_percent is not None:
            groups[one.cumul].append(one)
    for group in groups.values():
        strictest = min(group, key=lambda one: one.cumul_percent)
        amount = sum(aids[Scheme(one.scheme)] for one in group)
        if _exceeds(amount, strictest.cumul_percent, cost_cents):
            labels = [Scheme(one.scheme).label for one in group]
            yield (
                f"{_listed(labels)} {'font ensemble' if labels[1:] else 'fait'} "
                f"{_share(amount, cost_cents)} % du coût ; {strictest.cumul_percent} % "
                f"au plus en cumul ({strictest.origin('cumul_percent')[1]})."
            )


def _public(
    public: int, ruled: Sequence[SchemeRule], cost_cents: int, is_collectivite: bool
) -> Iterator[str]:
    bounds = [(WHOLE, "un projet n’est pas aidé au-delà de son coût")]
    for one in ruled:
        if one.public_percent is not None:
            bounds.append((one.public_percent, one.origin("public_percent")[1]))
        if is_collectivite and one.own_share_percent is not None:
            own = one.own_share_percent
            bounds.append((WHOLE - own, one.origin("own_share_percent")[1]))
    # Of several articles that say the same, the one that says it of this plan.
    ceiling = min(percent for percent, _ in bounds)
    article = [source for percent, source in bounds if percent == ceiling][-1]
    if _exceeds(public, ceiling, cost_cents):
        yield (
            f"Les aides publiques font {_share(public, cost_cents)} % du coût ; "
            f"{ceiling} % au plus ({article})."
        )


def _listed(labels: Sequence[str]) -> str:
    *first, last = labels
    return f"{', '.join(first)} et {last}" if first else last


def _exceeds(amount_cents: int, percent: int | None, cost_cents: int) -> bool:
    return percent is not None and amount_cents * 100 > cost_cents * percent


def _is_below(amount_cents: int, percent: int | None, cost_cents: int) -> bool:
    return percent is not None and amount_cents * 100 < cost_cents * percent


def _share(amount_cents: int, cost_cents: int) -> int:
    return -(-amount_cents * 100 // cost_cents) if cost_cents else 100
