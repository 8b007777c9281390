"""The days worked, against the published calendar and a plain recomputation."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow import calendars
from workflow.deadlines import (
    CPC_642,
    LOCAL,
    Days,
    Months,
    WorkingDays,
    due,
    end_of,
    resumed,
)

DAYS = st.dates(datetime.date(2017, 1, 1), datetime.date(2040, 12, 31))
CLOSED = st.frozensets(DAYS, max_size=20)
ONE_DAY = datetime.timedelta(days=1)


def day(text):
    return datetime.date.fromisoformat(text)


def easter(year):
    """Find Easter without the library. (Meeus, Astronomical Algorithms.)"""
    a, (b, c) = year % 19, divmod(year, 100)
    (d, e), g = divmod(b, 4), (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    r = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * r) // 451
    month, rest = divmod(h + r - 7 * m + 114, 31)
    return datetime.date(year, month, rest + 1)


def holidays_of(year):
    fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
    moving = [easter(year) + n * ONE_DAY for n in (1, 39, 50)]
    return {*moving, *(datetime.date(year, *one) for one in fixed)}


def plainly_worked(one, closed=()):
    is_weekday = one.isoweekday() not in {6, 7}
    return is_weekday and one not in holidays_of(one.year) and one not in closed


@pytest.mark.parametrize("year", range(2017, 2061))
def test_the_public_holidays_are_the_eleven_of_the_law(year):
    # Two of them may fall on the same day.
    assert calendars.public_holidays(year) == holidays_of(year)


@given(DAYS, CLOSED)
def test_a_day_is_worked_as_plainly_recomputed(one, closed):
    assert calendars.is_worked(one, closed) == plainly_worked(one, closed)


@given(DAYS, st.integers(1, 60), CLOSED)
def test_working_days_are_counted_as_plainly_recomputed(start, number, closed):
    one, worked = start, []
    while len(worked) < number:
        one += ONE_DAY
        if plainly_worked(one, closed):
            worked.append(one)

    assert WorkingDays(number).after(start, closed) == worked[-1]
    assert calendars.worked_between(start, worked[-1], closed) == number


@given(DAYS, st.integers(1, 60), CLOSED)
def test_counting_backwards_mirrors_counting_forwards(start, number, closed):
    end = WorkingDays(-number).after(start, closed)

    assert plainly_worked(end, closed)
    between = [end + n * ONE_DAY for n in range((start - end).days)]
    assert sum(plainly_worked(one, closed) for one in between) == number


@pytest.mark.parametrize(
    ("delay", "start", "last"),
    [
        (WorkingDays(0), "2026-05-01", "2026-05-01"),
        (WorkingDays(1), "2026-04-30", "2026-05-04"),  # 1 May, then a weekend
        (WorkingDays(15), "2026-04-30", "2026-05-27"),  # four holidays
        (WorkingDays(-5), "2026-05-15", "2026-05-06"),  # Ascension Day, 8 May
        (WorkingDays(1), "2026-12-24", "2026-12-28"),
    ],
)
def test_working_days_against_the_published_calendar(delay, start, last):
    assert delay.after(day(start)) == day(last)


def test_the_closures_of_a_unit_do_not_count():
    august = frozenset(day("2026-08-10") + n * ONE_DAY for n in range(5))

    assert WorkingDays(3).after(day("2026-08-07")) == day("2026-08-12")
    assert WorkingDays(3).after(day("2026-08-07"), august) == day("2026-08-19")


@pytest.mark.parametrize("delay", [Days(3), Months(1)])
def test_calendar_days_and_months_know_no_closure(delay):
    closed = frozenset([delay.after(day("2026-03-02"))])

    assert delay.after(day("2026-03-02"), closed) == delay.after(day("2026-03-02"))


@pytest.mark.parametrize(
    ("delay", "start", "last"),
    [
        (Days(5), "2026-03-02", "2026-03-07"),  # a Saturday, and no rule
        (Days(5, CPC_642), "2026-03-02", "2026-03-09"),
        (Days(30, CPC_642), "2026-04-14", "2026-05-15"),  # Ascension Day
        (Months(1, CPC_642), "2026-04-01", "2026-05-04"),  # 1 May, then a weekend
        (Months(2, CPC_642), "2026-03-02", "2026-05-04"),  # a Saturday
        (Days(1, CPC_642), "2026-03-02", "2026-03-03"),
    ],
)
def test_a_last_day_that_is_not_worked_rolls_where_the_rule_says_so(delay, start, last):
    assert delay.after(day(start)) == day(last)


@given(DAYS, st.sampled_from([Days(15), Months(2), WorkingDays(10)]))
def test_a_delay_ends_with_its_last_day_whatever_the_clocks_do(start, delay):
    noon = datetime.datetime.combine(start, datetime.time(12), tzinfo=LOCAL)

    end = due(delay, noon).astimezone(LOCAL)

    assert end.date() == delay.after(start)
    assert end.time() == datetime.time(23, 59, 59)


@given(
    DAYS,
    st.sampled_from([Days(15), Months(2), WorkingDays(10)]),
    st.integers(0, 9),
    st.integers(0, 200),
)
def test_a_clock_that_stood_leaves_as_many_days_as_before(start, delay, spent, stood):
    due_at = end_of(delay.after(start))
    stopped_on = start + spent * ONE_DAY
    resumes_on = stopped_on + stood * ONE_DAY

    later = resumed(delay, due_at, stopped_on=stopped_on, resumes_on=resumes_on)

    end = later.astimezone(LOCAL)
    assert end.time() == datetime.time(23, 59, 59)
    if isinstance(delay, WorkingDays):
        left = calendars.worked_between(stopped_on, delay.after(start))
        assert calendars.worked_between(resumes_on, end.date()) == left
    else:
        assert end.date() - resumes_on == delay.after(start) - stopped_on


def test_a_delay_says_its_rule_in_words():
    assert str(WorkingDays(15)) == "15 jours ouvrés"
    assert str(WorkingDays(1)) == "1 jour ouvré"
    assert str(Months(1, CPC_642)).endswith("(code de procédure civile, art. 642)")
