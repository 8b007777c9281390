"""The ceilings of public aid: those of the rules in force, with their articles."""

import pytest

from erbm.funding import ceilings
from erbm.funding.models import Line
from erbm.programme.models import SchemeRule
from erbm.programme.rules import rules

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

COST = 1_000_000_00


def told(*lines, collectivite=True, cost=COST):
    return list(
        ceilings.excesses(
            [Line(scheme=scheme, amount_cents=cents) for scheme, cents in lines],
            cost,
            owner_is_collectivite=collectivite,
            rules=rules(2026),
        )
    )


def remarked(*lines):
    plan = [Line(scheme=scheme, amount_cents=cents) for scheme, cents in lines]
    return list(ceilings.remarks(plan, COST, rules=rules(2026)))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([("detr", 400_000_00), ("dsil", 400_000_00)], []),
        (
            [("detr", 400_000_00), ("dsil", 400_000_01)],
            [
                (
                    "DETR et DSIL font ensemble 81 % du coût ; 80 % au plus en cumul "
                    "(CGCT, art. R. 2334-27, al. 2)."
                ),
                (
                    "Les aides publiques font 81 % du coût ; 80 % au plus "
                    "(CGCT, art. L. 1111-10, III)."
                ),
            ],
        ),
        ([("fnadt", 500_000_00), ("region", 300_000_00), ("own", 200_000_00)], []),
        (
            [("fnadt", 500_000_00), ("region", 300_000_01)],
            [
                (
                    "Les aides publiques font 81 % du coût ; 80 % au plus "
                    "(CGCT, art. L. 1111-10, III)."
                )
            ],
        ),
        ([("feder", 600_000_00)], []),
        (
            [("feder", 600_000_01)],
            [
                (
                    "FEDER : 61 % du coût ; 60 % au plus (règlement (UE) 2021/1060, "
                    "art. 112, région en transition ; à relire)."
                )
            ],
        ),
        ([], []),
    ],
)
def test_a_local_authority_pays_a_fifth_itself(lines, said):
    assert told(*lines) == said


def test_a_landlord_may_be_helped_up_to_the_whole_cost_and_no_further():
    assert told(("fnadt", COST), collectivite=False) == []
    assert told(("fnadt", COST + 1), collectivite=False) == [
        (
            "Les aides publiques font 101 % du coût ; 100 % au plus "
            "(décret n° 2018-514, art. 10)."
        )
    ]


def test_the_dotations_of_the_cgct_are_capped_for_a_landlord_too():
    assert len(told(("detr", 800_000_01), collectivite=False)) == 1


def test_a_cost_of_nothing_bears_no_aid():
    assert told(("fnadt", 1), cost=0) == [
        (
            "Les aides publiques font 100 % du coût ; 80 % au plus "
            "(CGCT, art. L. 1111-10, III)."
        )
    ]


def test_the_percentages_are_those_of_the_rules_in_force():
    SchemeRule.objects.filter(scheme="detr").update(cumul_percent=70)

    assert "70 % au plus en cumul" in told(("detr", 700_000_01))[0]
    assert told(("detr", 700_000_00)) == []


def test_a_rate_below_the_floor_and_the_opinion_of_the_commission_are_remarked():
    assert remarked(("detr", 100_000_01)) == [
        (
            "DETR : 11 % du coût ; le taux est de 20 % au moins de la dépense "
            "subventionnable (CGCT, art. R. 2334-27)."
        ),
        (
            "DETR : au-delà de 100\u202f000,00\xa0€, la commission des élus donne son "
            "avis (CGCT, art. L. 2334-37 ; avis au-delà de 100 000 €)."
        ),
    ]
    assert remarked(("dsil", 200_000_00), ("region", 1)) == []


def test_each_rate_is_said_with_what_its_rules_bound_it_to():
    plan = [Line(scheme="dsil", amount_cents=850_000_00)]

    (rate,) = ceilings.rates(plan, COST, rules=rules(2026))

    assert (rate.label, float(rate.part), rate.exceeds) == ("DSIL", 0.85, True)
    assert (rate.floor, rate.ceiling, rate.basis) == ("20\u202f%", "80\u202f%", "HT")
    assert rate.article == "CGCT, art. R. 2334-27, al. 2"


def test_a_scheme_without_a_ceiling_has_no_article():
    (rate,) = ceilings.rates(
        [Line(scheme="region", amount_cents=1)], COST, rules=rules(2026)
    )

    assert (rate.ceiling, rate.article, rate.exceeds) == ("–", "", False)


def test_costs_counted_with_and_without_tax_are_remarked():
    assert remarked(("housing", 300_000_00), ("fnadt", 300_000_00)) == [
        (
            "Les assiettes diffèrent : TTC pour Aides à la pierre (programme 135) ; "
            "HT pour FNADT. Le coût saisi vaut pour toutes."
        )
    ]
