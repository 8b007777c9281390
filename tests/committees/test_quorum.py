"""The quorum of a body, computed: every bound of the rule."""

from dataclasses import dataclass

import pytest

from erbm.committees.quorum import Rule, needed, quorum


@dataclass
class Seat:
    pk: int
    has_vote: bool = True
    is_chair: bool = False
    is_present: bool = False
    proxy_to_id: int | None = None


RULE = Rule(percent=50, counts_proxies=True, needs_chairs=False)


def seats(count, present):
    return [Seat(pk, is_present=pk <= present) for pk in range(1, count + 1)]


@pytest.mark.parametrize(
    ("count", "percent", "expected"),
    [(6, 50, 3), (7, 50, 4), (1, 50, 1), (3, 67, 3), (10, 100, 10), (5, 0, 0)],
)
def test_a_part_of_the_seats_is_rounded_up(count, percent, expected):
    assert needed(count, percent) == expected


@pytest.mark.parametrize(("present", "is_met"), [(3, False), (4, True), (7, True)])
def test_half_of_seven_is_four(present, is_met):
    assert quorum(RULE, seats(7, present)).is_met is is_met


def test_a_seat_without_a_vote_is_neither_asked_nor_counted():
    rows = [*seats(4, 1), Seat(9, has_vote=False, is_present=True)]

    found = quorum(RULE, rows)

    assert (found.seats, found.needed, found.counted) == (4, 2, 1)


def test_a_proxy_counts_where_the_rule_says_so():
    rows = seats(4, 1)
    rows[1].proxy_to_id = 1

    assert quorum(RULE, rows).is_met
    without = Rule(percent=50, counts_proxies=False, needs_chairs=False)
    assert not quorum(without, rows).is_met
    assert quorum(without, rows).voters == 2


def test_a_proxy_to_who_is_not_there_is_nothing():
    rows = seats(4, 1)
    rows[1].proxy_to_id = 3

    assert quorum(RULE, rows).counted == 1


def test_whoever_stands_aside_neither_counts_nor_carries_a_vote():
    rows = seats(4, 2)
    rows[2].proxy_to_id = 1
    assert quorum(RULE, rows).voters == 3

    found = quorum(RULE, rows, apart={1})

    assert (found.counted, found.voters, found.is_met) == (1, 1, False)


def test_nothing_is_decided_without_whoever_chairs():
    rule = Rule(percent=50, counts_proxies=True, needs_chairs=True)
    rows = seats(4, 3)
    rows[3].is_chair = True
    assert quorum(rule, rows).lacks_chair

    rows[3].proxy_to_id = 1
    assert quorum(rule, rows).is_met


def test_a_chair_that_stands_aside_leaves_the_chair_for_that_item():
    rule = Rule(percent=50, counts_proxies=True, needs_chairs=True)
    rows = seats(4, 3)
    rows[0].is_chair = True

    assert quorum(rule, rows, apart={1}).is_met


def test_a_body_that_meets_again_for_want_of_a_quorum_needs_none():
    waived = Rule(percent=50, counts_proxies=True, needs_chairs=False, is_waived=True)

    assert quorum(waived, seats(7, 1)).is_met
