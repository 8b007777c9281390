"""Find the best share of an envelope: a knapsack with caps, solved by HiGHS."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from erbm.scenarios import explaining
from erbm.scenarios.candidates import Allocation, Candidate, Room, by_score
from erbm.scenarios.ranking import explained
from erbm.words import NARROW

SECONDS = 8.0
"""How long one waits for a proof; what is found by then is taken."""
EURO = 100
LEAST_GAP = 0.00005


class Unsolved(RuntimeError):
    """The solver found nothing at all, which an empty choice would have been."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What is made as large as possible, and in which unit it is told."""

    value: explaining.Value
    unit: str
    weigh: explaining.Value


def most_dwellings(candidates: Sequence[Candidate]) -> Goal:
    """Aim at dwellings; between as many dwellings, at the scores."""
    # All the scores together weigh less than one dwelling, and to serve one candidate
    # more is better than to leave money unused.
    whole = sum(one.score + 1 for one in candidates) + 1
    return Goal(
        value=lambda one: one.dwellings,
        unit="logements",
        weigh=lambda one: one.dwellings * whole + one.score + 1,
    )


def best_scores(candidates: Sequence[Candidate]) -> Goal:
    """Aim at the largest sum of the scores."""
    whole = len(candidates) + 1
    return Goal(
        value=lambda one: one.score,
        unit="note en millièmes",
        weigh=lambda one: one.score * whole + 1,
    )


def allocate(candidates: Sequence[Candidate], room: Room, goal: Goal) -> Allocation:
    """
    Choose the candidates that serve a goal best within an envelope and its caps.

    :raises Unsolved: if the solver fails
    """
    ranked = by_score(candidates)
    able = [one for one in ranked if not explaining.barred(one, room)]
    chosen, note = _solved(able, room, goal) if able else ([], "")
    return Allocation(explained(ranked, chosen, room, goal.value, goal.unit), note)


def _solved(
    able: Sequence[Candidate], room: Room, goal: Goal
) -> tuple[list[Candidate], str]:
    """Solve until what is rounded to whole choices holds in whole cents too."""
    margin = 0
    while True:
        chosen, gap = _solution(able, room, goal, margin)
        excess = _excess(chosen, room)
        if excess <= 0:
            return chosen, _told(gap)
        margin += excess


def _excess(chosen: Sequence[Candidate], room: Room) -> int:
    spent: dict[str, int] = defaultdict(int)
    for one in chosen:
        spent[one.territory] += one.cents
    over = [cents - room.cap_cents for cents in spent.values()]
    return max([sum(spent.values()) - room.cents, *over], default=0)


def _told(gap: float) -> str:
    if gap <= LEAST_GAP:
        return "Optimum démontré (HiGHS)."
    written = f"{gap * 100:.2f}".replace(".", ",")
    return (
        f"Meilleur choix trouvé en {SECONDS:.0f} s (HiGHS) ; l’optimum le dépasse de "
        f"{written}{NARROW}% au plus."
    )


def _solution(
    able: Sequence[Candidate], room: Room, goal: Goal, margin: int
) -> tuple[list[Candidate], float]:
    # Read here alone: it takes a second, and few pages need it.
    import highspy

    solver = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("log_to_console", False),
        ("time_limit", SECONDS),
        ("threads", 1),
        ("mip_rel_gap", 0.0),
    ):
        solver.setOptionValue(option, value)
    picks = [solver.addBinary(obj=-float(goal.weigh(one))) for one in able]
    euros = [one.cents / EURO for one in able]
    solver.addConstr(
        sum(cost * pick for cost, pick in zip(euros, picks, strict=True))
        <= (room.cents - margin) / EURO
    )
    if room.cap_percent is not None:
        for name in sorted({one.territory for one in able}):
            here = [i for i, one in enumerate(able) if one.territory == name]
            solver.addConstr(
                sum(euros[i] * picks[i] for i in here)
                <= (room.cap_cents - margin) / EURO
            )
    solver.run()
    info = solver.getInfo()
    values = solver.getSolution().col_value
    if not info.primal_solution_status or len(values) != len(able):
        raise Unsolved(str(solver.getModelStatus()))
    chosen = [one for one, value in zip(able, values, strict=True) if value > 0.5]
    return chosen, max(0.0, info.mip_gap)
