"""Amounts, codes and texts, as the spreadsheets of several offices write them."""

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erbm.imports import cells

NARROW, FIXED = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("cell", "cents"),
    [
        (1250, 125000),
        (520721.28, 52072128),
        (0.1 + 0.2, 30),
        (1.005, 101),
        (29783.754, 2978375),
        (Decimal("99977.22933"), 9997723),
        ("1042000", 104200000),
        ("2787963.24", 278796324),
        ("595.472", 59547),
        ("1234,5", 123450),
        ("1 234,56 €", 123456),
        (f"1{NARROW}234{FIXED}567,89{FIXED}€", 123456789),
        ("1.234.567,89", 123456789),
        ("1,234,567.89", 123456789),
        ("1.234.567", 123456700),
        ("1,234,567", 123456700),
        ("12000 euros", 1200000),
        ("12000 EUR", 1200000),
        ("1e3", 100000),
        ("-5", -500),
        (",5", 50),
    ],
)
def test_an_amount_is_read_to_the_cent(cell, cents):
    assert cells.cents(cell) == cents


@pytest.mark.parametrize(
    "cell",
    [
        *(None, "", "  ", "n. c.", "#REF!", "#N/A", "1O0", "12/05", "€", "-", ",", "."),
        *(True, float("nan"), float("inf"), "NaN", "Infinity", Decimal("NaN")),
        *(datetime.date(2019, 1, 1), "1e400", 10**12, "9" * 5000),
    ],
)
def test_what_is_not_an_amount_is_refused_in_words(cell):
    with pytest.raises(cells.NotAnAmount, match=r"absent|pas un montant|vraisemblance"):
        cells.cents(cell)


@given(st.integers(0, 10**12))
def test_an_amount_survives_a_trip_through_excel_and_through_a_french_text(cents):
    euros = Decimal(cents) / 100
    assert cells.cents(float(euros)) == cents
    assert cells.cents(f"{euros:,.2f}".replace(",", FIXED).replace(".", ",")) == cents


@given(st.text("0123456789.,+-eE€ \N{NO-BREAK SPACE}NaInfinty_²٣"))
def test_any_text_is_an_amount_or_is_refused(written):
    try:
        assert isinstance(cells.cents(written), int)
    except cells.NotAnAmount as refused:
        assert str(refused)


@given(st.text("aé \0\a\n\r\t\x1f\x85\xa0\xad\u200b\u2028\ufeff\ud800"))
def test_a_text_keeps_no_character_that_shows_nothing(written):
    assert cells.text(written).isprintable()


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        ("  Rénovation\n de  l’école\x00 ", "Rénovation de l’école"),
        (59002, "59002"),
        (59002.0, "59002"),
        (Decimal("59002.0"), "59002"),
        (0.25, "0.25"),
        (True, "oui"),
        (datetime.date(2019, 3, 1), "2019-03-01"),
    ],
)
def test_a_cell_says_one_line_of_text(cell, text):
    assert cells.text(cell) == text


@pytest.mark.parametrize(
    ("cell", "width", "code"),
    [
        (1001, 5, "01001"),
        (1001.0, 5, "01001"),
        ("1001", 5, "01001"),
        (1, 2, "01"),
        ("2a004", 5, "2A004"),
        ("246 200 364", 9, "246200364"),
        ("971", 2, "971"),
    ],
)
def test_a_code_gets_back_the_zeros_that_a_spreadsheet_ate(cell, width, code):
    assert cells.code(cell, width=width) == code
