"""The tags that pages are made of."""

import datetime
import re

import pytest
from django.template import Context, Template
from django.utils import timezone

from erbm import words
from flows.stages import Stage


def render(source, **context):
    html = Template("{% load look %}" + source).render(Context(context))
    return re.sub(r"[ \n]+", " ", html)


def test_an_amount_stays_on_its_line():
    html = render("{{ cents|money }}", cents=1_50)

    assert html == f'<span class="erbm-amount">1,50{words.FIXED}€</span>'


@pytest.mark.parametrize("tag", ["money", "short_money", "day", "moment"])
def test_what_is_unknown_is_a_dash(tag):
    assert render("{{ value|" + tag + " }}", value=None) == "–"


def test_a_moment_carries_its_machine_form():
    html = render(
        "{{ at|moment }}", at=datetime.datetime(2026, 7, 1, 8, 0, tzinfo=datetime.UTC)
    )

    assert 'datetime="2026-07-01T10:00:00+02:00"' in html


@pytest.mark.parametrize(
    ("days", "urgency"), [(-2, "late"), (0, "soon"), (3, "soon"), (4, "later")]
)
def test_a_due_day_says_how_pressing_it_is(days, urgency):
    day = timezone.localdate() + datetime.timedelta(days=days)

    html = render("{% due day %}", day=day, today=timezone.localdate())

    assert f"erbm-due--{urgency}" in html
    assert words.delay(day, timezone.localdate()) in html


def test_no_due_day_is_said():
    assert "sans échéance" in render("{% due day %}", day=None)


@pytest.mark.parametrize("stage", Stage)
def test_each_stage_has_a_badge(stage):
    assert stage.label in render("{% stage_badge stage %}", stage=stage).replace(
        "&#x27;", "'"
    )


def test_a_label_is_escaped():
    assert "<b>" not in render('{% state_badge label "end" %}', label="<b>")


def test_the_stepper_tells_the_current_step_to_screen_readers():
    html = render('{% stepper "copil" entered "Soumise au COPIL" %}', entered={})

    assert html.count('aria-current="step"') == 1
    assert "Soumise au COPIL" in html
    assert "Franchie" in html
    assert "À venir" in html


def test_a_case_out_of_the_pipeline_says_its_state():
    assert f"Situation{words.FIXED}: Suspendue" in render(
        '{% stepper "aside" entered "Suspendue" %}'
    )


def test_the_pager_only_leads_where_there_is_a_page():
    first = render('{% pager "" "?apres=2" %}')

    assert "Page suivante" in first
    assert "Page précédente" not in first
    assert render("{% pager %}").strip() == ""


def test_an_empty_value_is_a_dash_and_zero_is_not():
    html = render("{% facts rows %}", rows=[("Reçue", ""), ("Avis", 0)])

    assert "<dd>–</dd>" in html
    assert "<dd>0</dd>" in html


def test_filters_can_be_taken_away():
    html = render("{% filters chosen %}", chosen=[("Lens", "?q=cité")])

    assert 'aria-label="Retirer le filtre Lens"' in html


def test_progress_is_readable_without_the_bar():
    html = render('{% progress "Avis reçus" 3 5 %}')

    assert '<progress value="3" max="5" aria-label="Avis reçus">' in html
    assert "3 sur 5" in html


def test_crumbs_end_with_this_page():
    html = render('{% crumbs "Opérations" "/operations/" "REH-1" %}')

    assert html.index("Accueil") < html.index("Opérations") < html.index("REH-1")
    assert 'aria-current="page">REH-1' in html


def test_a_dialog_keeps_what_it_contains():
    html = render(
        '{% dialog name="d" title="Retirer ?" opener="Retirer" %}'
        "<p>{{ word }}</p>{% enddialog %}",
        word="<oui>",
    )

    assert "<p>&lt;oui&gt;</p>" in html
    assert 'aria-labelledby="d-title"' in html
