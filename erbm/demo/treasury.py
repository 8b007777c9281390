"""The credits of the year to come: opened, delegated, and shared by two scenarios."""

import datetime

from django.conf import settings

from erbm.accounts.models import User
from erbm.programme import commands as programme
from erbm.programme.commands import Place
from erbm.programme.models import Envelope, Level
from erbm.programme.schemes import Scheme
from erbm.scenarios import commands as scenarios
from erbm.scenarios import queries
from erbm.scenarios.commands import Wanted
from erbm.scenarios.models import Method, Scenario
from erbm.territory.models import Arrondissement
from workflow.deadlines import local_day

ASKED = (Scheme.HOUSING, Scheme.FNADT, Scheme.DETR, Scheme.DSIL)
LEAST_CENTS = 5_000_000_00
PART = 80  # of what is asked for, in per cent
WEIGHTS = {"dwellings": 4, "own_share": 1, "readiness": 3, "balance": 1, "theme": 1}
COMPARED = (
    ("Au classement (démonstration)", Method.RANKING),
    ("Le plus de logements (démonstration)", Method.DWELLINGS),
)
SHARED = Scheme.HOUSING


def share_out(*, at: datetime.datetime) -> None:
    """Open the envelopes of next year, with a fifth less than what is asked of them."""
    year = local_day(at).year + 1
    if Scenario.objects.exists() or Envelope.objects.filter(year=year).exists():
        return
    sgar = _account("sgar")
    for scheme in ASKED:
        _open(scheme, year, by=sgar, at=at)
    _delegate(Envelope.objects.get(scheme=Scheme.DETR, year=year), by=sgar, at=at)
    _compare(Envelope.objects.get(scheme=SHARED, year=year), at=at)


def _open(scheme: Scheme, year: int, *, by: User, at: datetime.datetime) -> None:
    ghost = Envelope(scheme=scheme, year=year, level=Level.REGION)
    found = queries.candidates_of(ghost, with_drafts=True)
    asked = sum(one.cents for one in found)
    programme.open_envelope(
        scheme=scheme,
        year=year,
        cents=max(asked * PART // 100, LEAST_CENTS),
        by=by,
        at=at,
    )


def _delegate(envelope: Envelope, *, by: User, at: datetime.datetime) -> None:
    """Share the DETR between the départements, then one of them further down."""
    half = envelope.granted_cents // 2
    for rank, code in enumerate(("59", "62")):
        child = programme.delegate_credits(
            envelope_id=envelope.pk,
            place=Place(Level.DEPARTEMENT, code),
            cents=half,
            seen=half * rank,
            by=by,
            at=at,
        )
    lens = Arrondissement.objects.select_related("jurisdiction").get(name="Lens")
    programme.delegate_credits(
        envelope_id=child.pk,
        place=Place(Level.ARRONDISSEMENT, lens.departement, lens),
        cents=half // 3,
        seen=0,
        by=by,
        at=at,
    )


def _compare(envelope: Envelope, *, at: datetime.datetime) -> None:
    """Draw two scenarios up, and adopt the second."""
    if not queries.candidates_of(envelope, with_drafts=True):
        return
    drawn = [
        scenarios.draw_up(
            wanted=Wanted(envelope.pk, name, method, WEIGHTS, with_drafts=True),
            by=_account("sgar"),
            at=at,
        )
        for name, method in COMPARED
    ]
    scenarios.adopt(
        scenario_id=drawn[-1].pk, seen=0, by=_account("directeur-projet"), at=at
    )


def _account(name: str) -> User:
    return User.objects.get(email=f"{name}@{settings.DEMO_EMAIL_DOMAIN}")
