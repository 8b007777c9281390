"""What a financing plan adds up to."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from erbm.funding.models import Line, Scheme


@dataclass(frozen=True)
class Plan:
    """The lines of a plan beside the cost that they must cover, in cents."""

    lines: Sequence[Line]
    cost_cents: int

    @property
    def total_cents(self) -> int:
        return sum(line.amount_cents for line in self.lines)

    @property
    def granted(self) -> list[Line]:
        """The lines that somebody else than the owner pays."""
        return [line for line in self.lines if line.scheme != Scheme.OWN]

    @property
    def own_cents(self) -> int:
        """What the owner pays."""
        own = [line for line in self.lines if line.scheme == Scheme.OWN]
        return sum(line.amount_cents for line in own)

    @property
    def public_cents(self) -> int:
        """What all others pay."""
        return sum(line.amount_cents for line in self.granted)

    @property
    def lacking_cents(self) -> int:
        return max(0, self.cost_cents - self.total_cents)

    @property
    def exceeding_cents(self) -> int:
        return max(0, self.total_cents - self.cost_cents)

    @property
    def rows(self) -> list[tuple[Line, Fraction]]:
        """The lines with the part of the cost that each covers."""
        return [(line, self.part(line.amount_cents)) for line in self.lines]

    @property
    def own_part(self) -> Fraction:
        return self.part(self.own_cents)

    @property
    def public_part(self) -> Fraction:
        return self.part(self.public_cents)

    @property
    def total_part(self) -> Fraction:
        return self.part(self.total_cents)

    def part(self, amount_cents: int) -> Fraction:
        """Return an amount as a part of the cost; nothing is a part of no cost."""
        return (
            Fraction(amount_cents, self.cost_cents) if self.cost_cents else Fraction()
        )
