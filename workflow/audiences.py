"""To whom a comment is addressed: what a procedure declares, beside what all have."""

from dataclasses import dataclass
from typing import Any

UNIT, ALL = "unit", "all"
"""The author's own unit; all those who may read the case."""

LABELS = {UNIT: "Mon unité seulement", ALL: "Toutes les parties"}


@dataclass(frozen=True, slots=True)
class Audience:
    """
    Some of those who may read a case.

    - `roles`: in which capacity one belongs to it;
    - `apart_from`: roles whose units never do, whatever else they play in the case.
    """

    name: str
    label: str
    roles: frozenset[str]
    apart_from: frozenset[str] = frozenset()

    def declaration(self) -> dict[str, Any]:
        """Return what its name stands for, as the digest of the procedure needs it."""
        return {
            "name": self.name,
            "roles": sorted(map(str, self.roles)),
            "apart_from": sorted(map(str, self.apart_from)),
        }
