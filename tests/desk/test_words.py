"""Amounts, days and delays read as a French reader expects."""

import datetime
from fractions import Fraction

import pytest
from django.utils import timezone

from erbm import words

NARROW, FIXED = words.NARROW, words.FIXED
TODAY = datetime.date(2026, 11, 23)


@pytest.mark.parametrize(
    ("cents", "expected"),
    [
        (0, f"0,00{FIXED}€"),
        (5, f"0,05{FIXED}€"),
        (123_456_700, f"1{NARROW}234{NARROW}567,00{FIXED}€"),
        (-98_050, f"-980,50{FIXED}€"),
    ],
)
def test_an_amount_is_written_to_the_cent(cents, expected):
    assert words.money(cents) == expected


@pytest.mark.parametrize(
    ("cents", "expected"),
    [
        (0, f"0{FIXED}€"),
        (99_999, f"1{NARROW}000{FIXED}€"),
        (98_000_00, f"98{FIXED}k€"),
        (123_456_789, f"1,23{FIXED}M€"),
        (1_000_000_00, f"1{FIXED}M€"),
        (12_345_678_90, f"12,3{FIXED}M€"),
        (310_000_000_000, f"3,1{FIXED}Md€"),
    ],
)
def test_a_short_amount_keeps_three_digits(cents, expected):
    assert words.short_money(cents) == expected


def test_the_first_of_a_month_is_ordinal():
    assert words.day(datetime.date(2026, 8, 1)) == f"1er{FIXED}août 2026"
    assert words.day(datetime.date(2026, 11, 23)) == f"23{FIXED}novembre 2026"


def test_a_moment_is_told_by_the_clocks_of_paris():
    evening = datetime.datetime(2026, 11, 23, 23, 5, tzinfo=datetime.UTC)

    assert words.moment(evening) == f"24{FIXED}novembre 2026 à 0{FIXED}h{FIXED}05"
    assert words.day(evening) == f"24{FIXED}novembre 2026"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, "aujourd’hui"),
        (1, "demain"),
        (3, f"dans 3{FIXED}jours"),
        (-1, "en retard d’un jour"),
        (-2, f"en retard de 2{FIXED}jours"),
        (-1200, f"en retard de 1{NARROW}200{FIXED}jours"),
    ],
)
def test_a_delay_is_counted_from_today(days, expected):
    due = TODAY + datetime.timedelta(days=days)

    assert words.delay(due, TODAY) == expected


def test_a_moment_is_due_on_its_day_in_paris():
    nearly_midnight = datetime.datetime(
        2026, 11, 23, 23, 59, tzinfo=timezone.get_current_timezone()
    )

    assert words.days_left(nearly_midnight, TODAY) == 0


def test_punctuation_stays_on_the_line_of_its_word():
    assert words.typeset("« Oui » : 5 %, quoi ?") == (
        f"«{FIXED}Oui{FIXED}»{FIXED}: 5{FIXED}%, quoi{FIXED}?"
    )


@pytest.mark.parametrize(
    ("part", "expected"),
    [(Fraction(1, 2), "50"), (Fraction(1, 3), "33,3"), (Fraction(), "0")],
)
def test_a_part_is_written_in_hundredths(part, expected):
    assert words.percent(part) == f"{expected}{NARROW}%"
