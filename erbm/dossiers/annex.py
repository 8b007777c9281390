"""The tables of a dossier: what is its own, files, comments, journal."""

import itertools
from collections.abc import Iterator, Sequence

from erbm.dossiers.files import Joined
from erbm.dossiers.queries import Dossier
from erbm.tables import Euros, Table, Value

JOURNAL = {
    "N°": 6,
    "Moment": 18,
    "Auteur": 24,
    "Pour": 24,
    "Rôle": 20,
    "Service": 28,
    "Fait": 44,
    "De": 24,
    "À": 24,
    "Effet au": 14,
    "Motif": 50,
    "Détail": 60,
    "Empreinte": 70,
    "Point de contrôle": 16,
}
FILES = {
    "Fichier": 50,
    "Titre": 50,
    "Octets": 14,
    "SHA-256 inscrit": 70,
    "Constat": 34,
}
RELATED = {
    "Référence": 18,
    "Intitulé": 60,
    "État": 24,
    "Montant (€)": 18,
    "Détail": 80,
}
TALKS = {"Moment": 18, "Auteur": 24, "Service": 28, "Lu par": 30, "Texte": 80}


def tables(dossier: Dossier) -> Iterator[Table]:
    """Return the sheets of the annex; the files must have been read before."""
    yield from dossier.room.chapters.tables(dossier.sheet)
    yield from _related(dossier)
    yield files(dossier.files)
    yield _table("Échanges", TALKS, list(_talks(dossier)))
    yield journal(dossier)


def journal(dossier: Dossier) -> Table:
    """Return the events, from the first."""
    return _table("Journal", JOURNAL, list(_events(dossier)))


def files(joined: Sequence[Joined]) -> Table:
    """Return the index of the files, with what was found when they were read."""
    rows = [(one.name, one.title, one.size, one.sha256, one.verdict) for one in joined]
    return _table("Pièces", FILES, rows)


def _related(dossier: Dossier) -> Iterator[Table]:
    """List the cases about an operation, room by room."""
    for room, some in itertools.groupby(dossier.related, key=lambda one: one.room):
        rows = [_beside(dossier, one) for one in some]
        yield _table(room.noun.plural, RELATED, rows)


def _beside(dossier: Dossier, one: Dossier) -> Sequence[Value]:
    sheet = one.sheet
    told = one.room.chapters.beside(sheet, dossier.sheet.case)
    details = "\n".join(f"{name} : {value}" for name, value in told)
    amount = Euros(sheet.case.amount_cents) if sheet.case.amount_cents else None
    return sheet.case.reference, sheet.case.title, sheet.state_label, amount, details


def _table(
    title: str, columns: dict[str, int], rows: Sequence[Sequence[Value]]
) -> Table:
    return Table(title, list(columns), rows, list(columns.values()))


def _events(dossier: Dossier) -> Iterator[Sequence[Value]]:
    for line in dossier.lines:
        details = "\n".join(f"{name} : {value}" for name, value in line.details)
        yield (
            *(line.seq, line.at, line.actor, line.principal, line.role, line.unit),
            *(line.what, line.from_state, line.to_state, line.effective_on),
            *(line.reason, details, line.hash, dossier.receipts[line.seq].size),
        )


def _talks(dossier: Dossier) -> Iterator[Sequence[Value]]:
    for one in dossier.talks:
        said = one.comment
        yield said.at, str(said.author), said.unit.name, one.to, said.text
