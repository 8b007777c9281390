"""Open a table somebody sends us, whatever it is, without trusting it."""

import stat
import zipfile
import zlib
from collections.abc import Callable, Generator
from pathlib import Path

from erbm.imports import demarche, ods, text, xlsx
from erbm.imports.sheets import Sheet, UnreadableFile

# The whole of France for a year is 3 MB, and 24 MB once uncompressed.
MAX_BYTES = 100 * 1024 * 1024
MAX_UNCOMPRESSED_BYTES = 120 * 1024 * 1024
MAX_PARTS = 5_000

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
JSON = {b"{", b"["}
BLANKS = b"\xef\xbb\xbf \t\r\n"
ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"

Sheets = Generator[Sheet, None, None]
Reader = Callable[[Path], Sheets]


def sheets(path: Path) -> Sheets:
    """
    Return the sheets of a file, to be read once, in order, and closed.

    The content decides of the format, not the name.

    :raises UnreadableFile: if it is not a table, or an unreasonable one
    """
    _check_size(path)
    return _reader_of(path)(path)


def _check_size(path: Path) -> None:
    try:
        status = path.stat()
    except OSError as error:
        raise UnreadableFile(f"Fichier introuvable : {path}.") from error
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableFile(f"{path} n’est pas un fichier.")
    if not status.st_size:
        raise UnreadableFile("Le fichier est vide.")
    if status.st_size > MAX_BYTES:
        raise UnreadableFile(
            f"Le fichier dépasse {MAX_BYTES // 1024**2} Mo : trop grand pour être lu."
        )


def _reader_of(path: Path) -> Reader:
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise UnreadableFile(f"Le fichier {path} ne peut être ouvert.") from error
    if start == OLE2:
        raise UnreadableFile(
            "Ancien format .xls, ou classeur protégé par un mot de passe : "
            "enregistrez-le en .xlsx, sans mot de passe."
        )
    if start.startswith(ZIP):
        return _reader_of_archive(path)
    if start.lstrip(BLANKS)[:1] in JSON:
        return demarche.sheets
    return text.sheets


def _reader_of_archive(path: Path) -> Reader:
    """Tell a workbook from a text document or a bomb."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = {part.filename: part for part in archive.infolist()}
            _check_archive(archive)
            if "xl/workbook.xml" in parts:
                return xlsx.sheets
            if "mimetype" in parts and archive.read("mimetype").strip() == ODS_TYPE:
                return ods.sheets
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise UnreadableFile("Le classeur est abîmé : il ne s’ouvre pas.") from error
    raise UnreadableFile("Ce fichier n’est ni un classeur .xlsx ou .ods, ni un .csv.")


def _check_archive(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MAX_PARTS:
        raise UnreadableFile("Le classeur contient un nombre anormal de parties.")
    # What a part declares is an upper bound: zipfile reads no further.
    if sum(part.file_size for part in parts) > MAX_UNCOMPRESSED_BYTES:
        raise UnreadableFile(
            "Le classeur, une fois décompressé, dépasse "
            f"{MAX_UNCOMPRESSED_BYTES // 1024**2} Mo : trop grand pour être lu."
        )
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableFile("Le classeur est protégé par un mot de passe.")
