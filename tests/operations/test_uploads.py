"""Which files are accepted: few, seen from inside, however they are dressed up."""

import errno
import io
import struct
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import SkipFile

from erbm.operations import uploads

ODT = b"application/vnd.oasis.opendocument.text"
ODS = b"application/vnd.oasis.opendocument.spreadsheet"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def archive(compression=zipfile.ZIP_DEFLATED, **members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return file.getvalue()


def docx(**more):
    return archive(
        **{"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}, **more
    )


def xlsx(**more):
    return archive(
        **{"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<w/>"}, **more
    )


def open_document(mimetype, **more):
    return archive(mimetype=mimetype, **{"content.xml": "<office/>"}, **more)


def encrypted():
    """Mark every member as protected by a password, in both of its headers."""
    content = bytearray(docx())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(signature, at + 1)
    return bytes(content)


def lying():
    """Announce a small size for a member that unpacks to much more."""
    content = bytearray(docx(bomb=bytes(10_000_000)))
    real = struct.pack("<I", 10_000_000)
    return bytes(content).replace(real, struct.pack("<I", 10))


def damaged():
    """Change a member after the sum that vouches for it was written."""
    members = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}
    return archive(zipfile.ZIP_STORED, **members).replace(b"<w/>", b"<ww>")


def twice():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made, pytest.warns(UserWarning):
        made.writestr("[Content_Types].xml", "")
        made.writestr("word/document.xml", "un")
        made.writestr("word/document.xml", "deux")
    return file.getvalue()


def check(name, content):
    return uploads.content_type_of(SimpleUploadedFile(name, content))


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("plan.pdf", b"%PDF-1.4\n", "application/pdf"),
        ("PLAN.PDF", b"%PDF-1.4\n", "application/pdf"),
        ("cité n° 9 – façades.png", PNG, "image/png"),
        ("photo.jpg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("photo.jpeg", b"\xff\xd8\xff\xe1", "image/jpeg"),
        ("acte.docx", docx(), uploads.FORMATS["docx"][0]),
        ("plan.xlsx", xlsx(), uploads.FORMATS["xlsx"][0]),
        ("acte.odt", open_document(ODT), ODT.decode()),
        ("plan.ods", open_document(ODS), ODS.decode()),
        ("plan.csv", "cité;coût\nÉté;12".encode(), "text/csv"),
        ("plan.csv", "cité;coût".encode("utf-8-sig"), "text/csv"),
        ("plan.csv", "cité;coût €".encode("cp1252"), "text/csv"),
    ],
)
def test_the_usual_formats_are_accepted(name, content, content_type):
    assert check(name, content) == content_type


