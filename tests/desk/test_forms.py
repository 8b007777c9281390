"""Every form comes out in the shape of the design system, and says its errors."""

import pytest
from django import forms

from erbm import fields


class Everything(forms.Form):
    title = forms.CharField(label="Intitulé", help_text="Court.")
    amount = fields.EurosField(label="Coût", required=False)
    town = forms.ChoiceField(label="Commune", choices=[("l", "Lens")])
    kind = forms.ChoiceField(
        label="Nature", choices=[("r", "R"), ("s", "S")], widget=forms.RadioSelect
    )
    act = forms.FileField(label="Délibération", required=False)
    agree = forms.BooleanField(label="Je certifie")
    word = forms.CharField(label="Mot de passe", widget=forms.PasswordInput)
    hidden = forms.CharField(widget=forms.HiddenInput)


@pytest.mark.parametrize(
    "piece",
    [
        '<label class="fr-label" for="id_title">',
        'class="fr-input"',
        'class="fr-select"',
        'class="fr-upload"',
        'class="fr-password__input fr-input"',
        '<div class="fr-radio-group">',
        '<div class="fr-checkbox-group',
        '<span class="fr-hint-text" id="id_title_helptext">Court.</span>',
        'aria-describedby="id_title_helptext"',
    ],
)
def test_each_widget_has_its_shape(piece):
    assert piece in str(Everything())


def test_optional_fields_are_marked():
    assert str(Everything()).count("(facultatif)") == 2


def test_a_class_of_ones_own_is_kept():
    class Own(forms.Form):
        name = forms.CharField(widget=forms.TextInput(attrs={"class": "mine"}))

    html = str(Own())

    assert 'class="mine"' in html
    assert "fr-input-group" in html


def test_a_refused_form_sums_up_its_errors_and_leads_to_the_fields():
    html = str(Everything({"town": "l"}))

    assert 'role="alert"' in html
    assert '<a href="#id_title">Intitulé</a>' in html
    assert "Ce champ est obligatoire." in html
    assert '<a href="#id_kind">Nature</a>' in html
    assert 'id="id_kind"' in html
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_error"' in html
    assert 'aria-invalid="true"' in html


def test_a_form_that_was_not_sent_has_no_summary():
    assert 'role="alert"' not in str(Everything())


def test_choices_are_rendered_once():
    html = str(Everything())

    assert html.count('type="radio"') == 2
    assert html.count('for="id_kind_0"') == 1
