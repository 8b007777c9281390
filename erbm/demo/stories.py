"""Read what the demonstration tells: which operations, what was done, and when."""

import datetime
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from erbm.operations.models import Kind

DATA = Path(__file__).parent / "data"
NOTE = "Chiffres inventés pour la démonstration"
FILES = {Kind.REHABILITATION: "rehabilitations", Kind.SUBSIDY: "subsidies"}


@dataclass(frozen=True, slots=True)
class Act:
    """
    Something done to an operation.

    - `detail`: who signs, or how much of it is done, when the story says so;
    - `by`: the role of whoever does it;
    - `after`: how many days after what was done before;
    - `says`: what is typed, where "+30" stands for thirty days later.
    """

    name: str
    detail: str
    by: str
    after: int
    reason: str
    says: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """
    An operation and its past.

    - `shares`: what each scheme pays, in per cent of the cost;
    - `opinions`: what the consulted units say, in turn;
    - `age`: for how many days nothing has happened.
    """

    number: int
    kind: Kind
    key: str
    owner: str
    cost_cents: int
    shares: Mapping[str, int]
    acts: Sequence[Act]
    age: int
    opinions: Sequence[str] = ("favourable",)
    title: str = ""
    cite: str = ""
    communes: Sequence[str] = ()
    theme: str = "housing"
    description: str = ""
    dwellings: int | None = None
    labels: str = ""

    @property
    def source_id(self) -> str:
        return f"demo-{self.key}"

    def dated(self, today: datetime.date) -> list[tuple[datetime.date, Act]]:
        """Give each act its day, so that the last one is `age` days before today."""
        day, dated = today - datetime.timedelta(days=self.age), []
        for rank, act in reversed(list(enumerate(self.acts))):
            dated.append((working_day(day), act))
            # Not everybody takes the same time.
            late = (self.number * 5 + rank * 3) % 4
            day -= datetime.timedelta(days=act.after + late)
        return dated[::-1]


def working_day(day: datetime.date) -> datetime.date:
    """Bring a Saturday or a Sunday back to the Friday before."""
    return day - datetime.timedelta(days=max(0, day.weekday() - 4))


def stories() -> list[Story]:
    """Return all the operations of the demonstration, in the order of the files."""
    acts, paths = _read("acts"), _read("paths")
    found: list[Story] = []
    for kind, name in FILES.items():
        for row in _read(name)["operation"]:
            found.append(_story(len(found), kind, row, acts, paths))
    return found


def _story(
    number: int,
    kind: Kind,
    row: dict[str, Any],
    acts: Mapping[str, Any],
    paths: Mapping[str, Sequence[str]],
) -> Story:
    reasons = row.pop("reasons", {})
    walk = ["opening", *_steps(row.pop("walk"), paths)]
    return Story(
        number=number,
        kind=kind,
        cost_cents=row.pop("cost") * 100,
        shares=row.pop("plan"),
        acts=[_act(step, acts, reasons) for step in walk],
        **row,
    )


def _steps(walk: Sequence[str], paths: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Spell out the paths that a walk takes over."""
    for step in walk:
        if step.startswith("@"):
            yield from _steps(paths[step[1:]], paths)
        else:
            yield step


def _act(step: str, acts: Mapping[str, Any], reasons: Mapping[str, str]) -> Act:
    name, _, detail = step.partition(":")
    told = acts[name]
    return Act(
        name=name,
        detail=detail,
        by=told.get("by", detail),
        after=told["after"],
        reason=reasons.get(name, told.get("reason", "")),
        says=told.get("says", {}),
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))
