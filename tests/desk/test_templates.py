"""Conventions that every template keeps."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

FOLDER = Path(settings.BASE_DIR) / "templates"
STYLES = Path(settings.BASE_DIR) / "static" / "erbm" / "css"
TEMPLATES = sorted(
    str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file()
)
MARKUP = re.compile(r"<[^>]*>|\{%.*?%\}|\{#.*?#\}|\{\{.*?\}\}", re.DOTALL)
ICON = re.compile(r"fr-icon-(?!-)[a-z0-9-]+")
# French puts a space before these, and no line may end there.
BREAKABLE = re.compile(r"[ \n][?;!:»]|«[ \n]")


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_compiles(name):
    assert get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_french_punctuation_never_starts_a_line(name):
    # A space that a variable writes is one as well.
    text = MARKUP.sub("", (FOLDER / name).read_text().replace("{{ ' ' }}", " "))

    assert BREAKABLE.findall(text) == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_apostrophes_are_typographic(name):
    text = MARKUP.sub("", (FOLDER / name).read_text())

    assert not re.search(r"\w'\w", text)


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_is_inline_nor_from_elsewhere(name):
    source = (FOLDER / name).read_text()

    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)", source)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', source)
    assert "hx-on" not in source
    assert "|safe" not in source or name == "forms/label.html"


def test_every_icon_has_its_drawing():
    drawn = set(ICON.findall((STYLES / "icons.css").read_text()))
    used = {
        icon for name in TEMPLATES for icon in ICON.findall((FOLDER / name).read_text())
    }

    assert used - drawn == set()
