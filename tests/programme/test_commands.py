"""Rules changed and credits shared out: by whom, seen by whom, written where."""

import datetime
import json

import pytest

from erbm.programme import commands
from erbm.programme.commands import Place, RuleChange
from erbm.programme.models import Envelope, Level, Mark, SchemeRule
from erbm.programme.rules import rule
from erbm.programme.schemes import Scheme
from erbm.territory.models import Arrondissement
from tests.programme.people import director, owner, secretary, treasurer
from workflow.answers import MoveRefused
from workflow.models import Entry, EntryKind

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

NOW = datetime.datetime(2026, 11, 2, 10, 0, tzinfo=datetime.UTC)
PAS_DE_CALAIS = Place(Level.DEPARTEMENT, "62")


def change(year=2026, *, scheme=Scheme.DETR, seen=None, by=None, **values):
    return commands.change_rule(
        scheme=scheme,
        year=year,
        change=RuleChange(values, Mark.MEMORY, "Décret à relire"),
        seen=seen or rule(scheme, year).pk,
        by=by or director(),
        at=NOW,
    )


def opened(cents=1_000_00, by=None, scheme=Scheme.DSIL):
    return commands.open_envelope(
        scheme=scheme, year=2026, cents=cents, by=by or treasurer(), at=NOW
    )


def delegate(envelope, place=PAS_DE_CALAIS, cents=400_00, *, seen=0, by=None):
    return commands.delegate_credits(
        envelope_id=envelope.pk,
        place=place,
        cents=cents,
        seen=seen,
        by=by or treasurer(),
        at=NOW,
    )


def lens():
    place = Arrondissement.objects.get(name="Lens")
    return Place(Level.ARRONDISSEMENT, "62", place)


def registered():
    entries = Entry.objects.filter(kind=EntryKind.CONFIGURED).order_by("pk")
    return [json.loads(one.body)["facts"] for one in entries]


def amounts(envelope):
    one = Envelope.objects.get(pk=envelope.pk)
    return one.granted_cents, one.delegated_cents


# Rules


def test_a_change_is_a_new_version_and_the_former_stays_as_it_was():
    former = rule("detr", 2026)

    new = change(cumul_percent=75, start_months=None)

    assert rule("detr", 2026) == new
    assert (new.year, new.version) == (2026, 1)
    assert (new.cumul_percent, new.start_months) == (75, None)
    assert new.floor_percent == former.floor_percent
    assert new.origin("cumul_percent") == ("M", "Décret à relire")
    assert new.origin("floor_percent") == former.origin("floor_percent")
    assert SchemeRule.objects.get(pk=former.pk).cumul_percent == 80
    assert rule("detr", 2025).cumul_percent == 80


def test_a_second_change_of_the_same_year_is_its_second_version():
    change(cumul_percent=75)

    assert change(cumul_percent=70).version == 2


def test_a_change_is_in_the_register_with_what_was_and_what_is():
    change(cumul_percent=75)

    facts = registered()[-1]
    assert facts["table"] == "programme.schemerule"
    assert facts["changes"]["cumul_percent"] == [80, 75]
    assert facts["changes"]["year"] == [2017, 2026]
    assert "floor_percent" not in facts["changes"]


@pytest.mark.parametrize("who", [treasurer, secretary, owner])
def test_the_project_director_alone_changes_a_rule(who):
    with pytest.raises(MoveRefused, match="directeur de projet"):
        change(cumul_percent=75, by=who())

    assert rule("detr", 2026).cumul_percent == 80
    assert Entry.objects.filter(kind=EntryKind.MOVE_REFUSED).count() == 1


def test_a_change_of_what_was_not_seen_is_refused():
    seen = rule("detr", 2026).pk
    change(cumul_percent=75)

    with pytest.raises(MoveRefused, match="Quelqu’un d’autre"):
        change(seen=seen, cumul_percent=70)


