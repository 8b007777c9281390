"""What the dossier of an operation tells: facts, plan, opinions, files."""

from collections.abc import Iterator, Sequence

from django.template.defaultfilters import filesizeformat

from erbm import words
from erbm.cases import journal
from erbm.cases.chapters import Chapters, Piece, stages
from erbm.operations.hearings import Consulted
from erbm.operations.models import Document
from erbm.operations.queries import Sheet
from erbm.printing import Entry, Facts, Section, Table, Text
from erbm.tables import Euros, Value
from erbm.tables import Table as Rows

PLAN = {
    "Dispositif": 34,
    "Financeur": 34,
    "Montant (€)": 18,
    "Notifiée le": 14,
    "Acte": 24,
    "Soldée le": 14,
}
OPINIONS = {"Service": 34, "Sens": 26, "Rendu le": 14, "Par": 24, "Texte": 80}


class OperationChapters(Chapters):
    """The chapters of an operation."""

    summary = "faits, financement, étapes, avis"
    annex = ("plan", "avis")

    def essentials(self, sheet: Sheet) -> Iterator[tuple[str, str]]:
        operation = sheet.operation
        communes = ", ".join(one.name for one in operation.communes.all())
        yield "Nature", str(operation.get_kind_display())
        yield "Porteur", operation.owner.name
        yield "Communes", communes or journal.NOTHING
        yield "Aide demandée", words.money(operation.requested_cents)

    def sections(self, sheet: Sheet) -> Iterator[Section]:
        yield Section("Description", list(_description(sheet)))
        yield Section("Étapes et dates", [Facts(list(_dates(sheet)))])
        yield Section("Plan de financement", list(_plan(sheet)))
        yield Section("Avis", list(_opinions(sheet)))

    def tables(self, sheet: Sheet) -> Iterator[Rows]:
        yield Rows("Plan", [*PLAN], list(_plan_rows(sheet)), [*PLAN.values()])
        rows = list(_opinion_rows(sheet))
        yield Rows("Avis", [*OPINIONS], rows, [*OPINIONS.values()])

    def pieces(self, sheet: Sheet) -> Sequence[Piece]:
        joined = sorted(sheet.documents, key=lambda one: (one.added_at, one.pk))
        return [_piece(document) for document in joined]


def _piece(document: Document) -> Piece:
    return Piece(
        title=document.title,
        filename=document.filename,
        about=f"{document.get_kind_display()}, jointe le "
        f"{words.day(document.added_at)} par {document.added_by}, "
        f"{filesizeformat(document.size)}",
        sha256=document.sha256,
        size=document.size,
        file=document.file,
    )


# On paper


def _description(sheet: Sheet) -> Iterator[Text | Facts]:
    operation = sheet.operation
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


def _dates(sheet: Sheet) -> Iterator[tuple[str, str]]:
    yield from stages(sheet)
    for label, day in sheet.dates:
        yield label, words.day(day)
    if sheet.operation.deadline_on:
        yield "Délai en cours", words.day(sheet.operation.deadline_on)


def _plan(sheet: Sheet) -> Iterator[Table | Facts | Text]:
    plan, owner = sheet.plan, sheet.operation.owner
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


def _opinions(sheet: Sheet) -> Iterator[Entry | Text]:
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


# In a table


def _plan_rows(sheet: Sheet) -> Iterator[Sequence[Value]]:
    owner = sheet.operation.owner
    for line in sheet.plan.lines:
        yield (
            *(str(line.get_scheme_display()), (line.funder or owner).name),
            *(Euros(line.amount_cents), line.notified_on, line.notification),
            line.settled_on,
        )


def _opinion_rows(sheet: Sheet) -> Iterator[Sequence[Value]]:
    for one in sheet.consulted:
        opinion = one.opinion
        if opinion is None:
            yield one.unit.name, one.deemed or "avis non rendu"
            continue
        direction = str(opinion.get_direction_display())
        by = str(opinion.given_by)
        yield one.unit.name, direction, opinion.given_on, by, opinion.text
