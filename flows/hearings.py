"""Whose opinion is heard on an operation, what is agreed to, and who stands apart."""

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flows.roles import Role
from workflow.opinions import Meaning, Opinions
from workflow.process import Fact, Input, InputKind, input_rule

OPINIONS = Opinions(
    name="opinions",
    label="avis",
    answer="direction",
    meanings=(
        ("favourable", Meaning.FAVOURABLE),
        ("with_reservations", Meaning.FAVOURABLE),
        ("unfavourable", Meaning.UNFAVOURABLE),
    ),
    silence=Meaning.NEUTRAL,  # (default) a rule of consultation may say otherwise
)
"""What the services say of an operation: all are awaited, none bars the way."""

APPROVED = (
    Fact("cost_cents", "le coût"),
    Fact("planned_lines", "le plan de financement"),
    Fact("dwellings_before", "les logements avant travaux"),
    Fact("dwellings_after", "les logements après travaux"),
)
"""What the COPIL agrees to; the owner of an operation never changes."""

APART = (Role.OWNER,)
"""Whose people take no part in what is decided of an operation."""

SAID = (
    Input(
        "direction",
        "Sens de l’avis",
        InputKind.CHOICE,
        choices=(
            ("favourable", "Favorable"),
            ("with_reservations", "Favorable avec réserves"),
            ("unfavourable", "Défavorable"),
            ("no_observation", "Sans observation"),
        ),
    ),
    Input("opinion", "Observations et réserves", InputKind.TEXT, required=False),
    Input(
        "conditions",
        "Conditions à suivre",
        InputKind.TEXT,
        required=False,
        help="Une par ligne : son échéance, deux-points, ce qui est demandé "
        "(31/12/2027 : transmettre le plan des réseaux).",
    ),
)
"""What an opinion says."""

LONGEST_CONDITION = 300
MOST_CONDITIONS = 20
CONDITION = re.compile(r"(\d{2})/(\d{2})/(\d{4})\s*:\s*(\S.*)")


class Unreadable(ValueError):
    """A line of conditions says nothing that can be followed; the message says why."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A condition that a service asks for, and the day by which it must be met."""

    due_on: datetime.date
    wording: str

    def __str__(self) -> str:
        return f"{self.due_on:%d/%m/%Y} : {self.wording}"


def demands_in(text: str) -> list[Demand]:
    """
    Read the conditions of an opinion, one for each line that is not blank.

    :raises Unreadable: if a line has no day, or too much is asked
    """
    found = list(_demands(text))
    if len(found) > MOST_CONDITIONS:
        raise Unreadable(f"{MOST_CONDITIONS} conditions au plus.")
    return found


def _demands(text: str) -> Iterator[Demand]:
    for line in filter(None, map(str.strip, text.splitlines())):
        found = CONDITION.fullmatch(line)
        if found is None:
            raise Unreadable(
                f"« {line[:60]} » : écrivez l’échéance (31/12/2027), deux-points, "
                "puis la condition."
            )
        day, month, year, wording = found.groups()
        if len(wording) > LONGEST_CONDITION:
            raise Unreadable(f"{LONGEST_CONDITION} caractères au plus par condition.")
        try:
            due_on = datetime.date(int(year), int(month), int(day))
        except ValueError:
            raise Unreadable(f"{day}/{month}/{year} n’existe pas.") from None
        yield Demand(due_on, wording)


def written(demands: Iterable[Demand]) -> str:
    """Write conditions as an opinion says them: `demands_in` reads them back."""
    return "\n".join(map(str, demands))


@input_rule("chaque condition a son échéance")
def conditions_can_be_read(subject: Any, said: Mapping[str, Any]) -> dict[str, str]:
    try:
        demands_in(said["conditions"] or "")
    except Unreadable as unreadable:
        return {"conditions": str(unreadable)}
    return {}