HOSTILE = {
    "a programme": ("virus.exe", b"MZ\x90\x00"),
    "a programme named as a text": ("virus.pdf", b"MZ\x90\x00"),
    "a page named as an image": ("page.png", b"<html><script>alert(1)</script>"),
    "a page": ("page.html", b"<html></html>"),
    "a drawing that runs scripts": ("dessin.svg", b"<svg onload='alert(1)'/>"),
    "a text hidden behind another format": ("x.pdf", b"\n%PDF-1.4"),
    "a format no longer used": ("x.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    "a format with macros": ("x.docm", docx()),
    "a password in the old format": ("x.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    "macros in a document": ("x.docx", docx(**{"word/vbaProject.bin": "macro"})),
    "macros in an open document": ("x.odt", open_document(ODT, **{"Basic/a": "m"})),
    "macros under their data": ("x.docx", docx(**{"word/vbaData.xml": "m"})),
    "macros in another case": ("x.docx", docx(**{"word/VBAProject.BIN": "m"})),
    "macros in a sheet of the old kind": (
        "x.xlsx",
        xlsx(**{"xl/macrosheets/sheet1.xml": "m"}),
    ),
    "controls that run": ("x.docx", docx(**{"word/activeX/activeX1.bin": "m"})),
    "a format with macros under another name": (
        "x.docx",
        archive(
            **{
                "[Content_Types].xml": "application/vnd.ms-word.document.macroEnabled",
                "word/document.xml": "<w/>",
            }
        ),
    ),
    "a model called from elsewhere": (
        "x.docx",
        docx(**{"word/_rels/settings.xml.rels": 'Type="…/attachedTemplate"'}),
    ),
    "a document behind something else": ("x.docx", b"MZ" + docx()),
    "an archive": ("x.zip", docx()),
    "an archive named as a document": ("x.docx", archive(a="b")),
    "a document named as another": ("x.xlsx", docx()),
    "a template named as a text": ("x.odt", open_document(ODT + b"-template")),
    "an open document without content": ("x.odt", archive(mimetype=ODT)),
    "a path out of the archive": ("x.docx", docx(**{"../../etc/passwd": "x"})),
    "an absolute path": ("x.docx", docx(**{"/etc/passwd": "x"})),
    "a member twice": ("x.docx", None),
    "a password": ("x.docx", encrypted()),
    "a size that lies": ("x.docx", lying()),
    "half an archive": ("x.docx", docx()[:-30]),
    "a damaged member": ("x.docx", damaged()),
    "an archive without members": ("x.docx", b"PK\x05\x06" + bytes(18)),
    "no extension": ("fichier", b"%PDF-1.4"),
    "only an extension": (".pdf", b"%PDF-1.4"),
    "a name that reads backwards": ("\u202efdp.exe.pdf", b"%PDF-1.4"),
    "a name on two lines": ("a\nb.pdf", b"%PDF-1.4"),
    "a name with a hole": ("a\0b.pdf", b"%PDF-1.4"),
    "a name without end": ("a" * 250 + ".pdf", b"%PDF-1.4"),
    "a table with holes": ("x.csv", b"a;b\0;c"),
    "a programme named as a table": ("x.csv", b"MZabc"),
    "an archive named as a table": ("x.csv", docx()),
    "an image named as a table": ("x.csv", PNG),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_the_hostile_is_refused(what):
    name, content = HOSTILE[what]
    if content is None:
        content = twice()

    with pytest.raises(uploads.Unacceptable) as refused:
        check(name, content)

    assert str(refused.value).endswith(".")


def test_a_document_that_swells_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST_UNPACKED", 1_000_000)

    with pytest.raises(uploads.Unacceptable, match="démesuré"):
        check("x.docx", docx(bomb=bytes(2_000_000)))


def test_a_document_of_too_many_parts_is_refused(monkeypatch):
    monkeypatch.setattr(uploads, "MOST_MEMBERS", 3)

    with pytest.raises(uploads.Unacceptable, match="trop de morceaux"):
        check("x.docx", docx(a="", b=""))


def test_a_file_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST", 1024 * 1024)

    with pytest.raises(uploads.Unacceptable, match="1 Mo"):
        check("x.pdf", b"%PDF-" + bytes(1024 * 1024))


def test_the_file_is_left_at_its_beginning():
    file = SimpleUploadedFile("x.docx", docx())

    uploads.content_type_of(file)

    assert file.tell() == 0


def test_files_are_written_up_to_one_limit_all_together(monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST", 1_000)
    handler = uploads.LimitedUpload()

    assert handler.receive_data_chunk(bytes(600), 0) == bytes(600)
    assert handler.receive_data_chunk(bytes(400), 0) == bytes(400)
    for _ in range(2):
        with pytest.raises(SkipFile):
            handler.receive_data_chunk(b"a", 0)


def test_nothing_stays_of_a_file_that_could_not_be_written_whole(tmp_path):
    class Cut(ContentFile):
        def chunks(self, chunk_size=None):
            yield b"%PDF"
            raise OSError(errno.ENOSPC, "plus de place")

    with pytest.raises(OSError, match="plus de place"):
        uploads.WholeFiles(location=tmp_path).save("documents/a", Cut(b"%PDF"))

    assert list((tmp_path / "documents").iterdir()) == []
