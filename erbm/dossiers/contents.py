"""The files of a dossier, one after the other, none of them held whole."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.template.loader import render_to_string

from erbm import printing, words
from erbm import tables as spreadsheets
from erbm.dossiers import annex, printed
from erbm.dossiers.files import Joined
from erbm.dossiers.packing import CHUNK, Member
from erbm.dossiers.queries import Dossier
from workflow.models import Case, Entry
from workflow.trail import export


def pages(dossier: Dossier) -> list[Member]:
    """Print what is printed: what could fail does so before anything is given."""
    at = dossier.at
    synthesis = printing.print_out(printed.synthesis(dossier), at=at)
    return [
        Member("LISEZMOI.txt", [_read_me(dossier).encode()]),
        Member("synthese.pdf", [synthesis]),
        *(
            Member(name, [printing.print_out(document, at=at)])
            for name, document in printed.journals(dossier)
        ),
        *(
            Member(f"{one.folder}{name}", [printing.print_out(document, at=at)])
            for one in dossier.along
            for name, document in one.room.chapters.papers(one.sheet)
        ),
    ]


def members(dossier: Dossier, pages: Iterable[Member]) -> Iterator[Member]:
    """Return all the files; the tables tell what was found in those before them."""
    yield from pages
    for one in (dossier, *dossier.along):
        yield Member(f"{one.folder}journal.csv", _encoded(annex.journal(one)))
    if dossier.with_files:
        yield from _joined(dossier.files)
    yield Member("pieces/index.csv", _encoded(annex.files(dossier.files)))
    yield Member("annexe.xlsx", _workbook(dossier))
    yield from _proof(dossier)


def _read_me(dossier: Dossier) -> str:
    context = {
        "dossier": dossier,
        "case": dossier.sheet.case,
        "at": words.moment(dossier.at),
    }
    return render_to_string("dossiers/lisezmoi.txt", context)


def _encoded(table: spreadsheets.Table) -> Iterator[bytes]:
    return (line.encode() for line in spreadsheets.csv_lines(table))


def _joined(files: Iterable[Joined]) -> Iterator[Member]:
    for one in files:
        if one.is_there():
            yield Member(one.name, one.content())


def _workbook(dossier: Dossier) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as file:
        spreadsheets.write_xlsx(annex.tables(dossier), file)
        file.seek(0)
        while piece := file.read(CHUNK):
            yield piece


def _proof(dossier: Dossier) -> Iterator[Member]:
    """
    Export the trail of the case and of those that go along, with what verifies it.

    Not the register, which says who looked at it: that is for auditors alone.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "preuve"
        told = [one.sheet.case.pk for one in (dossier, *dossier.along)]
        cases = Case.objects.filter(pk__in=told)
        export.export(cases, folder, whole=False, register=Entry.objects.none())
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            yield Member(f"preuve/{path.relative_to(folder)}", _read(path))


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece
