"""Which files may be joined: few formats, seen from inside, within limits."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path, PurePath
from typing import IO, Any

from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

LARGEST = 25 * 1024 * 1024
MOST_MEMBERS = 5_000
LARGEST_UNPACKED = 200 * 1024 * 1024
LONGEST_NAME = 200
CHUNK = 64 * 1024


class Unacceptable(Exception):
    """A file may not be joined; the message is for the person."""


class LimitedUpload(FileUploadHandler):
    """Stop writing to the disk what is larger, all together, than any file we accept.

    A form is read before anyone knows who sends it.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._left = LARGEST

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self._left -= len(raw_data)
        if self._left < 0:
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


class WholeFiles(FileSystemStorage):
    """The folder of the documents, where none stays that could not be written whole."""

    def _save(self, name: str, content: Any) -> str:
        try:
            return str(super()._save(name, content))  # type: ignore[misc]
        except OSError:
            # Under a name that only this file has.
            Path(self.path(name)).unlink(missing_ok=True)
            raise


def content_type_of(file: "UploadedFile[Any]") -> str:
    """
    Return what a file is, after its name and its content, which must agree.

    :raises Unacceptable: if it is none of the accepted formats
    """
    name = file.name or ""
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise Unacceptable("Le nom de ce fichier est trop long ou illisible.")
    if (file.size or 0) > LARGEST:
        raise Unacceptable(f"Ce fichier dépasse {LARGEST // 1024**2} Mo.")
    suffix = PurePath(name).suffix.lower().removeprefix(".")
    if suffix not in FORMATS:
        raise Unacceptable(f"Formats acceptés : {', '.join(FORMATS)}.")
    content_type, looks_right = FORMATS[suffix]
    file.seek(0)
    if not looks_right(file):
        raise Unacceptable(
            f"Ce fichier se nomme « .{suffix} » mais n’en a pas le contenu."
        )
    file.seek(0)
    return content_type


def _begins_with(signature: bytes) -> Callable[[IO[Any]], bool]:
    def check(file: IO[Any]) -> bool:
        return bytes(file.read(len(signature))) == signature

    return check


def _is_text(file: IO[Any]) -> bool:
    content: bytes = file.read()
    if b"\0" in content or content.startswith(SIGNATURES_OF_PROGRAMS):
        return False
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Spreadsheets still write the alphabet of Windows, which leaves five holes.
        return not set(content) & {0x81, 0x8D, 0x8F, 0x90, 0x9D}
    return True


SIGNATURES_OF_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"PK", b"%PDF")


def _office(main: str) -> Callable[[IO[Any]], bool]:
    """Recognise a package of Microsoft's, by its list of types and its main part."""

    def check(file: IO[Any]) -> bool:
        return _archive_holds(file, {TYPES: b"", main: b""})

    return check


def _open_document(mimetype: str) -> Callable[[IO[Any]], bool]:
    def check(file: IO[Any]) -> bool:
        return _archive_holds(file, {"mimetype": mimetype.encode(), "content.xml": b""})

    return check


def _archive_holds(file: IO[Any], wanted: Mapping[str, bytes]) -> bool:
    """
    Tell whether an archive has some members, and their content where it is given.

    :raises Unacceptable: if it cannot be opened without harm
    """
    if not _begins_with(ZIP)(file):
        # A library finds an archive behind anything; whoever opens the file may not.
        return False
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            names = _checked_names(archive)
            _unpack(archive)
            _check_types(archive, names)
            return all(
                name in names and (not content or archive.read(name) == content)
                for name, content in wanted.items()
            )
    except BROKEN:
        return False


# All that a damaged or forged archive makes the library raise.
BROKEN = (
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
)


def _checked_names(archive: zipfile.ZipFile) -> set[str]:
    members = archive.infolist()
    names = [member.filename for member in members]
    if len(members) > MOST_MEMBERS or len(set(names)) < len(names):
        raise Unacceptable("Ce document est fait de trop de morceaux.")
    if any(member.flag_bits & 1 for member in members):
        raise Unacceptable("Ce document est protégé par un mot de passe.")
    if any(PurePath(n).is_absolute() or ".." in PurePath(n).parts for n in names):
        raise Unacceptable("Ce document désigne des fichiers hors de lui-même.")
    if any(_is_macro(name) for name in names):
        raise Unacceptable("Ce document contient des macros.")
    return set(names)


def _is_macro(name: str) -> bool:
    path = PurePath(name.lower())
    return path.name in MACROS or not MACRO_FOLDERS.isdisjoint(path.parts[:-1])


MACROS = frozenset({"vbaproject.bin", "vbadata.xml"})
MACRO_FOLDERS = frozenset({"basic", "scripts", "activex", "macrosheets"})


def _check_types(archive: zipfile.ZipFile, names: Collection[str]) -> None:
    """
    Refuse a package that says itself that it holds macros, or runs a model elsewhere.

    :raises Unacceptable: if it does
    """
    if TYPES in names and b"macroenabled" in archive.read(TYPES).lower():
        raise Unacceptable("Ce document contient des macros.")
    for name in names:
        if name.endswith(".rels") and b"attachedTemplate" in archive.read(name):
            raise Unacceptable("Ce document appelle un modèle hors de lui-même.")


ZIP = b"PK\x03\x04"
TYPES = "[Content_Types].xml"


def _unpack(archive: zipfile.ZipFile) -> None:
    """Unpack for nothing: the sizes that an archive announces may be false."""
    left = LARGEST_UNPACKED
    for member in archive.infolist():
        with archive.open(member) as content:
            while chunk := content.read(CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise Unacceptable("Ce document est démesuré une fois ouvert.")


_OFFICE = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
FORMATS: Mapping[str, tuple[str, Callable[[IO[Any]], bool]]] = {
    "pdf": ("application/pdf", _begins_with(b"%PDF-")),
    "png": ("image/png", _begins_with(b"\x89PNG\r\n\x1a\n")),
    "jpg": ("image/jpeg", _begins_with(b"\xff\xd8\xff")),
    "jpeg": ("image/jpeg", _begins_with(b"\xff\xd8\xff")),
    "docx": (
        f"{_OFFICE}.wordprocessingml.document",
        _office("word/document.xml"),
    ),
    "xlsx": (f"{_OFFICE}.spreadsheetml.sheet", _office("xl/workbook.xml")),
    "odt": (f"{_ODF}.text", _open_document(f"{_ODF}.text")),
    "ods": (f"{_ODF}.spreadsheet", _open_document(f"{_ODF}.spreadsheet")),
    "csv": ("text/csv", _is_text),
}
ACCEPTED = ",".join(f".{suffix}" for suffix in FORMATS)
