"""Each page is dressed: it loads the sheet that knows the classes it bears."""

import re

from tests.architecture.sources import ROOT

SHEETS = ROOT / "static/erbm/css"
TEMPLATES = ROOT / "templates"
SHEET = re.compile(r"erbm/css/(\w+\.css)")
CLASSES = re.compile(r'class="([^"]*)"')
OURS = re.compile(r"\.(erbm-[\w-]+)")
PARTS = re.compile(r'{% (?:extends|include) "([^"]+)"')


def _whole(name, seen):
    """Return the text of a template with that of all it extends and includes."""
    path = TEMPLATES / name
    if name in seen or not path.exists():
        return ""
    seen.add(name)
    text = path.read_text()
    return text + "".join(_whole(part, seen) for part in PARTS.findall(text))


def test_a_page_loads_the_sheets_of_the_classes_that_it_bears():
    known = {
        sheet.name: set(OURS.findall(sheet.read_text())) for sheet in SHEETS.iterdir()
    }
    dressed = set().union(*known.values())
    pages = [
        path.relative_to(TEMPLATES)
        for path in TEMPLATES.rglob("*.html")
        if "{% extends" in path.read_text()
    ]
    bare = {}
    for page in pages:
        text = _whole(str(page), set())
        worn = {one for found in CLASSES.findall(text) for one in found.split()}
        loaded = {one for name in SHEET.findall(text) for one in known[name]}
        if lacking := (worn & dressed) - loaded:
            bare[str(page)] = sorted(lacking)

    assert len(pages) > 50
    assert not bare
