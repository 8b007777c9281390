"""Read a restitution of Chorus: one commitment a line, and its amounts."""

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

LARGEST = 5 * 1024 * 1024
MOST_ROWS = 20_000
HEADS: Mapping[str, frozenset[str]] = {
    "ej_number": frozenset(
        {"ej", "n ej", "no ej", "numero ej", "numero d ej", "engagement juridique"}
    ),
    "committed": frozenset(
        {"montant engage", "engage", "montant ae", "ae engagees", "montant ej"}
    ),
    "paid": frozenset({"montant paye", "paye", "montant cp", "cp payes", "dp payees"}),
}
"""What the columns are called, without accents nor signs."""
LABELS = {
    "ej_number": "numéro d’EJ",
    "committed": "montant engagé",
    "paid": "montant payé",
}
SPACES = str.maketrans("", "", " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}€")


class Unreadable(Exception):
    """The file is no restitution; the message is for the person."""


@dataclass(frozen=True, slots=True)
class Row:
    """What Chorus holds under one number, in cents."""

    ej_number: str
    committed_cents: int
    paid_cents: int


def read(content: bytes) -> list[Row]:
    """
    Return the commitments of a file, those on several lines added up.

    :raises Unreadable: if a column is missing, or a value makes no sense
    """
    if len(content) > LARGEST:
        raise Unreadable(f"Ce fichier dépasse {LARGEST // 1024**2} Mo.")
    rows = list(_lines(_decoded(content)))
    if len(rows) < 2:
        raise Unreadable("Ce fichier n’a pas de ligne.")
    if len(rows) > MOST_ROWS:
        raise Unreadable(f"Ce fichier a plus de {MOST_ROWS} lignes.")
    columns = _columns(rows[0])
    found: dict[str, Row] = {}
    for number, cells in enumerate(rows[1:], 2):
        row = _row(cells, columns, number)
        if row is not None:
            known = found.get(row.ej_number, Row(row.ej_number, 0, 0))
            found[row.ej_number] = Row(
                row.ej_number,
                known.committed_cents + row.committed_cents,
                known.paid_cents + row.paid_cents,
            )
    return list(found.values())


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _lines(text: str) -> Iterator[Sequence[str]]:
    head = text.partition("\n")[0]
    separator = max(";,\t", key=head.count)
    for row in csv.reader(io.StringIO(text), delimiter=separator):
        if any(cell.strip() for cell in row):
            yield row


def _columns(head: Sequence[str]) -> dict[str, int]:
    folded = [_folded(cell) for cell in head]
    found = {
        name: next((n for n, cell in enumerate(folded) if cell in known), -1)
        for name, known in HEADS.items()
    }
    if missing := [LABELS[name] for name, place in found.items() if place < 0]:
        raise Unreadable(f"Colonnes absentes : {', '.join(missing)}.")
    return found


def _folded(text: str) -> str:
    marks = unicodedata.normalize("NFKD", text.replace("°", " "))
    plain = "".join(c for c in marks if not unicodedata.combining(c))
    letters = "".join(c if c.isalnum() else " " for c in plain)
    return " ".join(letters.lower().split())


def _row(cells: Sequence[str], columns: Mapping[str, int], number: int) -> Row | None:
    said = {
        name: cells[place].strip() if place < len(cells) else ""
        for name, place in columns.items()
    }
    ej_number = "".join(said["ej_number"].split()).upper()
    if not ej_number:
        return None
    if not ej_number.isalnum() or len(ej_number) > 40:
        raise Unreadable(f"Ligne {number} : « {ej_number[:40]} » n’est pas un EJ.")
    amounts = [_cents(said[name], number) for name in ("committed", "paid")]
    return Row(ej_number, *amounts)


def _cents(text: str, number: int) -> int:
    written = text.translate(SPACES).replace(",", ".") or "0"
    try:
        cents = Decimal(written) * 100
        whole = int(cents)
    except (InvalidOperation, ValueError, OverflowError):
        raise Unreadable(f"Ligne {number} : « {text} » n’est pas un montant.") from None
    if whole != cents or not 0 <= whole < 10**15:
        raise Unreadable(f"Ligne {number} : « {text} » n’est pas un montant.")
    return whole
