"""What is asked of several units at once, and how their answers count."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow.deadlines import Delay

ANYBODY = "*"
"""In `veto_by`, every unit that is consulted."""


class Meaning(enum.Enum):
    """How an opinion counts, or the silence that stands for it."""

    FAVOURABLE = "favourable"
    NEUTRAL = "neutral"
    UNFAVOURABLE = "unfavourable"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def deemed(self) -> str:
        """What the silence of a unit is held to say."""
        return f"réputé {self.label}"


_LABELS = {
    Meaning.FAVOURABLE: "favorable",
    Meaning.NEUTRAL: "sans observation",
    Meaning.UNFAVOURABLE: "défavorable",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What differs for one unit: its own delay, its own meaning of silence."""

    due: Delay | None = None
    silence: Meaning | None = None


@dataclass(frozen=True, slots=True)
class Opinions:
    """
    A consultation, as its moves know of it: one gives an opinion, others await them.

    - `answer`: the input that holds the sense of an opinion, and `meanings`: how
      each of its choices counts; any other is neutral;
    - `silence`: what it means to let the time run out, unless its terms say
      otherwise for a unit;
    - `needs`: how many favourable opinions are enough; with none, all are awaited;
    - `veto_by`: the codes of the units whose unfavourable opinion bars the way, or
      `ANYBODY`.
    """

    name: str
    label: str
    answer: str
    meanings: tuple[tuple[str, Meaning], ...]
    silence: Meaning = Meaning.NEUTRAL
    needs: int = 0
    veto_by: tuple[str, ...] = ()

    def meaning_of(self, said: Mapping[str, Any]) -> Meaning:
        """Return how an opinion counts."""
        return dict(self.meanings).get(said.get(self.answer) or "", Meaning.NEUTRAL)

    def bars(self, code: str) -> bool:
        """Tell whether the unfavourable opinion of a unit bars the way."""
        return ANYBODY in self.veto_by or code in self.veto_by

    def rules(self) -> list[str]:
        """Say in words what a move that awaits these opinions demands."""
        first = f"{self.label} : tous rendus ou échus"
        if self.needs:
            first = f"{self.label} : au moins {self.needs} favorable"
            first += "s" if self.needs > 1 else ""
        veto = [f"{self.label} : aucun avis défavorable qui fasse obstacle"]
        return [first, *(veto if self.veto_by else [])]

    def declaration(self) -> dict[str, Any]:
        """Return everything that decides what the opinions mean, as plain data."""
        return {
            "name": self.name,
            "label": self.label,
            "answer": self.answer,
            "meanings": [[choice, meaning.value] for choice, meaning in self.meanings],
            "silence": self.silence.value,
            "needs": self.needs,
            "veto_by": list(self.veto_by),
        }


@dataclass(frozen=True, slots=True)
class Standing:
    """
    Where one unit stands in a consultation.

    - `said`: how its opinion counts, if it was given in time;
    - `deemed`: what its silence says, once its time has run out;
    - `due`: its due date in words, if it has one.
    """

    unit: str
    code: str
    said: Meaning | None = None
    deemed: Meaning | None = None
    due: str = ""

    @property
    def counts(self) -> Meaning | None:
        """What counts: none while the opinion is awaited."""
        return self.said or self.deemed


def obstacles(opinions: Opinions, standings: Sequence[Standing]) -> list[str]:
    """Return the reasons why a move that awaits these opinions cannot be made."""
    found = [
        f"Avis défavorable{'' if one.said else ' réputé rendu'}, qui fait obstacle : "
        f"{one.unit}."
        for one in standings
        if one.counts is Meaning.UNFAVOURABLE and opinions.bars(one.code)
    ]
    if opinions.needs:
        found += _missing(opinions, standings)
    awaited = [one for one in standings if one.counts is None]
    found += [
        f"Avis attendu : {one.unit}{f' (échéance le {one.due})' if one.due else ''}."
        for one in awaited
        if not opinions.needs or opinions.bars(one.code)
    ]
    return found


def _missing(opinions: Opinions, standings: Sequence[Standing]) -> list[str]:
    """Say how far the favourable opinions are from being enough."""
    favourable = sum(one.counts is Meaning.FAVOURABLE for one in standings)
    if favourable >= opinions.needs:
        return []
    awaited = sum(one.counts is None for one in standings)
    missing = (
        f"Avis favorables : {favourable} sur les {opinions.needs} qu’il faut ; "
        f"{awaited} encore attendu{'s' if awaited > 1 else ''}."
    )
    if favourable + awaited >= opinions.needs:
        return [missing]
    return [f"{missing} Ils ne peuvent plus être réunis."]
