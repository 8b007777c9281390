"""Share a room among candidates by one of the methods."""

from collections.abc import Sequence

from erbm.scenarios import optimising, ranking
from erbm.scenarios.candidates import Allocation, Candidate, Choice, Room, by_score
from erbm.scenarios.models import Method

BY_HAND = "Non retenue à la main."


def share_out(
    candidates: Sequence[Candidate], room: Room, method: Method
) -> Allocation:
    """Share a room among candidates by a method; by hand, nobody has anything yet."""
    match method:
        case Method.RANKING:
            return ranking.allocate(candidates, room)
        case Method.DWELLINGS:
            goal = optimising.most_dwellings(candidates)
            return optimising.allocate(candidates, room, goal)
        case Method.SCORE:
            goal = optimising.best_scores(candidates)
            return optimising.allocate(candidates, room, goal)
    return Allocation([Choice(one, 0, BY_HAND) for one in by_score(candidates)])
