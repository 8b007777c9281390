"""Check the rows that stand beside the chains, each kind against its events."""

from collections.abc import Iterator

from django.db.models import QuerySet

from workflow.models import Case
from workflow.trail import agreements, preparations, recusals, remarks

KINDS = (agreements, remarks, preparations, recusals)
"""Signatures, comments and their files, what is prepared, conflicts of interest."""


def check(cases: QuerySet[Case]) -> Iterator[str]:
    """Say what is wrong with the rows of these cases, one sentence a fault."""
    for kind in KINDS:
        yield from kind.check(cases)
