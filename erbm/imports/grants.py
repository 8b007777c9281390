"""Read the State's published file of investment grants: DETR, DSIL, DSID."""

import contextlib
import enum
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from erbm.imports import cells, files
from erbm.imports.cells import NotAnAmount
from erbm.imports.columns import Table, find_table, plain
from erbm.imports.editions import COLUMNS
from erbm.imports.sheets import Cell, Line, UnreadableFile

# Several times the whole of France for a year.
MAX_ROWS = 200_000
MAX_TITLE = 300
MAX_NAME = 150
MAX_CATEGORY = 100
MAX_IDENTIFIER = 60
SCHEMES = {"DETR", "DSIL", "DSID", "FNADT"}
ORIGIN = "Fichier des dotations de l’État (DGCL, ANCT)"


class Level(enum.Enum):
    """What kind of local authority received the grant."""

    COMMUNE = "commune"
    EPCI = "EPCI"
    DEPARTEMENT = "département"


LEVELS = {
    "commune": Level.COMMUNE,
    "communes": Level.COMMUNE,
    "epci": Level.EPCI,
    "conseildepartemental": Level.DEPARTEMENT,
    "departement": Level.DEPARTEMENT,
    "departements": Level.DEPARTEMENT,
}
LEVEL_BY_CODE_LENGTH = {
    2: Level.DEPARTEMENT,
    3: Level.DEPARTEMENT,
    5: Level.COMMUNE,
    9: Level.EPCI,
}
# How long a code is once the zeros that a spreadsheet ate are back, and its shape.
CODES = {
    Level.COMMUNE: (5, re.compile(r"[0-9][0-9AB][0-9]{3}")),
    Level.EPCI: (0, re.compile(r"[0-9]{9}")),
    Level.DEPARTEMENT: (2, re.compile(r"[0-9]{2,3}|[0-9]{1,2}[A-Z]")),
}


@dataclass(frozen=True, slots=True)
class Grant:
    """One row: the State gave a local authority so much for a project."""

    line: int
    source_id: str
    level: Level
    place_code: str
    place_name: str
    scheme: str
    category: str
    title: str
    description: str
    cost_cents: int
    grant_cents: int
    latitude: float | None
    longitude: float | None
    origin: str = ORIGIN


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that cannot be imported, and every reason why, in French."""

    line: int
    source_id: str
    reasons: tuple[str, ...]


def read(path: Path) -> Iterator[Grant | Rejection]:
    """
    Yield what each row of the file says, or why it says nothing usable.

    :raises UnreadableFile: if the file as a whole cannot be read
    """
    # The file stays open until its last line is read.
    with contextlib.closing(files.sheets(path)) as sheets:
        yield from _rows(find_table(sheets, COLUMNS))


def _rows(table: Table) -> Iterator[Grant | Rejection]:
    seen: dict[str, int] = {}
    for line in table.lines:
        if _is_blank(line[1]):
            continue
        row = _Row(table, line)
        row.refuse_repetition(seen)
        if len(seen) > MAX_ROWS:
            raise UnreadableFile(f"Le fichier compte plus de {MAX_ROWS} projets.")
        yield row.result()


def _is_blank(values: Sequence[Cell]) -> bool:
    return not any(
        value and not (isinstance(value, str) and value.isspace()) for value in values
    )


class _Row:
    """Reads one row, and collects every reason to reject it."""

    def __init__(self, table: Table, line: Line) -> None:
        self.table = table
        self.number, self.cells = line
        self.reasons: list[str] = []
        self.source_id = self._source_id()

    def refuse_repetition(self, seen: dict[str, int]) -> None:
        if self.source_id:
            first = seen.setdefault(self.source_id, self.number)
            if first != self.number:
                self._refuse(f"Identifiant déjà présent à la ligne {first}.")

    def result(self) -> Grant | Rejection:
        self._refuse_refused()
        level = self._level()
        code = self._place_code(level)
        scheme = self._scheme()
        cost, grant = self._cents("cost", "Coût"), self._cents("grant", "Subvention")
        if cost < grant and not self.reasons:
            self._refuse("La subvention dépasse le coût.")
        if level is None or self.reasons:
            return Rejection(self.number, self.source_id, tuple(self.reasons))
        description, category = self._text("description"), self._category()
        name = _shortened(self._text("place_name"), MAX_NAME) or code
        return Grant(
            line=self.number,
            source_id=self.source_id,
            level=level,
            place_code=code,
            place_name=name,
            scheme=scheme,
            category=category,
            title=_shortened(
                description or f"{category or scheme} – {name}", MAX_TITLE
            ),
            description=description,
            cost_cents=cost,
            grant_cents=grant,
            latitude=self._degrees("latitude"),
            longitude=self._degrees("longitude"),
            origin=_shortened(self._text("origin"), MAX_NAME) or ORIGIN,
        )

    def _refuse_refused(self) -> None:
        if status := self._text("status"):
            self._refuse(f"Dossier {status} dans la démarche.")

    def _refuse(self, reason: str) -> None:
        self.reasons.append(reason)

    def _text(self, column: str) -> str:
        return cells.text(self.table.cell(self.cells, column))

    def _source_id(self) -> str:
        """Return the identifier, with the year where editions count anew each year."""
        identifier, year = self._text("source_id"), self._text("year")
        if not identifier:
            self._refuse("Identifiant du projet absent.")
        elif len(identifier) > MAX_IDENTIFIER:
            self._refuse("Identifiant du projet trop long.")
        return f"{year}-{identifier}" if identifier and year else identifier

    def _level(self) -> Level | None:
        written = self._text("level")
        if written:
            level = LEVELS.get(plain(written))
        else:
            level = LEVEL_BY_CODE_LENGTH.get(len(self._text("place_code")))
        if level is None:
            self._refuse(f"Échelon inconnu : « {written} ».")
        return level

    def _place_code(self, level: Level | None) -> str:
        if level is None:
            return ""
        width, shape = CODES[level]
        cell = self.table.cell(self.cells, "place_code")
        code = cells.code(cell, width=width)
        if not shape.fullmatch(code):
            self._refuse(
                f"Code de collectivité ({level.value}) invalide : "
                f"« {cells.text(cell)} »."
            )
        return code

    def _scheme(self) -> str:
        written = self._text("scheme")
        scheme = written.upper()
        if scheme not in SCHEMES:
            self._refuse(f"Dotation inconnue : « {written} ».")
        return scheme

    def _category(self) -> str:
        """Return the theme without the number that sorts it."""
        theme = re.sub(r"^\d+\s*[-–.]\s*", "", self._text("category"))
        return _shortened(theme, MAX_CATEGORY)

    def _cents(self, column: str, label: str) -> int:
        try:
            amount = cells.cents(self.table.cell(self.cells, column))
        except NotAnAmount as error:
            self._refuse(f"{label} : {error}")
            return 0
        if amount <= 0:
            self._refuse(f"{label} : le montant doit être positif.")
        return amount

    def _degrees(self, column: str) -> float | None:
        try:
            return float(self._text(column).replace(",", "."))
        except ValueError:
            return None


def _shortened(text: str, length: int) -> str:
    """Cut a text between two words."""
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0] + "…"
