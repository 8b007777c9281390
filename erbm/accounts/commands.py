"""What the register keeps of sign-ins: who came in, how surely, and who failed to."""

import datetime
import enum

from erbm.accounts.models import User
from workflow.models import EntryKind
from workflow.trail import register


class Level(enum.StrEnum):
    """How surely a person is who she says; ProConnect will bring its own."""

    PASSWORD = "password"  # noqa: S105


class Leaving(enum.StrEnum):
    """Why a session ended."""

    ASKED = "asked"
    IDLE = "idle"
    TOO_LONG = "too_long"


def note_sign_in(*, level: Level, by: User, at: datetime.datetime) -> None:
    """Write that a person comes in."""
    register.enter(EntryKind.SIGNED_IN, by=by, at=at, facts={"level": level})


def note_sign_out(*, why: Leaving, by: User, at: datetime.datetime) -> None:
    """Write that a person leaves, or is left out."""
    register.enter(EntryKind.SIGNED_OUT, by=by, at=at, facts={"why": why})


def note_failed_sign_in(
    *, email: str, level: Level, by: User | None, at: datetime.datetime
) -> None:
    """
    Write that somebody fails to be who she says, and not what she typed.

    `by` is a person who is signed in already, and fails to prove it again.
    """
    account = User.objects.filter(email__iexact=email).first()
    register.enter_sparingly(
        EntryKind.SIGN_IN_FAILED,
        by=by,
        at=at,
        facts={"account": account.pk if account else None, "level": level},
        apart="account",
    )
