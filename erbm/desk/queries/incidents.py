"""What an administrator must know of what went wrong."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from workflow import inspections, verifications
from workflow.models import Fault, Finding, Inspection, Membership, Verification
from workflow.paging import Order
from workflow.standing import visible_cases

ORDER = Order(("parked_at", "id"))
"""The oldest incident first."""

SHOWN_FINDINGS = 100


@dataclass(frozen=True, slots=True)
class Checked:
    """The latest inspection, its first findings, and whether it is too old."""

    inspection: Inspection
    findings: list[Finding]
    is_overdue: bool

    @property
    def untold(self) -> int:
        """How many findings are not shown."""
        return self.inspection.found - len(self.findings)


def checked(at: datetime.datetime) -> Checked | None:
    """Return what the latest inspection found, if there ever was one."""
    inspection = inspections.latest()
    if inspection is None:
        return None
    findings = inspection.findings.select_related("case").order_by("pk")
    is_overdue = at - inspection.started_at > inspections.OVERDUE
    return Checked(inspection, list(findings[:SHOWN_FINDINGS]), is_overdue)


@dataclass(frozen=True, slots=True)
class Verified:
    """The latest verification of the trail, its first faults, and whether it is old."""

    verification: Verification
    faults: list[Fault]
    is_overdue: bool

    @property
    def untold(self) -> int:
        """How many faults are not shown."""
        return self.verification.found - len(self.faults)


def verified(at: datetime.datetime) -> Verified | None:
    """Return what the latest verification of the trail found, if there ever was one."""
    verification = verifications.latest()
    if verification is None:
        return None
    faults = verification.faults.order_by("pk")[:SHOWN_FINDINGS]
    is_overdue = at - verification.started_at > verifications.OVERDUE
    return Verified(verification, list(faults), is_overdue)


def openable(memberships: Iterable[Membership], cases: Iterable[int]) -> frozenset[int]:
    """Return those of these cases that the person may open."""
    found = visible_cases(memberships).filter(pk__in=set(cases))
    return frozenset(found.values_list("pk", flat=True))
