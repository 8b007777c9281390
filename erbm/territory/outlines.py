"""The outlines of the communes of the programme, drawn flat and once for all."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from erbm.reference import read

FILE = Path(__file__).parent / "data" / "outlines.csv"


@dataclass(frozen=True, slots=True)
class Outlines:
    """
    A map without figures.

    - `box`: its frame, as SVG says it;
    - `communes`: the path of each, by its INSEE code;
    - `borders`: the path of the borders of the arrondissements.
    """

    box: str
    communes: Mapping[str, str]
    borders: str


@cache
def outlines() -> Outlines:
    """Read the map, which ships with the package and does not change while it runs."""
    paths = {row["code"]: row["path"] for row in read(FILE)}
    return Outlines(paths.pop("box"), borders=paths.pop("borders"), communes=paths)
