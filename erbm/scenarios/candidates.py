"""What a calculation knows of each operation, and what it answers: no database here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Criterion(StrEnum):
    DWELLINGS = "dwellings"
    OWN_SHARE = "own_share"
    READINESS = "readiness"
    BALANCE = "balance"
    THEME = "theme"


LABELS = {
    Criterion.DWELLINGS: "Logements",
    Criterion.OWN_SHARE: "Part du porteur",
    Criterion.READINESS: "Maturité",
    Criterion.BALANCE: "Équilibre des arrondissements",
    Criterion.THEME: "Thème prioritaire",
}
HELP = {
    Criterion.DWELLINGS: "le plus de logements réhabilités",
    Criterion.OWN_SHARE: "la plus grande part du coût payée par le porteur",
    Criterion.READINESS: "la plus avancée dans la procédure",
    Criterion.BALANCE: "l’arrondissement qui demande le moins",
    Criterion.THEME: "les thèmes cochés ci-dessous",
}
WHOLE = 1000
"""A score is in thousandths: whole numbers, the same on every machine."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    An operation that asks an envelope for money.

    - `own_share`, `readiness`: in thousandths;
    - `excess`: the ceiling that its plan exceeds, if it does.
    """

    operation_id: int
    reference: str
    title: str
    cents: int
    dwellings: int = 0
    own_share: int = 0
    readiness: int = 0
    territory: str = ""
    theme: str = ""
    excess: str = ""
    score: int = 0


@dataclass(frozen=True, slots=True)
class Room:
    """What there is to share, and the most that one territory receives of it."""

    cents: int
    cap_percent: int | None = None

    @property
    def cap_cents(self) -> int:
        percent = 100 if self.cap_percent is None else self.cap_percent
        return self.cents * percent // 100


@dataclass(frozen=True, slots=True)
class Choice:
    """What a candidate receives; if nothing, why."""

    candidate: Candidate
    cents: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Allocation:
    """All the choices, in order, and what the calculation says of itself."""

    choices: Sequence[Choice]
    note: str = ""
    themes: Sequence[str] = field(default_factory=tuple)


def scored(
    candidates: Sequence[Candidate],
    weights: Mapping[str, int],
    themes: Sequence[str] = (),
) -> list[Candidate]:
    """Give each candidate its score: the mean of its criteria, by their weights."""
    total = sum(weights.get(one, 0) for one in Criterion)
    if not total:
        return list(candidates)
    most = max((one.dwellings for one in candidates), default=0)
    demand = _demand(candidates)
    asked = sum(demand.values())
    found = []
    for one in candidates:
        values = {
            Criterion.DWELLINGS: one.dwellings * WHOLE // most if most else 0,
            Criterion.OWN_SHARE: one.own_share,
            Criterion.READINESS: one.readiness,
            Criterion.BALANCE: WHOLE - demand[one.territory] * WHOLE // asked,
            Criterion.THEME: WHOLE if one.theme in themes else 0,
        }
        points = sum(weights.get(name, 0) * value for name, value in values.items())
        found.append(replace(one, score=points // total))
    return found


def _demand(candidates: Sequence[Candidate]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in candidates:
        found[one.territory] = found.get(one.territory, 0) + one.cents
    return found


def by_score(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Sort candidates from the best; of two equals, the one that asks for less."""
    return sorted(candidates, key=lambda one: (-one.score, one.cents, one.reference))
