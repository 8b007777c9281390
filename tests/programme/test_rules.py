"""The rules of the schemes: what we ship, and which version is in force."""

import pytest

from erbm.programme.models import SchemeRule
from erbm.programme.models.rules import SETTINGS, Mark
from erbm.programme.reference import DATA, load_scheme_rules
from erbm.programme.rules import RuleMissing, rule, rules, versions
from erbm.programme.schemes import GRANTED, Scheme
from erbm.reference import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def changed(former, **values):
    """Write the next version of a rule, of the same year unless told."""
    values = {"year": former.year, "version": former.version + 1} | values
    settings = {name: getattr(former, name) for name in SETTINGS}
    said = {"scheme": former.scheme, "mark": Mark.TEXT, "source": "Un décret"}
    return SchemeRule.objects.create(**settings | said | values)


def test_every_scheme_but_the_owners_own_money_has_rules():
    assert set(rules(2026)) == set(GRANTED)


def test_every_value_that_we_ship_names_its_source_and_how_sure_it_is():
    rows = list(read(DATA / "scheme_rules.csv"))

    assert len(rows) > 100
    assert all(row["source"] and row["mark"] in Mark.values for row in rows)
    for one in rules(2026).values():
        given = {name for name in SETTINGS if getattr(one, name) not in (None, "")}
        assert given - {"starts_after_receipt"} <= set(one.origins)


@pytest.mark.parametrize(
    ("scheme", "setting", "value"),
    [
        ("detr", "cumul_percent", 80),  # R. 2334-27
        ("detr", "floor_percent", 20),
        ("detr", "own_share_percent", 20),  # L. 1111-10
        ("detr", "commission_cents", 100_000_00),  # L. 2334-37
        ("detr", "list_by", "07-31"),  # L. 2334-36
        ("detr", "completeness_months", 3),  # R. 2334-23
        ("dsil", "start_months", 24),  # R. 2334-28
        ("dsil", "start_extension_months", 12),
        ("dsil", "finish_months", 48),  # R. 2334-29
        ("dsil", "finish_extension_months", 24),
        ("fnadt", "completeness_months", 2),  # décret n° 2018-514, art. 4
        ("fnadt", "decision_months", 8),  # art. 7
        ("fnadt", "advance_percent", 30),  # art. 12
        ("fnadt", "guaranteed_advance_percent", 60),
        ("fnadt", "instalments_percent", 80),
        ("fnadt", "long_instalments_percent", 90),
        ("housing", "first_instalment_percent", 20),  # CCH, D. 323-9
        ("housing", "balance_months", 6),
        ("housing", "finish_months", 24),  # D. 323-8
        ("housing", "finish_from", "notification"),
        ("housing", "starts_after_receipt", False),
        ("housing", "completeness_months", None),
    ],
)
def test_the_rules_say_what_the_texts_say(scheme, setting, value):
    assert getattr(rule(scheme, 2026), setting) == value


def test_silence_never_grants_money():
    said = {one.decision_silence for one in rules(2026).values()}

    assert said <= {"warning", "refusal_proposed", "nothing"}


def test_the_latest_version_of_a_year_holds_until_another_year_speaks():
    first = rule("detr", 2026)
    changed(first, cumul_percent=75)
    later = changed(first, year=2027, version=1, cumul_percent=70)
    changed(later, cumul_percent=60)

    assert rule("detr", 2026).cumul_percent == 75
    assert rule("detr", 2027).cumul_percent == 60
    assert rule("detr", 2030).cumul_percent == 60
    assert [one.cumul_percent for one in versions("detr")] == [60, 70, 75, 80]


def test_before_its_first_year_a_scheme_has_no_rules():
    with pytest.raises(RuleMissing):
        rule("detr", 2016)


def test_the_owners_own_money_has_no_rules():
    with pytest.raises(RuleMissing):
        rule(Scheme.OWN, 2026)


def test_loading_again_leaves_what_somebody_changed():
    changed(rule("detr", 2026), cumul_percent=75)

    loaded = load_scheme_rules()

    assert loaded.added == 0
    assert rule("detr", 2026).cumul_percent == 75


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("cumul_percent", "80\u202f%"),
        ("start_months", "24\xa0mois"),
        ("commission_cents", "100\u202f000,00\xa0€"),
        ("vat", "HT"),
        ("starts_after_receipt", "oui"),
        ("balance_months", "–"),
        ("list_by", "07-31"),
    ],
)
def test_a_value_is_written_as_people_read_it(setting, words):
    assert rule("detr", 2026).shown(setting) == words


def test_a_value_tells_where_it_comes_from():
    assert rule("detr", 2026).origin("completeness_months") == (
        "T",
        "CGCT, art. R. 2334-23",
    )