def test_a_change_that_changes_nothing_is_refused():
    with pytest.raises(MoveRefused, match="Aucune valeur"):
        change(cumul_percent=80)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"cumul_percent": 101}, "cumul_percent"),
        ({"floor_percent": 81}, "floor_percent"),
        ({"advance_percent": 81}, "advance_percent"),
    ],
)
def test_settings_that_cannot_hold_together_are_refused(values, field):
    with pytest.raises(MoveRefused) as refused:
        change(**values)

    assert [one.field for one in refused.value.refusals] == [field]


def test_settings_at_their_bounds_hold_together():
    new = change(cumul_percent=100, floor_percent=80, advance_percent=80)

    assert new.floor_percent == new.ceiling_percent


# Credits


def test_credits_go_from_the_region_to_a_departement_to_an_arrondissement():
    region = opened()

    pas_de_calais = delegate(region)
    arrondissement = delegate(pas_de_calais, lens(), 150_00)

    assert amounts(region) == (1_000_00, 400_00)
    assert amounts(pas_de_calais) == (400_00, 150_00)
    assert amounts(arrondissement) == (150_00, 0)
    assert str(arrondissement) == "DSIL 2026, Lens"
    changes = [one["changes"] for one in registered()]
    assert changes[-2:] == [
        {"delegated_cents": [0, 150_00]},
        {"granted_cents": [0, 150_00]},
    ]


def test_a_second_delegation_adds_to_the_first():
    region = opened()
    delegate(region)

    assert amounts(delegate(region, seen=400_00)) == (800_00, 0)


def test_a_delegation_sent_twice_is_made_once():
    region = opened()
    delegate(region)

    with pytest.raises(MoveRefused, match="Quelqu’un d’autre"):
        delegate(region)

    assert amounts(region) == (1_000_00, 400_00)


def test_more_than_is_free_is_not_delegated_and_nothing_is_opened():
    region = opened()

    with pytest.raises(MoveRefused, match="libres"):
        delegate(region, cents=1_000_01)

    assert Envelope.objects.count() == 1
    assert amounts(region) == (1_000_00, 0)


def test_an_envelope_skips_no_level_and_stays_within_its_departement():
    region = opened()
    nord = delegate(region, Place(Level.DEPARTEMENT, "59"))

    for parent, place, seen in ((region, lens(), 400_00), (nord, lens(), 0)):
        with pytest.raises(MoveRefused, match="échelon"):
            delegate(parent, place, 1, seen=seen)


def test_credits_are_recalled_as_far_as_they_are_free():
    region = opened()
    child = delegate(region)
    Envelope.objects.filter(pk=child.pk).update(reserved_cents=300_00)
    recall = {"envelope_id": child.pk, "by": treasurer(), "at": NOW, "seen": 400_00}

    with pytest.raises(MoveRefused, match="100,00"):
        commands.recall_credits(cents=100_01, **recall)
    commands.recall_credits(cents=100_00, **recall)

    assert (amounts(region), amounts(child)) == ((1_000_00, 300_00), (300_00, 0))


def test_what_was_not_delegated_is_not_recalled():
    region = opened()

    with pytest.raises(MoveRefused, match="délégation"):
        commands.recall_credits(
            envelope_id=region.pk, cents=1, seen=1_000_00, by=treasurer(), at=NOW
        )


def test_credits_are_added_and_cut():
    region = opened()
    said = {"envelope_id": region.pk, "by": director(), "at": NOW}

    commands.grant_credits(cents=500_00, seen=1_000_00, **said)
    commands.grant_credits(cents=-1_500_00, seen=1_500_00, **said)

    assert amounts(region) == (0, 0)


def test_an_envelope_is_opened_once():
    opened()

    with pytest.raises(MoveRefused, match="déjà ouverte"):
        opened()


@pytest.mark.parametrize("who", [secretary, owner])
def test_credits_are_kept_by_the_funder_and_the_project_director(who):
    region = opened()

    for act in (
        lambda by: opened(scheme=Scheme.DETR, by=by),
        lambda by: delegate(region, by=by),
    ):
        with pytest.raises(MoveRefused, match="service financeur"):
            act(who())

    assert Envelope.objects.count() == 1
