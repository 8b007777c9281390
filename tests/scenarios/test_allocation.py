"""How an envelope is shared: by rank, or as well as can be; and why not the others."""

import itertools
import random

import pytest

from erbm.scenarios import explaining, optimising, ranking
from erbm.scenarios.candidates import Candidate, Criterion, Room, by_score, scored

EURO = 100


def asks(number, euros, dwellings=0, *, score=0, at="Lens", **said):
    return Candidate(
        operation_id=number,
        reference=f"OP-{number}",
        title="",
        cents=euros * EURO,
        dwellings=dwellings,
        score=score,
        territory=at,
        **said,
    )


def given(allocation):
    return {c.candidate.operation_id for c in allocation.choices if c.cents}


def why(allocation, number):
    found = [c for c in allocation.choices if c.candidate.operation_id == number]
    return found[0].reason.replace("\xa0", " ").replace("\u202f", " ")


def dwellings(candidates, room):
    goal = optimising.most_dwellings(candidates)
    return optimising.allocate(candidates, room, goal)


# Scores


def test_a_score_is_the_mean_of_the_criteria_by_their_weights():
    one = asks(1, 10, 50, own_share=400, readiness=1000, at="Lens", theme="housing")
    two = asks(2, 30, 100, own_share=200, readiness=0, at="Douai")

    def score(weights, themes=()):
        return [each.score for each in scored([one, two], weights, themes)]

    assert score({Criterion.DWELLINGS: 1}) == [500, 1000]
    assert score({Criterion.OWN_SHARE: 7}) == [400, 200]
    assert score({Criterion.READINESS: 1}) == [1000, 0]
    assert score({Criterion.BALANCE: 1}) == [750, 250]
    assert score({Criterion.THEME: 1}, ["housing"]) == [1000, 0]
    assert score({Criterion.DWELLINGS: 3, Criterion.READINESS: 1}) == [625, 750]
    assert score({}) == [0, 0]


def test_of_two_equals_the_one_that_asks_for_less_comes_first():
    ranked = by_score([asks(1, 20, score=5), asks(2, 10, score=5), asks(3, 1, score=4)])

    assert [one.operation_id for one in ranked] == [2, 1, 3]


# By rank


def test_each_is_served_in_full_in_turn_and_what_does_not_fit_is_passed_over():
    found = ranking.allocate(
        [asks(1, 60, score=9), asks(2, 50, score=8), asks(3, 40, score=7)],
        Room(100 * EURO),
    )

    assert given(found) == {1, 3}
    assert why(found, 2) == (
        "Dotation : il manque 50,00 €. Elle prendrait la place de OP-1 (9 contre 8, "
        "note en millièmes)."
    )


def test_the_last_cent_is_given_and_no_more():
    exact = ranking.allocate([asks(1, 60), asks(2, 40)], Room(100 * EURO))
    short = ranking.allocate([asks(1, 60), asks(2, 40)], Room(100 * EURO - 1))

    assert given(exact) == {1, 2}
    assert given(short) == {2}
    assert why(short, 1).startswith("Dotation : il manque 0,01 €.")


def test_a_plan_beyond_its_ceiling_is_left_out_with_the_article():
    for allocate in (ranking.allocate, dwellings):
        found = allocate([asks(1, 10, 5, excess="90 % ; 80 % au plus.")], Room(10_000))

        assert given(found) == set()
        assert why(found, 1) == "Plafond d’aide dépassé : 90 % ; 80 % au plus."


def test_more_than_the_whole_envelope_is_told_so():
    found = dwellings([asks(1, 150, 5)], Room(100 * EURO))

    assert why(found, 1) == (
        "Dotation : elle demande plus que l’enveloppe entière. "
        "Il faudrait 50,00 € de plus."
    )


def test_an_arrondissement_does_not_receive_more_than_its_part():
    candidates = [asks(1, 40, 9), asks(2, 30, 8), asks(3, 40, 1, at="Douai")]

    found = dwellings(candidates, Room(100 * EURO, cap_percent=60))

    assert given(found) == {1, 3}
    assert why(found, 2) == (
        "Part maximale d’un arrondissement (Lens, 60 %) : il manque 10,00 €. "
        "Elle prendrait la place de OP-1 (9 contre 8, logements)."
    )


def test_one_that_exceeds_the_part_of_its_arrondissement_alone_is_told_so():
    found = dwellings([asks(1, 60, 9)], Room(100 * EURO, cap_percent=50))

    assert why(found, 1) == (
        "Part maximale d’un arrondissement (Lens, 50 %) : il manque 10,00 €."
    )


def test_when_no_single_rival_would_make_room_it_is_told_so():
    chosen = [asks(n, 10, 9) for n in (1, 2, 3)]

    told = explaining.crowded_out(
        asks(4, 30, 20), chosen, Room(30 * EURO), lambda one: one.dwellings, "logements"
    )

    assert told.endswith("ne libérerait assez à elle seule.")


# As well as can be


def best(candidates, room):
    """Try every choice: the most dwellings that fit."""
    fitting = [
        combination
        for size in range(len(candidates) + 1)
        for combination in itertools.combinations(candidates, size)
        if _fits(combination, room)
    ]
    return max(sum(one.dwellings for one in each) for each in fitting)


def _fits(chosen, room):
    places = {one.territory for one in chosen}
    by_place = [sum(o.cents for o in chosen if o.territory == p) for p in places]
    return sum(by_place) <= room.cents and all(b <= room.cap_cents for b in by_place)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("cap", [None, 40])
def test_the_optimum_is_what_trying_everything_finds(seed, cap):
    draw = random.Random(seed)  # noqa: S311 — drawn again alike
    candidates = [
        asks(n, draw.randint(1, 60), draw.randint(0, 30), at=draw.choice("AB"))
        for n in range(9)
    ]
    room = Room(120 * EURO, cap)

    found = dwellings(candidates, room)

    chosen = [one for one in candidates if one.operation_id in given(found)]
    assert _fits(chosen, room)
    assert sum(one.dwellings for one in chosen) == best(candidates, room)
    assert found.note == "Optimum démontré (HiGHS)."
    assert all(c.cents or c.reason for c in found.choices)


def test_between_as_many_dwellings_the_scores_decide():
    candidates = [asks(1, 100, 5, score=1), asks(2, 100, 5, score=2)]

    assert given(dwellings(candidates, Room(100 * EURO))) == {2}


def test_what_has_no_dwelling_is_served_when_there_is_room():
    assert given(dwellings([asks(1, 40, 5), asks(2, 60)], Room(100 * EURO))) == {1, 2}


def test_the_scores_may_be_the_aim():
    candidates = [
        asks(1, 100, score=500),
        asks(2, 50, score=300),
        asks(3, 50, score=300),
    ]
    goal = optimising.best_scores(candidates)

    assert given(optimising.allocate(candidates, Room(100 * EURO), goal)) == {2, 3}


def test_amounts_to_the_cent_never_overdraw_an_envelope():
    draw = random.Random(7)  # noqa: S311 — drawn again alike
    candidates = [
        Candidate(n, f"OP-{n}", "", draw.randint(1, 9_999_999_99), draw.randint(0, 90))
        for n in range(60)
    ]
    room = Room(sum(one.cents for one in candidates) // 2)

    found = dwellings(candidates, room)

    assert 0 < sum(choice.cents for choice in found.choices) <= room.cents


def test_nobody_who_asks_is_given_nothing():
    assert dwellings([], Room(100)).choices == []
    assert ranking.allocate([], Room(100)).choices == []
