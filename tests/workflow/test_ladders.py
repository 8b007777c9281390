"""A ladder says when each of its rungs rings, by the clock on the wall."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow import ladders
from workflow.deadlines import LOCAL, Days, WorkingDays, end_of
from workflow.ladders import Rung, Whom

LADDER = (
    Rung(WorkingDays(-5), Whom.ASKED),
    Rung(WorkingDays(0), Whom.HEAD),
    Rung(WorkingDays(5), "director"),
)


def local(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def test_its_rungs_ring_on_working_mornings():
    due_at = end_of(datetime.date(2026, 5, 15))

    assert [rung.rings_at(due_at) for rung in LADDER] == [
        local("2026-05-06T08:00"),
        local("2026-05-15T08:00"),
        local("2026-05-22T08:00"),
    ]


@given(
    st.dates(datetime.date(2020, 1, 1), datetime.date(2035, 1, 1)),
    st.sampled_from([Days, WorkingDays]),
    st.integers(-20, 20),
)
def test_no_change_of_hour_shifts_a_rung(last, unit, count):
    rings_at = Rung(unit(count), Whom.ASKED).rings_at(end_of(last)).astimezone(LOCAL)

    assert rings_at.time() == datetime.time(8)
    assert rings_at.date() == unit(count).after(last)


def test_a_closed_unit_is_reminded_before_it_closes():
    closed = frozenset(datetime.date(2026, 3, day) for day in range(9, 14))
    due_at = end_of(datetime.date(2026, 3, 16))

    assert LADDER[0].rings_at(due_at, closed) == local("2026-03-02T08:00")


def test_what_is_past_when_a_task_is_asked_never_rings():
    due_at = end_of(datetime.date(2026, 3, 5))

    first = ladders.first_rung(LADDER, due_at, local("2026-03-02T09:00"))

    assert first == 1
    assert ladders.next_ring(LADDER, first, due_at) == local("2026-03-05T08:00")
    assert ladders.next_ring(LADDER, 3, due_at) is None
    assert ladders.next_ring(LADDER, 0, None) is None


@pytest.mark.parametrize(
    ("ladder", "found"),
    [
        (LADDER, []),
        (LADDER[::-1], ["les échelons de son échelle ne se suivent pas."]),
        (LADDER[:1] * 2, ["les échelons de son échelle ne se suivent pas."]),
        (
            [Rung(Days(1), "nobody")],
            ["son échelle prévient un rôle inconnu : nobody."],
        ),
        (
            [Rung(Days(-1), Whom.ASKED), Rung(WorkingDays(0), Whom.HEAD)],
            ["son échelle compte en jours ouvrés et en jours calendaires."],
        ),
    ],
)
def test_a_ladder_that_contradicts_itself_is_found_out(ladder, found):
    assert list(ladders.contradictions(ladder, ["director"])) == found


@pytest.mark.parametrize(
    ("offset", "place"),
    [
        (Days(-180), "J−180"),
        (WorkingDays(-5), "J−5 ouvrés"),
        (WorkingDays(0), "J"),
        (Days(7), "J+7"),
    ],
)
def test_a_rung_says_its_place(offset, place):
    assert Rung(offset, Whom.ASKED).place == place
