"""Share an envelope from the best candidate on, as long as there is enough."""

from collections import defaultdict
from collections.abc import Sequence

from erbm.scenarios import explaining
from erbm.scenarios.candidates import Allocation, Candidate, Choice, Room, by_score

UNIT = "note en millièmes"


def allocate(candidates: Sequence[Candidate], room: Room) -> Allocation:
    """Serve each candidate in turn in full; one that does not fit is left out."""
    chosen: list[Candidate] = []
    left_out: list[Candidate] = []
    spent: dict[str, int] = defaultdict(int)
    ranked = by_score(candidates)
    for one in ranked:
        fits = sum(spent.values()) + one.cents <= room.cents
        fits = fits and spent[one.territory] + one.cents <= room.cap_cents
        if one.excess or not fits:
            left_out.append(one)
            continue
        chosen.append(one)
        spent[one.territory] += one.cents
    return Allocation(explained(ranked, chosen, room, _score, UNIT))


def explained(
    ranked: Sequence[Candidate],
    chosen: Sequence[Candidate],
    room: Room,
    value: explaining.Value,
    unit: str,
) -> list[Choice]:
    """Return what each receives, in order, with why the others receive nothing."""
    kept = {one.operation_id for one in chosen}
    return [
        Choice(one, one.cents)
        if one.operation_id in kept
        else Choice(
            one,
            0,
            explaining.barred(one, room)
            or explaining.crowded_out(one, chosen, room, value, unit),
        )
        for one in ranked
    ]


def _score(candidate: Candidate) -> int:
    return candidate.score
