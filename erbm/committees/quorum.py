"""Whether enough members are there to decide: of the whole sitting, or of one item."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol


class Attending(Protocol):
    """One seat on the attendance sheet."""

    pk: int
    has_vote: bool
    is_chair: bool
    is_present: bool
    proxy_to_id: int | None


@dataclass(frozen=True, slots=True)
class Rule:
    """
    The quorum of a body.

    - `percent`: the part of the voting seats that must take part;
    - `counts_proxies`: a seat that gave its vote to another counts as there;
    - `needs_chairs`: nothing is decided without whoever chairs;
    - `is_waived`: the body meets again, on the same agenda, for want of a quorum.
    """

    percent: int
    counts_proxies: bool
    needs_chairs: bool
    is_waived: bool = False


@dataclass(frozen=True, slots=True)
class Quorum:
    """
    What the rule asks, and what there is.

    - `voters`: the votes that may be cast: those there, and those they carry;
    - `lacks_chair`: somebody who must chair is neither there nor represented.
    """

    seats: int
    needed: int
    counted: int
    voters: int
    lacks_chair: bool

    @property
    def is_met(self) -> bool:
        return self.counted >= self.needed and not self.lacks_chair


def quorum(
    rule: Rule, sheet: Iterable[Attending], apart: Collection[int] = ()
) -> Quorum:
    """
    Count who takes part, without the seats, by their keys, that stand aside.

    A seat that stands aside neither counts nor carries the vote of another. It still
    is one of the seats of the body: the rule asks for as many as before.
    """
    rows = {row.pk: row for row in sheet}
    voting = [row for row in rows.values() if row.has_vote]
    there = {pk for pk, row in rows.items() if row.is_present and pk not in apart}
    carried = {
        pk
        for pk, row in rows.items()
        if pk not in apart and not row.is_present and row.proxy_to_id in there
    }
    voters = sum(row.pk in there or row.pk in carried for row in voting)
    counted = voters if rule.counts_proxies else sum(row.pk in there for row in voting)
    chairs = [row for row in rows.values() if row.is_chair]
    # Whoever chairs and must stand aside of an item leaves the chair for it.
    absent = [
        row for row in chairs if row.pk not in there | carried and row.pk not in apart
    ]
    return Quorum(
        seats=len(voting),
        needed=0 if rule.is_waived else needed(len(voting), rule.percent),
        counted=counted,
        voters=voters,
        lacks_chair=rule.needs_chairs and bool(absent),
    )


def needed(seats: int, percent: int) -> int:
    """Return how many seats a part of all comes to, rounded up."""
    return -(-seats * percent // 100)
