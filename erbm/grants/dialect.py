"""What the journal of a grant, or of a payment, says in its own words."""

from collections.abc import Iterator, Mapping
from typing import Any

from erbm import words
from erbm.cases.dialects import Dialect
from erbm.grants.models import Answer, DifferenceKind, DocumentKind

NOTHING = "–"


class GrantDialect(Dialect):
    """The words of both procedures."""

    amount = "Montant"

    def document_kind(self, code: str) -> str:
        return str(dict(DocumentKind.choices).get(code, NOTHING))

    def noted(
        self, noted: Mapping[str, Any], texts: Mapping[str, str]
    ) -> Iterator[tuple[str, str]]:
        if "difference" in noted:
            yield from _difference(noted["difference"])
        for name, label in (("programme", "Programme"), ("axis", "Priorité ou axe")):
            if name in texts:
                yield label, texts[name] or NOTHING
        if "pieces" in texts:
            yield "Pièces attendues", texts["pieces"] or NOTHING


def _difference(noted: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "Écart", DifferenceKind(noted["kind"]).label
    yield "EJ", noted["ej_number"]
    for name, label in (("ours", "Ici"), ("theirs", "Chorus")):
        if noted.get(name) is not None:
            yield label, words.money(int(noted[name]))
    yield "Suite", Answer(noted["answer"]).label
