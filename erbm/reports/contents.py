"""What a report holds, once for the document that is printed and for the workbook."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from erbm import charts, words
from erbm.delivery.figures import DIMENSIONS, TARGET, TARGET_DATE, TARGET_SOURCE
from erbm.delivery.queries import MEASURES
from erbm.printing import Chart, Document, Section, Table, Text
from erbm.reports.queries import PIPELINE, Place, Programme, Seen
from erbm.tables import Euros, Value
from erbm.tables import Table as Sheet

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Part:
    """
    One table of a report, with what is said before it and the picture of it.

    - `numbers`: the columns that are read from their right.
    """

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Value]]
    widths: Sequence[int]
    numbers: Sequence[int] = ()
    said: str = ""
    picture: tuple[SafeString, str] | None = None


Report = Callable[[Programme], Iterator[Part]]


# The annual review


def review(programme: Programme) -> Iterator[Part]:
    """Say what the programme has become, at the end of a year or at any moment."""
    yield _places(programme)
    yield _year(programme)
    yield _dwellings(programme)
    for dimension in ("arrondissement", "epci", "owner", "cite"):
        yield _dwellings_by(programme, dimension)
    yield _yearly(programme)
    yield Part(
        title="Conditions",
        head=["Conditions retenues", "Nombre"],
        rows=programme.conditions,
        widths=[4, 1],
        numbers=[1],
    )
    yield _list(programme.running, "Opérations en cours")


def _places(programme: Programme) -> Part:
    whole = programme.whole
    shown = list(
        zip([str(stage.label) for stage in PIPELINE], whole.stages, strict=True)
    )
    return Part(
        title="Opérations en cours, par arrondissement",
        head=[
            "Arrondissement",
            *(str(stage.label) for stage in PIPELINE),
            "Total",
            "Coût",
            "Aides demandées",
        ],
        rows=[_place(one) for one in (*programme.places, whole)],
        widths=[4, 2, 2, 2, 2, 2, 2, 3, 3],
        numbers=range(1, 9),
        picture=_picture("Opérations en cours par étape", shown),
    )


def _place(one: Place) -> list[Value]:
    money = [Euros(one.cost_cents), Euros(one.aid_cents)]
    return [one.name, *one.stages, one.total, *money]


def _year(programme: Programme) -> Part:
    year = programme.year
    return Part(
        title=f"Ce qui s’est fait en {year}",
        head=["Geste", str(year), str(year - 1)],
        rows=programme.of_the_year,
        widths=[5, 1, 1],
        numbers=[1, 2],
        said=f"Compté au journal, jusqu’au {words.day(programme.at)}.",
    )


def _dwellings(programme: Programme) -> Part:
    counter = programme.dwellings
    shown = [
        (label, getattr(counter.total.figures, name))
        for name, label, _ in MEASURES
        if name in {"agreed", "funded", "under_way", "delivered"}
    ]
    return Part(
        title=f"Les {words.count(TARGET)} logements",
        head=["Logements", "Nombre", "Part de l’objectif", "Source", "Au"],
        rows=[
            [
                one.label,
                one.number,
                words.percent(one.part),
                one.source,
                one.latest,
            ]
            for one in counter.measures
        ],
        widths=[4, 2, 2, 6, 3],
        numbers=[1, 2],
        said=f"Objectif : {TARGET_SOURCE}, {words.day(TARGET_DATE)}.",
        picture=_picture("Logements", shown, whole=TARGET),
    )


def _dwellings_by(programme: Programme, dimension: str) -> Part:
    label, _ = DIMENSIONS[dimension]
    rows = programme.dwellings.by(dimension)
    return Part(
        title=f"Logements par {label if label == 'EPCI' else label.lower()}",
        head=[label, "Validés", "Financés", "En travaux", "Livrés", "Au"],
        rows=[
            [
                row.name,
                row.figures.agreed,
                row.figures.funded,
                row.figures.under_way,
                row.figures.delivered,
                row.latest,
            ]
            for row in rows
        ],
        widths=[5, 2, 2, 2, 2, 3],
        numbers=[1, 2, 3, 4],
    )


def _yearly(programme: Programme) -> Part:
    yearly = programme.dwellings.yearly
    shown = [(str(year), number) for year, number in yearly]
    return Part(
        title="Logements livrés par année",
        head=["Année", "Livrés"],
        rows=[list(row) for row in shown],
        widths=[1, 1],
        numbers=[1],
        picture=_picture("Logements livrés par année", shown) if shown else None,
    )


# The table of the COPIL


def copil(programme: Programme) -> Iterator[Part]:
    """List what waits for the COPIL."""
    yield _list(programme.at_the_copil, "Opérations soumises au COPIL")


def _list(some: Sequence[Seen], title: str) -> Part:
    return Part(
        title=title,
        head=[
            "Référence",
            "Opération",
            "Porteur",
            "Arrondissement",
            "État",
            "Logements",
            "Coût",
            "Aides demandées",
        ],
        rows=[
            [
                one.operation.case.reference,
                one.title,
                one.operation.owner.short_name,
                one.place,
                str(one.state.label),
                one.dwellings or None,
                Euros(one.cost_cents),
                Euros(one.aid_cents),
            ]
            for one in some
        ],
        widths=[3, 6, 3, 3, 3, 2, 3, 3],
        numbers=[5, 6, 7],
    )


def _picture(
    title: str, rows: Sequence[tuple[str, int]], whole: int | None = None
) -> tuple[SafeString, str]:
    said = f"{title} : {charts.said(rows)}"
    return charts.bars(title, rows, whole=whole), said


# On paper, and as a workbook


def printed(title: str, report: Report, programme: Programme) -> Document:
    """Return a report to print: the same bytes whenever it is asked for."""
    said = f"Arrêté au {words.moment(programme.at)}"
    return Document(
        title=title,
        kicker="Engagement pour le renouveau du bassin minier",
        running=title,
        foot=f"{said}. Chiffres relus dans le journal des opérations.",
        receipt="",
        sections=[Section(one.title, list(_blocks(one))) for one in report(programme)],
    )


def _blocks(part: Part) -> Iterator[Text | Chart | Table]:
    if part.said:
        yield Text(part.said)
    if part.picture:
        svg, alt = part.picture
        yield Chart(str(svg), alt)
    if not part.rows:
        yield Text("Rien à ce jour.")
        return
    yield Table(
        head=part.head,
        rows=[[_written(value) for value in row] for row in part.rows],
        widths=part.widths,
        numbers=list(part.numbers),
    )


def _written(value: Value) -> str:
    match value:
        case None:
            return NOTHING
        case Euros():
            return words.short_money(value.cents)
        case str():
            return value
        case int():
            return words.count(value)
    return words.day(value)


def sheets(report: Report, programme: Programme) -> Iterator[Sheet]:
    """Return a report as the sheets of a workbook."""
    for number, one in enumerate(report(programme), 1):
        yield Sheet(
            title=f"{number} {one.title}".replace("’", " ")[:31],
            head=one.head,
            rows=one.rows,
            widths=[width * 6 for width in one.widths],
        )
