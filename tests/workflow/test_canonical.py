"""A record has one form, and what is hashed is what is stored."""

import datetime
import json
import struct
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.library.factories import NOW, Town
from tests.library.lifecycle import State
from tests.workflow import vectors
from workflow.models import Event
from workflow.trail import canonical, chain, verify


@pytest.mark.parametrize(
    ("record", "text"),
    [
        ({}, "{}"),
        ({"b": 1, "a": 2}, '{"a":2,"b":1}'),
        ({"a": {"c": [1, {"z": 0, "y": None}], "b": ()}}, None),
        ({"vrai": True, "faux": False, "rien": None}, None),
        # RFC 8785, 3.2.3: keys are sorted by UTF-16 code units
        (
            dict.fromkeys(["€", "\r", "\ufb33", "1", "😀", "\x80", "ö"], ""),
            '{"\\r":"","1":"","\x80":"","ö":"","€":"","😀":"","\ufb33":""}',
        ),
        # 3.2.2.2: only what must be escaped is
        (
            {"s": '€$\x0f\nA\'B"\\\\"/'},
            '{"s":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
        ),
        ({"s": "e\u0301te\u0301"}, '{"s":"été"}'),
        ({"n": 2**53 - 1, "m": -(2**53) + 1}, None),
        ({"état": State.LENT}, '{"état":"lent"}'),
        ({"jour": datetime.date(2026, 3, 2)}, '{"jour":"2026-03-02"}'),
    ],
)
def test_a_record_has_one_text(record, text):
    written = canonical.text_of(record)

    if text is not None:
        assert written == text
    assert canonical.text_of(json.loads(written)) == written
    assert canonical.is_canonical(written)


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        Decimal("1.10"),
        2**53,
        -(2**53),
        "\ud800",
        {"caf\udce9": 1},
        {1, 2},
        b"octets",
        datetime.datetime(2026, 3, 2),  # noqa: DTZ001
        object(),
    ],
)
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(canonical.NotCanonical):
        canonical.text_of({"liste": [value]})


# The vectors of RFC 8785: what the library beneath writes, and what of it we take.


def test_the_sample_of_the_rfc_is_written_byte_for_byte():
    written = rfc8785.dumps(json.loads(vectors.SAMPLE))

    assert written.decode() == vectors.SAMPLED
    assert written == bytes.fromhex(vectors.SAMPLED_BYTES)


def test_without_its_numbers_the_sample_is_ours_as_well():
    sample = json.loads(vectors.SAMPLE)
    with pytest.raises(canonical.NotCanonical):
        canonical.text_of(sample)
    del sample["numbers"]

    text = canonical.text_of(sample)

    assert text == rfc8785.dumps(sample).decode()
    assert canonical.is_canonical(text)
    assert not canonical.is_canonical(vectors.SAMPLED)  # it has floats


def test_names_are_in_the_order_of_the_rfc():
    text = canonical.text_of(json.loads(vectors.NAMED))

    assert list(json.loads(text).values()) == vectors.IN_ORDER
    assert canonical.is_canonical(text)


@pytest.mark.parametrize(("bits", "written"), vectors.NUMBERS.items())
def test_the_doubles_of_the_rfc_are_known_beneath_and_refused_here(bits, written):
    [value] = struct.unpack(">d", bytes.fromhex(bits))

    if written:
        assert rfc8785.dumps(value).decode() == written
    else:
        with pytest.raises(rfc8785.CanonicalizationError):
            rfc8785.dumps(value)
    with pytest.raises(canonical.NotCanonical):
        canonical.text_of({"n": value})


def test_a_moment_is_in_utc_to_the_microsecond():
    paris = datetime.datetime(2026, 7, 1, 0, 30, tzinfo=ZoneInfo("Europe/Paris"))

    assert canonical.moment(paris) == "2026-06-30T22:30:00.000000Z"
    assert canonical.moment(NOW.replace(microsecond=7)) == "2026-03-02T09:00:00.000007Z"


def test_a_link_depends_on_every_byte_before_it():
    links = {
        chain.link(previous, body)
        for previous in (b"", b"\0", bytes(32))
        for body in ("", "é", "e\u0301")
    }

    assert len(links) == 9


def test_a_commitment_depends_on_the_salt_and_on_the_text():
    assert (
        len({chain.commitment(salt, text) for salt in (b"a", b"b") for text in "cd"})
        == 4
    )


def records(inner):
    return st.dictionaries(st.text(), inner, max_size=3)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | records(inner),
    max_leaves=8,
)


@pytest.mark.slow  # fifty records written and read back
@pytest.mark.django_db
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=records(values), texts=st.dictionaries(st.text(), st.text(), max_size=3))
def test_what_was_hashed_is_what_is_read_back(library, facts, texts):
    case, actor = library
    entry = chain.Entry(
        kind="essai",
        actor=actor,
        at=NOW,
        facts=facts | {"to": case.state},
        texts=texts,
    )
    event = chain.append(case, entry)
    case.save(update_fields=["latest_seq", "latest_hash"])

    stored = Event.objects.get(pk=event.pk)
    assert stored.body == event.body
    assert bytes(stored.hash) == chain.link(bytes(stored.previous_hash), stored.body)
    assert verify.problems_of(case) == []


@pytest.fixture
def library(db):
    town = Town()
    return town.loan().case, town.reader
