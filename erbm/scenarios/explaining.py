"""Why a candidate is left out: which constraint, and what it would need."""

from collections.abc import Callable, Sequence

from erbm.scenarios.candidates import Candidate, Room
from erbm.words import FIXED, count, money

Value = Callable[[Candidate], int]


def barred(candidate: Candidate, room: Room) -> str:
    """Say what bars a candidate whatever happens to the others, if it is barred."""
    if candidate.excess:
        return f"Plafond d’aide dépassé : {candidate.excess}"
    if candidate.cents > room.cents:
        return (
            "Dotation : elle demande plus que l’enveloppe entière. Il faudrait "
            f"{money(candidate.cents - room.cents)} de plus."
        )
    if candidate.cents > room.cap_cents:
        return _capped(candidate, room, candidate.cents - room.cap_cents)
    return ""


def crowded_out(
    candidate: Candidate,
    chosen: Sequence[Candidate],
    room: Room,
    value: Value,
    unit: str,
) -> str:
    """Say which constraint keeps a candidate out beside those that are chosen."""
    near = [one for one in chosen if one.territory == candidate.territory]
    lacks_here = candidate.cents - (room.cap_cents - sum(one.cents for one in near))
    lacks = candidate.cents - (room.cents - sum(one.cents for one in chosen))
    if lacks_here > 0 and room.cap_percent is not None:
        told, rivals, lacking = _capped(candidate, room, lacks_here), near, lacks_here
    elif lacks > 0:
        told = f"Dotation : il manque {money(lacks)}."
        rivals, lacking = list(chosen), lacks
    else:
        return f"Elle n’apporte rien de plus au but ({unit})."
    return f"{told} {_rival(candidate, rivals, lacking, value, unit)}".strip()


def _capped(candidate: Candidate, room: Room, lacks: int) -> str:
    return (
        f"Part maximale d’un arrondissement ({candidate.territory}, "
        f"{room.cap_percent}{FIXED}%) : il manque {money(lacks)}."
    )


def _rival(
    candidate: Candidate,
    chosen: Sequence[Candidate],
    lacks: int,
    value: Value,
    unit: str,
) -> str:
    """Name the one whose place it would take at the least cost."""
    enough = [one for one in chosen if one.cents >= lacks]
    if not enough:
        return "Aucune opération retenue ne libérerait assez à elle seule."
    rival = min(enough, key=lambda one: (value(one), one.reference))
    return (
        f"Elle prendrait la place de {rival.reference} "
        f"({count(value(rival))} contre {count(value(candidate))}, {unit})."
    )
