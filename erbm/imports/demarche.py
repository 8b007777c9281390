"""Read the export of a procedure of Démarche numérique: the JSON of its GraphQL API.

Each dossier becomes a line of one sheet: its fields under their own labels, beside a
few columns that the API knows by itself. What follows treats it as any other table.
"""

import json
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

from erbm.imports.sheets import MAX_COLUMNS, Cell, Line, Sheet, UnreadableFile

ORIGIN = "Démarche numérique"
HEADERS = ("id_projet", "id_terr", "nom_terr", "echelon", "origine", "etat du dossier")
REFUSED = {"refuse": "refusé", "sans_suite": "classé sans suite"}
# Legal forms of the groupings of communes. (Insee, catégories juridiques, 734.)
EPCI_FORM = "734"
UNREADABLE = "Ce fichier JSON n’est pas un export de Démarche numérique."

Node = Mapping[str, Any]


def sheets(path: Path) -> Generator[Sheet, None, None]:
    """
    Yield the only sheet of an export.

    :raises UnreadableFile: if it is not the JSON of dossiers
    """
    dossiers = list(_dossiers(_read(path)))
    if not dossiers:
        raise UnreadableFile(f"{UNREADABLE} Aucun dossier n’y est.")
    rows = [_row(dossier) for dossier in dossiers]
    labels = dict.fromkeys(label for row in rows for label in row)
    headers = [*HEADERS, *(label for label in labels if label not in HEADERS)]
    yield Sheet(ORIGIN, _lines(headers[:MAX_COLUMNS], rows))


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"{UNREADABLE} Il ne se lit pas.") from error


def _dossiers(read: Any) -> Iterator[Node]:
    """Find the dossiers in an answer of the API, in a page of it, or in a list."""
    if isinstance(read, list):
        for part in read:
            yield from _dossiers(part)
    elif isinstance(read, dict):
        if "champs" in read:
            yield read
            return
        for name in ("data", "demarche", "dossiers", "dossier", "nodes", "edges"):
            yield from _dossiers(read.get(name))
        yield from _dossiers(read.get("node"))


def _lines(headers: list[str], rows: list[dict[str, Cell]]) -> Iterator[Line]:
    yield 1, headers
    for number, row in enumerate(rows, start=2):
        yield number, [row.get(header) for header in headers]


def _row(dossier: Node) -> dict[str, Cell]:
    fields = [*_list(dossier, "champs"), *_list(dossier, "annotations")]
    row: dict[str, Cell] = {
        str(field.get("label") or "").strip(): _value(field) for field in fields
    }
    level, code, name = _place(dossier, fields)
    number, state = dossier.get("number"), str(dossier.get("state") or "")
    return row | {
        "id_projet": f"DN-{number}" if number else "",
        "id_terr": code,
        "nom_terr": name,
        "echelon": level,
        "origine": f"{ORIGIN}, dossier {number}",
        "etat du dossier": REFUSED.get(state, ""),
    }


def _value(field: Node) -> Cell:
    """Return what a field says, as a number where the API gives one."""
    for name in ("decimalNumber", "integerNumber", "value"):
        value = field.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return value
    said = field.get("stringValue")
    return str(said) if said is not None else None


def _place(dossier: Node, fields: list[Node]) -> tuple[str, str, str]:
    """Say who asks: an EPCI, or else the commune of the project, or of the asker."""
    asker = _dict(dossier, "demandeur")
    company = _dict(asker, "entreprise")
    if str(company.get("formeJuridiqueCode") or "").startswith(EPCI_FORM):
        name = str(company.get("raisonSociale") or "")
        return "epci", str(company.get("siren") or ""), name
    for kind in ("epci", "commune"):
        for field in fields:
            place = _dict(field, kind)
            if place.get("code"):
                return kind, str(place["code"]), str(place.get("name") or "")
    address = _dict(asker, "address")
    city = str(address.get("cityCode") or "")
    return "commune", city, str(address.get("cityName") or "")


def _list(node: Node, name: str) -> list[Node]:
    found = node.get(name)
    items = found if isinstance(found, list) else []
    return [item for item in items if isinstance(item, dict)]


def _dict(node: Node, name: str) -> Node:
    found = node.get(name)
    return found if isinstance(found, dict) else {}
