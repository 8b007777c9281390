"""How the journal of a procedure says what its domain alone knows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """What a fact was before an event, and after."""

    name: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class Dialect:
    """The words of a domain; this one says nothing more than any case does.

    `amount`: what the amount of a case is called.
    """

    amount = "Montant"

    def document_kind(self, code: str) -> str:
        """Name a kind of document."""
        return code

    def noted(
        self, noted: Mapping[str, Any], texts: Mapping[str, str]
    ) -> Iterator[tuple[str, str]]:
        """Say what an event noted beside the columns, name by name."""
        return iter(())

    def differences(
        self, noted: Mapping[str, Any], texts: Mapping[str, str]
    ) -> Iterator[Difference]:
        """Tell what an event changed beside the columns."""
        return iter(())
