"""A zip written as it is read: no file of it is ever held whole."""

import datetime
import hashlib
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils import timezone

CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the zip: its name, and what it is made of, some bytes at a time."""

    name: str
    content: Iterable[bytes]


def packed(members: Iterable[Member], *, at: datetime.datetime) -> Iterator[bytes]:
    """
    Return a zip bit by bit, and the SHA-256 of each of its files in the last of them.

    The members are asked for one after the other, each once the former is written.
    """
    pipe, sums = _Pipe(), list[str]()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for member in members:
            digest = hashlib.sha256()
            with archive.open(_info(member.name, at), "w") as file:
                for piece in member.content:
                    digest.update(piece)
                    file.write(piece)
                    yield from pipe.taken()
            sums.append(f"{digest.hexdigest()}  {member.name}\n")
        archive.writestr(_info("empreintes.txt", at), "".join(sums))
    yield from pipe.taken()


def _info(name: str, at: datetime.datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, timezone.localtime(at).timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


class _Pipe:
    """A file that cannot be gone back in, and keeps nothing of what was taken."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes, /) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing is held."""

    def taken(self) -> Iterator[bytes]:
        pieces, self._pieces = self._pieces, []
        yield from pieces
