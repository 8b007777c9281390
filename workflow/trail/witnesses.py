"""Keep outside the database, day by day, what was sealed."""

import contextlib
import datetime
import logging
import os
import secrets
from pathlib import Path

from django.conf import settings

from workflow.deadlines import local_day
from workflow.models import Checkpoint

logger = logging.getLogger(__name__)


def keep(checkpoint: Checkpoint, *, at: datetime.datetime) -> None:
    """Copy the first checkpoint of each day to the folder of the witnesses, and log it.

    A copy is never written over: the folder may allow files to be added, and no more.
    """
    if not settings.WITNESS_DIR:
        return
    try:
        _write(checkpoint, local_day(at))
    except OSError:
        # What is sealed stays sealed; those who watch are told by `testimonies.fault`.
        logger.exception("witnesses.failed")


def _write(checkpoint: Checkpoint, day: datetime.date) -> None:
    path = Path(settings.WITNESS_DIR) / f"{day}.note"
    if path.exists():
        return
    # Whole or not at all: a name that is taken is taken for ever.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with draft.open("x", encoding="utf-8") as file:
            file.write(checkpoint.note)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
            logger.info("checkpoint %s", checkpoint.note.replace("\n", " | "))
    finally:
        with contextlib.suppress(OSError):  # a folder may keep all that it is given
            draft.unlink()


def kept() -> list[str]:
    """Return the checkpoints that the witnesses of this process kept."""
    return [note for _, note in kept_by_day()]


def kept_by_day() -> list[tuple[str, str]]:
    """Return each with the day that it is named after, the earliest first.

    One that cannot be read is empty: that is no checkpoint, and whoever compares it
    with the log says so.
    """
    if not settings.WITNESS_DIR:
        return []
    return [
        (path.stem, _read(path))
        for path in sorted(Path(settings.WITNESS_DIR).glob("*.note"))
    ]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        logger.exception("witnesses.unreadable", extra={"witness": path.name})
        return ""
