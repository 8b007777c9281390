"""What is printed: French as it is written, and data that are no markup."""

import datetime
import io
import unicodedata

import docx
import pypdf
import pytest
import typst
from django.core.files.uploadedfile import SimpleUploadedFile

from erbm import printing, words
from erbm.operations import uploads
from erbm.printing import (
    DRAWN,
    Chart,
    Document,
    Entry,
    Facts,
    Section,
    Table,
    Text,
    editable,
)

AT = datetime.datetime(2026, 11, 24, 5, 2, tzinfo=datetime.UTC)


def printed(*blocks, title="Synthèse", **said):
    said = {"kicker": "k", "running": "r", "foot": "pied", "receipt": "reçu"} | said
    sections = [Section("Faits", blocks)]
    return printing.print_out(Document(title=title, sections=sections, **said), at=AT)


def text_of(content):
    return "\n".join(
        page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages
    )


def test_french_is_printed_as_it_is_written():
    place = f"«{words.FIXED}Œuvre à Noyelles-sous-Lens{words.FIXED}»"

    text = text_of(printed(Facts([(place, words.money(123456789))])))

    assert f"1{words.NARROW}234{words.NARROW}567,89{words.FIXED}€" in text
    assert place in text


MARKUP = [
    '#eval("1 + 1")',
    '#read("/etc/passwd")',
    "*gras* _italique_ `code` $x^2$",
    "@reference <label> https://x.example",
    "= Titre\n- liste\n/ terme: x",
    "\"droites\" 'simples' -- --- ...",
    r"\u{41} \\ \# ~ // commentaire /* autre */",
    "#let a = 1; #a [x] {y}",
]


@pytest.mark.parametrize("said", MARKUP)
def test_markup_is_printed_and_never_obeyed(said):
    everywhere = [
        Facts([(said, said)]),
        Table([said], [[said]], [1]),
        Text(said, quoted=True),
        Entry(said, said, [said], [said], [(said, said)], said),
    ]

    content = printed(*everywhere, title=said, kicker=said, running=said, foot=said)

    found = "".join(text_of(content).split())
    # Title, kicker, foot; name and value; head and cell; text; seven in the entry.
    assert found.count("".join(said.split())) == 15


def test_it_is_tagged_named_dated_and_in_french():
    reader = pypdf.PdfReader(io.BytesIO(printed(title="ERBM-1 · Cité")))

    root = reader.trailer["/Root"]
    assert root["/Lang"] == "fr-FR"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]
    assert reader.metadata.title == "ERBM-1 · Cité"
    assert reader.metadata.creation_date == AT
    conformance = root["/Metadata"].get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in conformance
    assert "<pdfaid:part>2</pdfaid:part>" in conformance


def test_the_same_data_make_the_same_file():
    assert printed(Text("même")) == printed(Text("même"))


def test_every_character_said_to_be_drawn_is():
    codes = [c for first, last in DRAWN for c in range(first, last + 1)]
    drawn = "".join(map(chr, codes))

    content = printed(Text(drawn), Text(" ".join(drawn)), Entry(drawn, code=drawn))

    assert "[U+" not in text_of(content)


@pytest.mark.parametrize(
    "odd", ["😀", "中", "\0", "\u202e", "\ufeff", "\ue000", "\u0e33"]
)
def test_what_no_font_draws_is_named_rather_than_lost(odd):
    assert f"a[U+{ord(odd):04X}]b" in text_of(printed(Text(f"a{odd}b"), title=odd))


def test_a_letter_in_two_pieces_is_put_together():
    text = text_of(printed(Text(unicodedata.normalize("NFD", "Échéance"))))

    assert "Échéance" in text


def test_pages_are_numbered_and_bear_the_receipt():
    texts = [
        page.extract_text()
        for page in pypdf.PdfReader(
            io.BytesIO(printed(*[Text("ligne")] * 80, receipt="Reçu : 12 · ab"))
        ).pages
    ]

    assert len(texts) > 1
    for number, text in enumerate(texts, 1):
        assert f"page {number} sur {len(texts)}" in text
        assert "Reçu : 12 · ab" in text


def test_a_sheet_reads_nothing_outside_of_its_folder(monkeypatch, tmp_path):
    folder = tmp_path / "sheets"
    folder.mkdir()
    (tmp_path / "secret").write_text("secret")
    (folder / "curious.typ").write_text('#read("../secret")')
    monkeypatch.setattr(printing, "SHEETS", folder)

    with pytest.raises(typst.TypstError, match=r"outside|root|escape"):
        printing.pdf("curious", {}, at=AT)


def test_no_sheet_asks_for_a_package_that_would_be_fetched():
    sheets = list(printing.SHEETS.glob("*.typ"))

    assert sheets
    assert not [sheet for sheet in sheets if '"@' in sheet.read_text()]


def test_what_is_given_to_write_further_says_all_and_is_a_file_we_would_take():
    strange = "a\x00b \U0001f600 <w:p/> {{ x }}\nsuite"
    blocks = [
        Facts([("Fait", strange)]),
        Table(["A", "B"], [[strange, "12"]], [2, 1], numbers=[1]),
        Text(strange, quoted=True),
        Entry("1. Point", "n° 1", ["ligne"], ["dit"], [("Votes", "3 pour")], "c0de"),
        Chart("<svg/>", "une courbe"),
    ]
    document = Document(
        title="Relevé n° 7",
        kicker="k",
        running="en-tête",
        foot="pied",
        receipt="reçu",
        sections=[Section("Faits", blocks)],
    )

    content = editable.docx_of(document, at=AT)

    sent = SimpleUploadedFile("releve.docx", content)
    assert uploads.content_type_of(sent) == editable.CONTENT_TYPE
    file = docx.Document(io.BytesIO(content))
    said = [one.text for one in file.paragraphs]
    written = "a[U+0000]b \U0001f600 <w:p/> {{ x }}\nsuite"
    assert file.core_properties.title == "Relevé n° 7"
    assert f"Fait{words.FIXED}: {written}" in said
    assert [cell.text for cell in file.tables[0].rows[1].cells] == [written, "12"]
    assert {"Relevé n° 7", "1. Point", "n° 1", "ligne", "dit", "une courbe"} <= set(
        said
    )
    page = file.sections[0]
    assert page.header.paragraphs[0].text == "en-tête"
    assert "PAGE" in page.footer.paragraphs[0]._p.xml
