"""Write a file before the case is locked, and take it back if nothing keeps it."""

import datetime
import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile

from erbm.operations.models import Document, Operation
from workflow.engine import Noted


class Stored:
    """A file that was written; whoever keeps it takes its name."""

    def __init__(self, name: str, sha256: str) -> None:
        self.sha256 = sha256
        self.is_kept = False
        self._name = name

    def take(self) -> str:
        """Return the name under which it is stored, to be kept in a row."""
        self.is_kept = True
        return self._name


def columns(
    file: "UploadedFile[bytes]", stored: Stored, content_type: str
) -> dict[str, Any]:
    """Return what a row keeps of a file that was stored, and keep it."""
    return {
        "file": stored.take(),
        "filename": (file.name or "")[-200:],
        "content_type": content_type,
        "size": file.size or 0,
        "sha256": stored.sha256,
    }


def joined(
    operation: Operation,
    file: "UploadedFile[bytes]",
    stored: Stored,
    *,
    kind: str,
    title: str,
    content_type: str,
    by: Any,
    at: datetime.datetime,
) -> Document:
    """Join a file that was stored to an operation."""
    return Document.objects.create(
        operation=operation,
        kind=kind,
        title=title,
        **columns(file, stored, content_type),
        added_by=by,
        added_at=at,
    )


def noted(document: Document) -> Noted:
    """Return what the trail notes of a document that is joined."""
    return Noted(
        facts={"document": document.pk, "kind": document.kind, **document.noted},
        texts={"document": document.title, "filename": document.filename},
    )


@contextmanager
def stored(file: "UploadedFile[bytes]") -> Iterator[Stored]:
    """
    Store a file under a name that tells nothing, and remove it unless it is kept.

    A transaction that is undone keeps nothing, whatever it had begun to write.
    """
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    name = default_storage.save(f"documents/{uuid.uuid4()}", file)
    written = Stored(name, digest.hexdigest())
    try:
        yield written
    except BaseException:
        default_storage.delete(name)
        raise
    if not written.is_kept:
        default_storage.delete(name)
