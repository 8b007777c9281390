"""What the journal of a sitting says in its own words: agenda, presence, decisions."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from erbm import words
from erbm.cases.dialects import Dialect
from erbm.committees.decisions import Decision

TEXTS = {
    "conditions": "Conditions",
    "position_for": "Position favorable",
    "position_against": "Position défavorable",
}


class SittingDialect(Dialect):
    """The words of the sittings."""

    def noted(
        self, noted: Mapping[str, Any], texts: Mapping[str, str]
    ) -> Iterator[tuple[str, str]]:
        yield from _agenda(noted)
        yield from _presence(noted, texts)
        if noted.get("item"):
            yield "Point", noted["item"]
        if noted.get("decision"):
            yield "Décision", _decision(noted["decision"])
        if noted.get("planned_on"):
            day = datetime.date.fromisoformat(noted["planned_on"])
            yield "Séance suivante", words.day(day)
        if noted.get("votes"):
            yield "Pour, contre, abstentions", ", ".join(noted["votes"])
        for name, label in TEXTS.items():
            if texts.get(name):
                yield label, texts[name]


def _decision(code: str) -> str:
    return str(dict(Decision.choices).get(code, code))


def _agenda(noted: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if noted.get("added"):
        yield "Inscrit", ", ".join(noted["added"])
    if "agenda" in noted:
        yield "Ordre du jour", ", ".join(noted["agenda"]) or "vide"
    if noted.get("late"):
        yield "Point tardif", "oui"


def _presence(
    noted: Mapping[str, Any], texts: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    if "present" in noted:
        yield "Présents", ", ".join(noted["present"]) or "personne"
    if noted.get("proxies"):
        yield "Mandats", ", ".join(" → ".join(pair) for pair in noted["proxies"])
    if "quorum" in noted:
        count = noted["quorum"]
        yield "Quorum", f"{count['counted']} sur {count['needed']} requis"
    if "aside" in noted:
        yield ("Déport" if noted["stands"] else "Fin du déport"), noted["aside"]
    names = [text for name, text in texts.items() if name.startswith("name.")]
    if names:
        yield "Représentants", ", ".join(names)
