"""What the journal of an operation says in its own words: plan, lines, documents."""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from erbm import words
from erbm.cases.dialects import Dialect, Difference
from erbm.funding.models import Scheme
from erbm.operations.models import DocumentKind

NOTHING = "–"
LISTS = (
    ("consulted_added", "Services consultés en plus"),
    ("consulted_dropped", "Services qui ne sont plus consultés"),
    ("obligations", "Conditions retenues"),
)
TEXTS = (
    ("notification", "Référence de l’acte"),
    ("decision", "Décision"),
)
DAYS = (("notified_on", "Notifiée le"), ("settled_on", "Soldée le"))


class OperationDialect(Dialect):
    """The words of both procedures of an operation."""

    amount = "Coût"

    def document_kind(self, code: str) -> str:
        return str(dict(DocumentKind.choices).get(code, NOTHING))

    def noted(
        self, noted: Mapping[str, Any], texts: Mapping[str, str]
    ) -> Iterator[tuple[str, str]]:
        if "line" in noted:
            yield "Ligne", _plan([noted["line"]])
        yield from (
            (label, words.day(datetime.date.fromisoformat(noted[key])))
            for key, label in DAYS
            if key in noted
        )
        yield from (
            (label, ", ".join(noted[key])) for key, label in LISTS if key in noted
        )
        yield from (
            (label, texts[key] or NOTHING) for key, label in TEXTS if key in texts
        )

    def differences(
        self, noted: Mapping[str, Any], texts: Mapping[str, str]
    ) -> Iterator[Difference]:
        if "plan" in noted:
            yield Difference("Plan de financement", *map(_plan, noted["plan"]))


def _plan(lines: Iterable[Mapping[str, Any]]) -> str:
    schemes = dict(Scheme.choices)
    written = [
        f"{schemes.get(line['scheme'], line['scheme'])} "
        f"{words.money(int(line['amount_cents']))}"
        for line in lines
    ]
    return ", ".join(written) or NOTHING
