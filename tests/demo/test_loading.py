"""Loading the demonstration: once, whole, and never by mistake."""

import dataclasses
import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from erbm.demo import loading, stories
from erbm.demo.stories import Act, Story
from erbm.operations.models import Kind, Operation
from tests.demo.conftest import DEMO, TODAY
from tests.operations.fixtures import reference
from workflow.models import Case, Competence, Event, Message
from workflow.trail import chain

__all__ = ["reference"]

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def few(monkeypatch, settings, reference):
    """Tell four stories only."""
    for name, value in DEMO.items():
        setattr(settings, name, value)
    renumbered = [
        dataclasses.replace(story, number=number)
        for number, story in enumerate(stories.stories()[1:5])
    ]
    monkeypatch.setattr(loading, "stories", lambda: renumbered)
    return renumbered


def trails():
    events = Event.objects.order_by("case__operation__source_id", "seq")
    return list(events.values_list("case__operation__source_id", "kind", "move", "at"))


def test_a_second_loading_changes_nothing(few):
    told = loading.load(at=TODAY)
    before = trails()

    assert told == len(before) > 20
    assert loading.load(at=TODAY + datetime.timedelta(days=3)) == 0
    assert trails() == before


def test_an_interrupted_loading_is_taken_up_where_it_stopped(few, monkeypatch):
    play, plays = loading._play, []

    def power_cut(*args):
        plays.append(args)
        if len(plays) == 12:
            raise KeyboardInterrupt
        return play(*args)

    with monkeypatch.context() as patch:
        patch.setattr(loading, "_play", power_cut)
        with pytest.raises(KeyboardInterrupt):
            loading.load(at=TODAY)
    begun = trails()

    loading.load(at=TODAY)

    assert set(begun) < set(trails())
    assert Operation.objects.count() == len(few)
    assert not Message.objects.filter(done_at=None).exists()
    states = Operation.objects.order_by("pk").values_list("source_id", "case__state")
    assert dict(states) == {
        "demo-alouettes-2": "proposed",
        "demo-brunehaut": "proposed",
        "demo-crombez": "incomplete",
        "demo-cuvinot": "under_review",
    }


def test_what_people_have_done_since_is_left_alone(few):
    loading.load(at=TODAY)
    mine = Message.objects.order_by("pk").last()
    case = Case.objects.get(pk=mine.event.case_id)
    entry = chain.Entry(
        kind="move",
        move="withdraw",
        actor=mine.event.actor,
        at=TODAY,
        facts={"to": case.state},
    )
    later = chain.append(case, entry)
    case.save(update_fields=["latest_seq", "latest_hash"])
    waiting = Message.objects.create(event=later, listener="x", key="x", due_at=TODAY)

    assert loading.load(at=TODAY) == 0

    waiting.refresh_from_db()
    assert waiting.done_at is None


def test_the_reference_data_comes_first_when_it_is_missing(few, monkeypatch):
    asked = []
    Competence.objects.all().delete()
    monkeypatch.setattr(
        "erbm.demo.management.commands.load_demo.call_command",
        lambda name, **options: asked.append(name),
    )
    monkeypatch.setattr("erbm.demo.management.commands.load_demo.load", lambda at: 0)

    call_command("load_demo", stdout=StringIO())

    assert asked == ["load_reference"]


@pytest.mark.parametrize("missing", [{"DEMO": False}, {"DEMO_PASSWORD": ""}])
def test_it_is_not_loaded_where_its_accounts_would_be_a_danger(few, settings, missing):
    for name, value in missing.items():
        setattr(settings, name, value)

    with pytest.raises(CommandError, match="DEMO_PASSWORD"):
        call_command("load_demo", stdout=StringIO())

    assert Operation.objects.count() == 0


def test_the_accounts_are_printed_with_their_password(few):
    call_command("load_demo", stdout=StringIO())
    out = StringIO()

    call_command("demo_accounts", stdout=out)

    printed = out.getvalue()
    assert "sous-prefet-lens@demo.example" in printed
    assert "Sous-préfète de Lens" in printed
    assert DEMO["DEMO_PASSWORD"] in printed
    assert "figurants" not in printed


def story(*afters, age=1):
    acts = [
        Act(f"act-{n}", "", "owner", after, "", {}) for n, after in enumerate(afters)
    ]
    return Story(
        number=0,
        kind=Kind.SUBSIDY,
        key="k",
        owner="o",
        cost_cents=1,
        shares={},
        acts=acts,
        age=age,
    )


@pytest.mark.parametrize("weekday", range(7))
def test_days_go_forward_avoid_the_week_end_and_end_before_today(weekday):
    today = datetime.date(2026, 11, 23) + datetime.timedelta(days=weekday)

    days = [day for day, _ in story(0, 1, 2, 30, 1).dated(today)]

    assert days == sorted(days)
    assert days[-1] < today
    assert all(day.weekday() < 5 for day in days)


def test_the_last_act_is_as_old_as_the_story_says():
    [*_, (day, _)] = story(0, 12, age=7).dated(datetime.date(2026, 11, 24))

    assert day == datetime.date(2026, 11, 17)


@pytest.mark.slow  # the whole demonstration
@pytest.mark.usefixtures("reference")
def test_it_may_be_loaded_at_any_hour(settings):
    """Gestures that follow one another may fall on either side of midnight."""
    for name, value in DEMO.items():
        setattr(settings, name, value)

    assert loading.load(at=TODAY.replace(hour=2, minute=20)) > 0
