"""The pages of a dossier: its synthesis, and its journal."""

import itertools
from collections.abc import Iterator, Sequence

from erbm import words
from erbm.cases import journal
from erbm.dossiers.queries import Dossier
from erbm.exchange.queries import Talk
from erbm.printing import Document, Entry, Facts, Section, Text

PART = 1_000
"""How many events one file of the journal holds: memory grows with its pages."""

_FIXED = words.FIXED


def synthesis(dossier: Dossier) -> Document:
    """Say on a few pages what a case is, and what was decided of it."""
    own = dossier.room.chapters
    sections = [
        Section("L’essentiel", [Facts(list(_essentials(dossier)))]),
        *own.sections(dossier.sheet),
        *_related(dossier),
        Section("Décisions", [_entry(dossier, one) for one in dossier.decisions]),
        Section("Pièces", list(_documents(dossier))),
        Section("Échanges", [_talk(one) for one in dossier.talks]),
        Section("Vérification", list(_verification(dossier))),
    ]
    filled = [one for one in sections if one.blocks]
    return _document(dossier, "Synthèse du dossier", filled)


def journals(dossier: Dossier) -> Iterator[tuple[str, Document]]:
    """Write the journal from its beginning, in as many files as it takes."""
    lines = dossier.lines
    for number, start in enumerate(range(0, len(lines), PART), 1):
        some = lines[start : start + PART]
        heading = f"Événements {some[0].seq} à {some[-1].seq}"
        entries = [_entry(dossier, one) for one in some]
        name = "journal.pdf" if number == 1 else f"journal-{number}.pdf"
        yield name, _document(dossier, "Journal", [Section(heading, entries)])


def _document(dossier: Dossier, kicker: str, sections: Sequence[Section]) -> Document:
    case = dossier.sheet.case
    return Document(
        title=f"{case.reference} · {case.title}",
        kicker=kicker,
        running=f"{kicker} · {case.reference}",
        foot=f"Édité le {words.moment(dossier.at)} pour {dossier.by}",
        receipt=f"Reçu : {dossier.receipt}",
        sections=sections,
    )


def _essentials(dossier: Dossier) -> Iterator[tuple[str, str]]:
    sheet, case = dossier.sheet, dossier.sheet.case
    units = ", ".join(unit.name for unit in sheet.units_in_charge)
    yield "Référence", case.reference
    yield "Procédure", f"{sheet.process.title}, version {case.process_version}"
    yield "État", sheet.state_label
    yield "Ressort", case.jurisdiction.name
    if case.amount_cents:
        yield dossier.room.dialect.amount, words.money(case.amount_cents)
    yield from dossier.room.chapters.essentials(sheet)
    yield "En charge", units or "personne"


def _related(dossier: Dossier) -> Iterator[Section]:
    """Say of each case about an operation what matters to it, room by room."""
    for room, some in itertools.groupby(dossier.related, key=lambda one: one.room):
        entries = [_beside(dossier, one) for one in some]
        yield Section(room.noun.plural, entries)


def _beside(dossier: Dossier, one: Dossier) -> Entry:
    case = one.sheet.case
    amount = f", {words.money(case.amount_cents)}" if case.amount_cents else ""
    return Entry(
        title=f"{case.reference} · {case.title}",
        aside=f"{one.sheet.state_label}{amount}",
        rows=list(one.room.chapters.beside(one.sheet, dossier.sheet.case)),
        code=str(one.receipt) if one.room.chapters.goes_along else "",
    )


def _entry(dossier: Dossier, line: journal.Line) -> Entry:
    """Write one event, with what proves it."""
    capacity = f", {line.role}" if line.role else ""
    unit = f" ({line.unit})" if line.unit else ""
    return Entry(
        title=f"n°{_FIXED}{line.seq} · {words.typeset(line.what)}",
        aside=f"{words.moment(line.at)} · {line.who}{capacity}{unit}",
        lines=list(_effects(line)),
        said=[line.reason] if line.reason else [],
        rows=line.details,
        code=f"{line.hash} · {dossier.receipts[line.seq].seal}",
    )


def _effects(line: journal.Line) -> Iterator[str]:
    if line.to_state:
        yield (
            f"{line.from_state} → {line.to_state}"
            if line.from_state
            else (line.to_state)
        )
    if line.effective_on:
        yield f"Avec effet au {words.day(line.effective_on)}"


def _documents(dossier: Dossier) -> Iterator[Entry | Text]:
    for piece, joined in zip(dossier.pieces, dossier.documents, strict=True):
        yield Entry(
            title=piece.title,
            aside=f"{piece.about} · {joined.name}",
            code=f"SHA-256 {piece.sha256}",
        )
    if not dossier.documents:
        yield Text("Aucune pièce n’est jointe.")


def _talk(talk: Talk) -> Entry:
    comment = talk.comment
    names = [one.filename for one in comment.attachments.all() if one.filename]
    return Entry(
        title=f"{comment.author} ({comment.unit.short_name})",
        aside=f"{words.moment(comment.at)} · lu par : {talk.to}",
        lines=["Commentaire retiré par son auteur."] if comment.withdrawn_at else [],
        said=[comment.text] if comment.text else [],
        rows=[("Fichiers", ", ".join(names))] if names else [],
    )


def _verification(dossier: Dossier) -> Iterator[Text | Facts]:
    count = dossier.sheet.case.latest_seq
    if dossier.problems:
        yield Text("La chaîne des événements est rompue :")
        yield from (Text(problem, quoted=True) for problem in dossier.problems)
    else:
        yield Text(
            f"La chaîne des événements 1 à {count} a été vérifiée le "
            f"{words.moment(dossier.at)} : elle est intacte."
        )
    yield Facts(
        [
            ("Reçu du dernier événement", str(dossier.receipt)),
            ("Pour vérifier soi-même", "python3 -I preuve/verifier.py"),
        ]
    )
