"""A delay is counted as the law does: its last day whole, by the clock on the wall."""

import datetime

import pytest

from tests.library.factories import NOW
from workflow.deadlines import LOCAL, Days, Months, Until, due, end_of, start_of


def day(text):
    return datetime.date.fromisoformat(text)


def local(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("delay", "start", "last"),
    [
        (Days(0), "2026-03-02", "2026-03-02"),
        (Days(1), "2026-02-28", "2026-03-01"),
        (Days(15), "2026-12-20", "2027-01-04"),
        (Months(1), "2026-01-31", "2026-02-28"),
        (Months(1), "2028-01-31", "2028-02-29"),
        (Months(1), "2026-02-28", "2026-03-28"),
        (Months(2), "2026-12-31", "2027-02-28"),
        (Months(12), "2028-02-29", "2029-02-28"),
        (Months(48), "2028-02-29", "2032-02-29"),
        (Months(3), "2026-11-30", "2027-02-28"),
    ],
)
def test_months_are_counted_date_to_date(delay, start, last):
    assert delay.after(day(start)) == day(last)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-03-02T00:00:00", "2026-03-05T23:59:59"),
        ("2026-03-02T23:59:59", "2026-03-05T23:59:59"),
        # the clocks go forward on 29 March 2026, and back on 25 October
        ("2026-03-27T12:00:00", "2026-03-30T23:59:59"),
        ("2026-10-23T12:00:00", "2026-10-26T23:59:59"),
    ],
)
def test_the_first_day_does_not_count_and_the_last_counts_whole(start, expected):
    assert due(Days(3), local(start)) == local(expected)


def test_a_day_begins_and_ends_by_the_clock_on_the_wall():
    for text, offset in (("2026-03-28", 1), ("2026-03-29", 2), ("2026-10-25", 1)):
        end = end_of(day(text)).astimezone(LOCAL)
        assert (end.hour, end.utcoffset().seconds) == (23, offset * 3600)
    assert start_of(day("2026-10-25")).utcoffset().seconds == 2 * 3600


def test_a_delay_that_starts_at_night_starts_on_the_local_day():
    late = datetime.datetime(2026, 6, 30, 22, 30, tzinfo=datetime.UTC)

    assert due(Days(0), late).astimezone(LOCAL).date() == day("2026-07-01")


def test_a_due_date_is_kept_in_utc():
    assert due(Days(1), NOW).tzinfo is datetime.UTC


@pytest.mark.parametrize(
    ("delay", "words"),
    [
        (Days(1), "1 jour"),
        (Days(15), "15 jours"),
        (Months(1), "1 mois"),
        (Until("due_on", "date de retour"), "date de retour"),
    ],
)
def test_a_delay_is_written_in_words(delay, words):
    assert str(delay).replace("\N{NO-BREAK SPACE}", " ") == words
