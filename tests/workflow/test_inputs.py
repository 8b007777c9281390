"""What is typed is read, or refused in words."""

import datetime

import pytest

from workflow import inputs
from workflow.process import Input, InputKind, Move, any_of


def read(kind, value, *, required=True):
    wanted = Input("it", "Ceci", kind, required=required, choices=(("a", "A"),))
    move = Move("say", "Dire", frozenset({"s"}), "s", any_of("r"), inputs=(wanted,))
    values, faults = inputs.clean(move, {"it": value})
    return faults.get("it") or values["it"]


def test_zero_is_an_answer():
    assert read(InputKind.COUNT, 0) == 0
    assert read(InputKind.CENTS, "0") == 0


@pytest.mark.parametrize("kind", InputKind)
@pytest.mark.parametrize("nothing", [None, "", "   ", False])
def test_to_say_nothing_is_refused_where_something_is_asked(kind, nothing):
    assert read(kind, nothing) == "Ceci : à renseigner."
    assert read(kind, nothing, required=False) in (None, False)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (InputKind.LINE, "a" * 301),
        (InputKind.LINE, "a\0b"),
        (InputKind.TEXT, "\ud800"),
        (InputKind.DAY, "2026-02-31"),
        (InputKind.DAY, "0001-01-01"),
        (InputKind.DAY, datetime.date(9999, 12, 31)),
        (InputKind.COUNT, -1),
        (InputKind.COUNT, 10**30),
        (InputKind.COUNT, "douze"),
        (InputKind.COUNT, float("inf")),
        (InputKind.CENTS, float("nan")),
        (InputKind.CHOICE, "z"),
        (InputKind.CHOICE, ["a"]),
    ],
)
def test_the_absurd_is_refused(kind, value):
    assert str(read(kind, value)).startswith("Ceci : ")
