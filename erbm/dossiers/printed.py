"""The pages of a dossier: its synthesis, and its journal."""

from collections.abc import Iterator, Sequence

from django.template.defaultfilters import filesizeformat

from erbm import words
from erbm.cases import journal
from erbm.dossiers.queries import Dossier
from erbm.exchange.queries import Talk
from erbm.operations.hearings import Consulted
from erbm.printing import Document, Entry, Facts, Section, Table, Text
from flows.stages import Stage

PART = 1_000
"""How many events one file of the journal holds: memory grows with its pages."""

_FIXED = words.FIXED


def synthesis(dossier: Dossier) -> Document:
    """Say on a few pages what an operation is, and what was decided of it."""
    sections = [
        Section("L’essentiel", [Facts(list(_essentials(dossier)))]),
        Section("Description", list(_description(dossier))),
        Section("Étapes et dates", [Facts(list(_dates(dossier)))]),
        Section("Plan de financement", list(_plan(dossier))),
        Section("Avis", list(_opinions(dossier))),
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
    communes = ", ".join(one.name for one in sheet.operation.communes.all())
    units = ", ".join(unit.name for unit in sheet.units_in_charge)
    yield "Référence", case.reference
    yield "Nature", str(sheet.operation.get_kind_display())
    yield "Procédure", f"{sheet.process.title}, version {case.process_version}"
    yield "État", sheet.state_label
    yield "Porteur", sheet.operation.owner.name
    yield "Communes", communes or journal.NOTHING
    yield "Ressort", case.jurisdiction.name
    yield "Coût", words.money(case.amount_cents)
    yield "Aide demandée", words.money(sheet.operation.requested_cents)
    yield "En charge", units or "personne"


def _description(dossier: Dossier) -> Iterator[Text | Facts]:
    operation = dossier.sheet.operation
    if operation.description:
        yield Text(operation.description)
    known = {
        "Thème": str(operation.theme or ""),
        "Cité": str(operation.cite or ""),
        "Logements avant travaux": _count(operation.dwellings_before),
        "Logements après travaux": _count(operation.dwellings_after),
        "Logements livrés": _count(operation.dwellings_delivered or None),
        "Étiquette énergie avant travaux": operation.label_before,
        "Étiquette énergie visée": operation.label_target,
        "Étiquette énergie après travaux": operation.label_after,
        "Secteur protégé": "oui" if operation.is_protected else "",
        "Heures d’insertion": _count(operation.insertion_hours),
        "Origine des chiffres": operation.figures_note,
        "Identifiant d’origine": operation.source_id or "",
    }
    yield Facts([(name, value) for name, value in known.items() if value])


def _count(number: int | None) -> str:
    return "" if number is None else words.count(number)


def _dates(dossier: Dossier) -> Iterator[tuple[str, str]]:
    for stage, day in dossier.sheet.entered.items():
        yield f"Étape «{_FIXED}{Stage(stage).label}{_FIXED}»", f"le {words.day(day)}"
    for label, day in dossier.sheet.dates:
        yield label, words.day(day)
    if dossier.sheet.operation.deadline_on:
        yield "Délai en cours", words.day(dossier.sheet.operation.deadline_on)


def _plan(dossier: Dossier) -> Iterator[Table | Facts | Text]:
    plan, owner = dossier.sheet.plan, dossier.sheet.operation.owner
    if not plan.lines:
        yield Text("Aucune ligne de financement.")
        return
    yield Table(
        head=[
            "Dispositif",
            "Financeur",
            "Montant",
            "Part du coût",
            "Notifiée",
            "Soldée",
        ],
        rows=[
            [
                str(line.get_scheme_display()),
                (line.funder or owner).short_name,
                words.money(line.amount_cents),
                words.percent(part),
                words.day(line.notified_on) if line.notified_on else journal.NOTHING,
                words.day(line.settled_on) if line.settled_on else journal.NOTHING,
            ]
            for line, part in plan.rows
        ],
        widths=[5, 4, 4, 3, 4, 4],
        numbers=[2, 3],
    )
    yield Facts(
        [
            ("Coût", words.money(plan.cost_cents)),
            ("Total du plan", f"{words.money(plan.total_cents)}"),
            ("Aides", f"{words.money(plan.public_cents)}"),
            ("Part du porteur", words.money(plan.own_cents)),
        ]
    )


def _opinions(dossier: Dossier) -> Iterator[Entry | Text]:
    sheet = dossier.sheet
    if not sheet.consulted:
        yield Text("Aucun avis n’a été demandé.")
        return
    yield Text(f"Avis reçus : {sheet.opinions_received} sur {len(sheet.consulted)}.")
    yield from map(_opinion, sheet.consulted)


def _opinion(consulted: Consulted) -> Entry:
    opinion = consulted.opinion
    if opinion is None:
        silence = consulted.deemed or "avis non rendu"
        return Entry(consulted.unit.name, lines=[silence])
    late = ", hors délai" if consulted.is_late else ""
    return Entry(
        title=f"{consulted.unit.name} : {opinion.get_direction_display().lower()}",
        aside=f"le {words.day(opinion.given_on)}, par {opinion.given_by}{late}",
        said=[opinion.text] if opinion.text else [],
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
    for document, joined in zip(dossier.originals, dossier.documents, strict=True):
        yield Entry(
            title=document.title,
            aside=f"{document.get_kind_display()}, jointe le "
            f"{words.day(document.added_at)} par {document.added_by}, "
            f"{filesizeformat(document.size)} · {joined.name}",
            code=f"SHA-256 {document.sha256}",
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
