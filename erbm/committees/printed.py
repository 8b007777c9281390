"""What a body prints: the sheet of an operation, minutes, extracts, a report."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from erbm import words
from erbm.cases import journal
from erbm.committees import queries
from erbm.committees.models import AgendaItem, Erratum, Sitting
from erbm.operations.hearings import Consulted
from erbm.operations.queries import Sheet
from erbm.printing import Document, Entry, Facts, Section, Table, Text
from flows import operation as common

FIXED = words.FIXED
LONGEST = 420
"""What an opinion or a report may take of the one page of an operation."""

STATES = {True: "présent", False: "absent"}


@dataclass(frozen=True, slots=True)
class Edition:
    """For whom a document is printed, and when."""

    by: Any
    at: datetime.datetime

    @property
    def foot(self) -> str:
        return f"Édité le {words.moment(self.at)} pour {self.by}"


def sheet_of(sheet: Sheet, edition: Edition) -> Document:
    """Say on one page what a body needs to know of an operation."""
    case = sheet.case
    return Document(
        title=f"{case.reference} · {case.title}",
        kicker="Fiche d’opération",
        running=f"Fiche · {case.reference}",
        foot=edition.foot,
        receipt="Les textes longs sont abrégés ; le dossier les donne entiers.",
        sections=[
            Section("L’essentiel", [Facts(list(_essentials(sheet)))]),
            Section("Plan de financement", [_plan(sheet)]),
            Section("Avis", list(_opinions(sheet.consulted))),
            Section("Proposition du service chef de file", list(_proposal(sheet))),
        ],
    )


def _essentials(sheet: Sheet) -> Iterator[tuple[str, str]]:
    operation, case = sheet.operation, sheet.case
    communes = ", ".join(one.name for one in operation.communes.all())
    yield "Nature, état", f"{operation.get_kind_display()}, {sheet.state_label}"
    yield "Porteur", operation.owner.name
    yield "Communes", communes or journal.NOTHING
    yield "Thème", str(operation.theme or journal.NOTHING)
    yield "Coût", words.money(case.amount_cents)
    yield "Aide demandée", words.money(operation.requested_cents)
    if operation.dwellings_before:
        before, after = operation.dwellings_before, operation.dwellings_after or 0
        yield "Logements", f"{words.count(before)} avant, {words.count(after)} après"
    if operation.description:
        yield "Description", _short(operation.description)


def _plan(sheet: Sheet) -> Table | Text:
    plan, owner = sheet.plan, sheet.operation.owner
    if not plan.lines:
        return Text("Aucune ligne de financement.")
    return Table(
        head=["Dispositif", "Financeur", "Montant", "Part du coût"],
        rows=[
            [
                str(line.get_scheme_display()),
                (line.funder or owner).short_name,
                words.money(line.amount_cents),
                words.percent(part),
            ]
            for line, part in plan.rows
        ],
        widths=[4, 4, 3, 2],
        numbers=[2, 3],
    )


def _opinions(consulted: Sequence[Consulted]) -> Iterator[Text | Facts]:
    rows = [
        (
            one.unit.short_name,
            _said(one),
        )
        for one in consulted
    ]
    yield Facts(rows) if rows else Text("Aucun avis n’a été demandé.")


def _said(one: Consulted) -> str:
    if one.opinion is None:
        return one.deemed or "avis non rendu"
    text = f". {_short(one.opinion.text, LONGEST // 3)}" if one.opinion.text else ""
    return f"{one.opinion.get_direction_display().lower()}{text}"


def _proposal(sheet: Sheet) -> Iterator[Text]:
    line = journal.latest(sheet.events, move=common.ENTER_AGENDA)
    said = dict(line.said) if line else {}
    report = next(iter(said.values()), "")
    yield Text(_short(report) if report else "Aucun rapport n’est joint.", quoted=True)


def _short(text: str, longest: int = LONGEST) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else f"{flat[: longest - 1].rstrip()}…"


# Minutes


def minutes_of(sitting: Sitting, edition: Edition) -> Document:
    """Say who sat, what was decided and how, with the errata published since."""
    label, items = sitting.minutes_label, sitting.agenda()
    title = f"Relevé de décisions {label}" if label else "Projet de relevé de décisions"
    return Document(
        title=title,
        kicker=sitting.body.name,
        running=f"{title} · {words.day(sitting.held_on)}",
        foot=edition.foot,
        receipt=f"Séance {sitting.case.reference}",
        sections=[
            Section("La séance", [Facts(list(_sat(sitting)))]),
            Section("Membres", [_attendance(sitting)]),
            Section("Décisions", [_entry(item) for item in items]),
            *_errata(sitting.errata.order_by("number")),
        ],
    )


def _sat(sitting: Sitting) -> Iterator[tuple[str, str]]:
    count = sitting.count()
    yield "Date", f"{words.day(sitting.held_on)}, {sitting.starts_at:%H h %M}"
    yield "Lieu", sitting.place or journal.NOTHING
    chairs = ", ".join(unit.name for unit in queries.chair_of(sitting))
    yield "Présidence", chairs or journal.NOTHING
    needed = "sans condition" if sitting.waives_quorum else f"{count.needed} requises"
    yield "Quorum", f"{count.counted} voix sur {count.seats}, {needed}"
    if sitting.closed_on:
        yield "Close le", words.day(sitting.closed_on)
    if sitting.published_on:
        yield "Relevé publié le", words.day(sitting.published_on)


def _attendance(sitting: Sitting) -> Table:
    sheet = sitting.sheet()
    names = {row.pk: row.unit.short_name for row in sheet}
    return Table(
        head=["Membre", "Voix", "Présence"],
        rows=[
            [
                f"{row.unit.name} ({row.get_role_display()})",
                "délibérative" if row.has_vote else "consultative",
                f"mandat à {names[row.proxy_to_id]}"
                if row.proxy_to_id
                else " : ".join(filter(None, [STATES[row.is_present], row.name])),
            ]
            for row in sheet
        ],
        widths=[6, 2, 4],
    )


def _entry(item: AgendaItem) -> Entry:
    case = item.operation.case
    return Entry(
        title=f"{item.position}. {case.reference} · {case.title}",
        aside=item.number_label,
        lines=[_outcome(item)],
        said=[item.reason] if item.reason else [],
        rows=list(_particulars(item)),
    )


def _outcome(item: AgendaItem) -> str:
    if item.is_postponed:
        return f"Reporté{FIXED}: {item.postponed_because}"
    return item.get_decision_display() or "À examiner"


def _particulars(item: AgendaItem) -> Iterator[tuple[str, str]]:
    if item.is_late:
        yield "Ajouté tardivement", item.late_because
    if item.conditions:
        yield "Conditions", item.conditions
    if item.planned_on:
        yield "Séance suivante", words.day(item.planned_on)
    if item.position_for:
        yield "Position favorable", item.position_for
        yield "Position défavorable", item.position_against
    if item.votes_for is not None:
        votes = f"{item.votes_for} pour, {item.votes_against} contre"
        yield "Votes", f"{votes}, {item.abstentions} abstention(s)"
    aside = [str(one.attendance) for one in item.withdrawals.all()]
    if aside:
        yield "Déports", ", ".join(aside)


def _errata(errata: "Sequence[Erratum] | Any") -> Iterator[Section]:
    entries = [
        Entry(
            title=f"Erratum n°{FIXED}{one.number}",
            aside=f"publié le {words.day(one.published_on)}",
            said=[one.correction],
            rows=[("Motif", one.reason)],
        )
        for one in errata
    ]
    if entries:
        yield Section("Errata", entries)


def extract_of(item: AgendaItem, edition: Edition) -> Document:
    """Say of one decision what its owner and its services need to keep."""
    sitting = item.sitting
    return Document(
        title=f"Extrait du relevé {sitting.minutes_label}",
        kicker=sitting.body.name,
        running=f"Extrait · {item.operation.case.reference}",
        foot=edition.foot,
        receipt=f"Séance {sitting.case.reference}",
        sections=[
            Section("La séance", [Facts(list(_sat(sitting)))]),
            Section("La décision", [_entry(item)]),
        ],
    )


# The report to the COPIL


def report_of(sitting: Sitting, edition: Edition) -> Document:
    """Sum up for the COPIL what the committees decided and what was arbitrated."""
    items = sitting.agenda()
    by_place: dict[str, list[AgendaItem]] = {}
    for item in items:
        place = item.operation.case.jurisdiction.name
        by_place.setdefault(place, []).append(item)
    arbitrated = queries.latest_texts(
        [item.operation_id for item in items], *ARBITRATED
    )
    return Document(
        title=f"Rapport au COPIL du {words.day(sitting.held_on)}",
        kicker=sitting.body.name,
        running="Rapport au COPIL",
        foot=edition.foot,
        receipt=f"Séance {sitting.case.reference}",
        sections=[
            Section("En bref", [Facts(list(_totals(by_place, arbitrated)))]),
            *(
                Section(place, [_reported(item, arbitrated) for item in some])
                for place, some in sorted(by_place.items())
            ),
        ],
    )


ARBITRATED = (
    common.ENDORSE.name,
    common.REFER_TO_ARBITRATION.name,
    common.ARBITRATE_FOR.name,
)


def _totals(by_place: Any, arbitrated: Any) -> Iterator[tuple[str, str]]:
    for place, items in sorted(by_place.items()):
        cost = sum(item.operation.case.amount_cents for item in items)
        yield place, f"{len(items)} opération(s), {words.money(cost)}"
    count = sum(common.ARBITRATE_FOR.name in events for events in arbitrated.values())
    yield "Issues d’un arbitrage", str(count)


def _reported(item: AgendaItem, arbitrated: Any) -> Entry:
    case = item.operation.case
    events = arbitrated.get(item.operation_id, {})
    found = [events[name] for name in ARBITRATED if name in events]
    lines = journal.read(found)
    return Entry(
        title=f"{item.position}. {case.reference} · {case.title}",
        aside=words.money(case.amount_cents),
        lines=[
            f"{line.what}, le {words.day(line.at)}, par {line.by}" for line in lines
        ],
        said=[line.reason for line in lines if line.reason],
        rows=[
            (label, value)
            for line in lines
            for label, value in line.said
            if label.startswith("Position")
        ],
    )
