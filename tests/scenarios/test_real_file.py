"""Real projects of 2019 are programmed with a fifth less than they ask for.

`data/dotations_2019_extrait.csv`: 40 rows of the programme and 3 of elsewhere, taken
from the State's published file (DGCL, ANCT, Licence ouverte). The whole file is
programmed by `manage.py import_operations` then `manage.py try_programming`.
"""

import datetime
import re
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from erbm.funding.models import Scheme
from erbm.programme import commands as programme
from erbm.programme.models import Envelope
from erbm.scenarios import commands, queries
from erbm.scenarios.commands import Wanted
from erbm.scenarios.models import Method, Scenario
from tests.programme.people import treasurer

FILE = Path(__file__).parent / "data" / "dotations_2019_extrait.csv"
NOW = datetime.datetime(2026, 11, 2, 10, 0, tzinfo=datetime.UTC)
WEIGHTS = {"own_share": 2, "balance": 1}
MOST_SECONDS = 10
WHY = re.compile(r"Dotation : .*(manque|faudrait)|Plafond d’aide dépassé : .*art\.")

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,  # forty projects are imported
    pytest.mark.usefixtures("imported"),
]


@pytest.fixture
def imported(reference):
    call_command("import_operations", str(FILE), stdout=StringIO())


def envelope(scheme):
    asked = sum(
        one.cents
        for one in queries.candidates_of(
            Envelope(scheme=scheme, year=2019), with_drafts=True
        )
    )
    return programme.open_envelope(
        scheme=scheme, year=2019, cents=asked * 80 // 100, by=treasurer(), at=NOW
    )


def test_real_projects_are_programmed_and_what_is_left_out_is_explained():
    for scheme in (Scheme.DETR, Scheme.DSIL):
        one = envelope(scheme)
        for method in (Method.RANKING, Method.DWELLINGS, Method.SCORE):
            wanted = Wanted(one.pk, method.label, method, WEIGHTS, with_drafts=True)
            started = time.monotonic()
            scenario = commands.draw_up(wanted=wanted, by=treasurer(), at=NOW)

            assert time.monotonic() - started < MOST_SECONDS
            (summary,) = queries.summaries_of([scenario])
            assert 0 < summary.granted_cents <= one.free_cents
            assert summary.left_out
            assert all(WHY.match(share.reason) for share in summary.left_out)

    best = Scenario.objects.filter(method=Method.SCORE)
    for scenario in best:
        commands.adopt(scenario_id=scenario.pk, seen=0, by=treasurer(), at=NOW)
        found = Envelope.objects.get(pk=scenario.envelope_id)
        assert 0 < found.reserved_cents <= found.granted_cents


def test_the_command_tries_and_keeps_nothing():
    out = StringIO()

    call_command("try_programming", "--exercice=2019", "--motifs", stdout=out)

    told = out.getvalue().replace("\u202f", " ").replace("\xa0", " ")
    assert "DETR : 26 opérations demandent" in told
    assert "DSIL : 14 opérations demandent" in told
    assert told.count("Optimum démontré (HiGHS).") == 4
    assert "Dotation : il manque" in told
    assert not Envelope.objects.exists()
    assert not Scenario.objects.exists()


@pytest.mark.parametrize("part", [0, 101])
def test_a_part_that_makes_no_sense_is_refused(part):
    with pytest.raises(CommandError, match="de 1 à 100"):
        call_command("try_programming", f"--part={part}", stdout=StringIO())


def test_with_all_that_is_asked_for_only_a_plan_beyond_its_ceiling_is_left_out():
    out = StringIO()

    call_command(
        "try_programming", "--exercice=2019", "--part=100", "--motifs", stdout=out
    )

    told = out.getvalue()
    assert (told.count("écartées : 0 ;"), told.count("écartées : 1 ;")) == (3, 3)
    assert told.count("Plafond d’aide dépassé : DETR fait 81 % du coût") == 3
