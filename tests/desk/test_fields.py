"""Amounts and days are read as people write them."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from erbm import fields, words


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        ("1 250 000", 125_000_000),
        (f"1{words.NARROW}250{words.FIXED}000 €", 125_000_000),
        ("980,50", 98_050),
        ("980.5", 98_050),
        ("0", 0),
    ],
)
def test_an_amount_becomes_cents(written, cents):
    assert fields.EurosField().clean(written) == cents


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("douze", "invalid"),
        ("1,005", "invalid"),
        ("NaN", "invalid"),
        ("Infinity", "invalid"),
        ("1e3000", "too_large"),
        ("-3", "negative"),
        ("100000000000,01", "too_large"),
        ("", "required"),
    ],
)
def test_what_is_not_an_amount_is_refused(written, code):
    with pytest.raises(ValidationError) as refusal:
        fields.EurosField().clean(written)

    assert refusal.value.code == code


def test_an_optional_amount_may_be_missing():
    assert fields.EurosField(required=False).clean("") is None


def test_what_was_typed_comes_back_as_it_was():
    field = fields.EurosField()

    assert field.prepare_value("douze") == "douze"
    assert field.clean(field.prepare_value(98_050)) == 98_050


def test_a_day_is_read_in_both_forms():
    for written in ("2026-11-23", "23/11/2026"):
        assert fields.DayField().clean(written) == datetime.date(2026, 11, 23)
