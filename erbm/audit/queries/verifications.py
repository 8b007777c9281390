"""What the latest verification of the whole trail found, and the one that is asked."""

import datetime
from dataclasses import dataclass

from workflow import verifications
from workflow.models import Fault, Verification, VerificationRequest

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Progress:
    """The latest verification, its first faults, and the one that is under way."""

    latest: Verification | None
    faults: list[Fault]
    is_overdue: bool
    pending: VerificationRequest | None

    @property
    def untold(self) -> int:
        """How many faults are not shown."""
        return self.latest.found - len(self.faults) if self.latest else 0


def progress(at: datetime.datetime) -> Progress:
    """Read where the verifications of the whole trail stand."""
    latest, pending = verifications.latest(), verifications.pending()
    if latest is None:
        return Progress(None, [], False, pending)
    faults = latest.faults.order_by("pk")[:SHOWN] if latest.found else []
    is_overdue = at - latest.started_at > verifications.OVERDUE
    return Progress(latest, list(faults), is_overdue, pending)
