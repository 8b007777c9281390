"""The clocks and ceilings of the three regimes: one row for each article.

The rules are those that the package ships: a setting that somebody changes in them is
another version, and changes no grant that was asked for before.
"""

import datetime

import pytest

from erbm.grants import terms
from erbm.programme.rules import rule

pytestmark = pytest.mark.django_db

D = datetime.date
AWARD = 100_000_00


def test_articles_r2334_23_and_decree_4_give_time_to_ask_for_documents(reference):
    received = D(2026, 11, 30)

    assert {
        scheme: terms.completeness_due(rule(scheme, 2026), received)
        for scheme in ("detr", "dsil", "dsid", "fnadt", "housing", "region")
    } == {
        "detr": D(2027, 2, 28),  # R. 2334-23: three months, date to date
        "dsil": D(2027, 2, 28),
        "dsid": D(2027, 2, 28),
        "fnadt": D(2027, 1, 30),  # decree n° 2018-514, art. 4: two months
        "housing": None,  # no text was found
        "region": None,
    }


@pytest.mark.parametrize(
    ("article", "scheme", "start", "end"),
    [
        ("R. 2334-28", "detr", D(2026, 7, 1), D(2028, 7, 1)),
        ("R. 2334-28, 29 February", "dsil", D(2024, 2, 29), D(2026, 2, 28)),
        ("decree n° 2018-514, art. 11", "fnadt", D(2026, 7, 1), D(2028, 7, 1)),
        # CCH, art. D. 323-8: two years to finish, from the notification.
        ("D. 323-8", "housing", D(2026, 7, 1), D(2028, 7, 1)),
        # No text: the day of the act.
        ("règlement du financeur", "region", D(2026, 7, 1), D(2029, 6, 30)),
    ],
)
def test_what_runs_from_the_notification(reference, article, scheme, start, end):
    planned = D(2029, 6, 30)

    assert terms.first_deadline(rule(scheme, 2026), start, planned) == end, article


@pytest.mark.parametrize(
    ("article", "scheme", "end"),
    [
        ("R. 2334-29: four years from the start", "detr", D(2031, 3, 15)),
        ("R. 2334-29", "dsil", D(2031, 3, 15)),
        ("decree, art. 8: the calendar of the act", "fnadt", D(2029, 6, 30)),
        ("D. 323-8: two years from the notification", "housing", D(2028, 7, 1)),
    ],
)
def test_what_runs_to_the_completion(reference, article, scheme, end):
    due = terms.finish_due(
        rule(scheme, 2026), D(2026, 7, 1), D(2027, 3, 15), D(2029, 6, 30)
    )

    assert due == end, article


@pytest.mark.parametrize(
    ("article", "scheme", "to_start", "latest"),
    [
        ("R. 2334-28: one year", "detr", True, D(2029, 7, 1)),
        ("R. 2334-29: two years", "detr", False, D(2030, 7, 1)),
        ("decree, art. 11: one year", "fnadt", True, D(2029, 7, 1)),
        ("decree: the act is amended, no bound", "fnadt", False, None),
        ("D. 323-8: one year", "housing", False, D(2029, 7, 1)),
    ],
)
def test_how_far_a_delay_may_be_extended(reference, article, scheme, to_start, latest):
    found = terms.latest_extension(rule(scheme, 2026), D(2028, 7, 1), to_start=to_start)

    assert found == latest, article


@pytest.mark.parametrize(
    ("article", "scheme", "due", "rejects"),
    [
        ("CRPA L. 231-4: a warning only", "detr", D(2026, 4, 2), False),
        ("CRPA L. 231-4: a warning only", "dsil", D(2026, 4, 2), False),
        ("decree, art. 7: eight months", "fnadt", D(2026, 10, 2), True),
        ("CRPA L. 231-4, 3°: two months", "housing", D(2026, 4, 2), True),
    ],
)
def test_what_silence_means(reference, article, scheme, due, rejects):
    found = rule(scheme, 2026)

    assert terms.decision_due(found, D(2026, 2, 2)) == due, article
    assert terms.silence_rejects(found) is rejects, article


@pytest.mark.parametrize(
    ("article", "scheme", "first"),
    [
        ("R. 2334-24: the receipt of the request", "dsil", D(2026, 2, 2)),
        ("decree, art. 5: the receipt of the request", "fnadt", D(2026, 2, 2)),
        ("D. 323-8: the award", "housing", D(2026, 6, 15)),
    ],
)
def test_when_works_may_begin(reference, article, scheme, first):
    found = terms.earliest_start(rule(scheme, 2026), D(2026, 2, 2), D(2026, 6, 15))

    assert found == first, article


def test_article_d323_9_gives_six_months_to_ask_for_the_balance(reference):
    completed = D(2028, 8, 31)

    assert terms.balance_due(rule("housing", 2026), completed) == D(2029, 2, 28)
    assert terms.balance_due(rule("dsil", 2026), completed) is None


@pytest.mark.parametrize(
    ("article", "scheme", "advance", "before_balance"),
    [
        ("R. 2334-30: 30 % and 80 %", "detr", 30_000_00, 80_000_00),
        ("decree, art. 12: 30 % and 80 %", "fnadt", 30_000_00, 80_000_00),
        ("D. 323-9: no advance, 80 %", "housing", 0, 80_000_00),
        ("règlement du financeur: the award", "region", AWARD, AWARD),
    ],
)
def test_what_is_paid_before_the_balance(
    reference, article, scheme, advance, before_balance
):
    found = rule(scheme, 2026)

    assert terms.most_in_advance(found, AWARD) == advance, article
    most = terms.most_before_balance(found, AWARD, months=24)
    assert most == before_balance, article


@pytest.mark.parametrize(("months", "most"), [(48, 80_000_00), (49, 90_000_00)])
def test_decree_12_pays_more_before_the_balance_of_long_works(reference, months, most):
    found = rule("fnadt", 2026)

    assert terms.most_before_balance(found, AWARD, months=months) == most


def test_article_d323_9_bounds_the_first_instalment(reference):
    assert terms.most_at_first(rule("housing", 2026), AWARD) == 20_000_00
    assert terms.most_at_first(rule("dsil", 2026), AWARD) == AWARD


@pytest.mark.parametrize(
    ("real_cost", "owed"),
    [
        (400_000_00, 100_000_00),  # as planned
        (500_000_00, 100_000_00),  # dearer: the award is a ceiling
        (300_000_01, 75_000_00),  # cheaper: the rate, rounded down to the cent
        (0, 0),
    ],
)
def test_the_balance_is_the_rate_of_the_real_cost_within_the_award(real_cost, owed):
    assert terms.balance_of(25_00, AWARD, real_cost) == owed


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (D(2026, 1, 15), D(2030, 1, 15), 48),
        (D(2026, 1, 15), D(2030, 1, 16), 49),
        (D(2026, 1, 31), D(2026, 2, 1), 1),
    ],
)
def test_months_begun_count(start, end, months):
    assert terms.months_between(start, end) == months
