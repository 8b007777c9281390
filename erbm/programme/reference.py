"""Load the themes, the tags and the rules of the schemes that the package ships."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db import models

from erbm.programme.models import Mark, SchemeRule, Tag, Theme
from erbm.reference import Loaded, is_yes, read

DATA = Path(__file__).parent / "data"


def load_themes() -> Loaded:
    """Load the themes that are missing; a label somebody has changed stays."""
    known = set(Theme.objects.values_list("code", flat=True))
    rows = list(read(DATA / "themes.csv"))
    missing = [
        Theme(code=row["code"], label=row["label"], rank=rank)
        for rank, row in enumerate(rows)
        if row["code"] not in known
    ]
    Theme.objects.bulk_create(missing)
    return Loaded("thèmes", len(rows), len(missing), 0)


def load_tags() -> Loaded:
    """Load the tags that are missing; a label somebody has changed stays."""
    known = set(Tag.objects.values_list("code", flat=True))
    rows = list(read(DATA / "tags.csv"))
    missing = [
        Tag(code=row["code"], label=row["label"], rank=rank)
        for rank, row in enumerate(rows)
        if row["code"] not in known
    ]
    Tag.objects.bulk_create(missing)
    return Loaded("étiquettes", len(rows), len(missing), 0)


def load_scheme_rules() -> Loaded:
    """Load the first version of the rules of a scheme and year that has none."""
    settings: dict[tuple[str, int], list[dict[str, str]]] = defaultdict(list)
    for row in read(DATA / "scheme_rules.csv"):
        settings[row["scheme"], int(row["year"])].append(row)
    known = set(SchemeRule.objects.values_list("scheme", "year"))
    missing = [
        _rule(scheme, year, rows)
        for (scheme, year), rows in settings.items()
        if (scheme, year) not in known
    ]
    SchemeRule.objects.bulk_create(missing)
    return Loaded("règles de dispositif", len(settings), len(missing), 0)


def _rule(scheme: str, year: int, rows: Sequence[Mapping[str, str]]) -> SchemeRule:
    return SchemeRule(
        scheme=scheme,
        year=year,
        mark=Mark.TEXT,
        source="Règles livrées avec le logiciel",
        origins={row["setting"]: [row["mark"], row["source"]] for row in rows},
        **{row["setting"]: _value(row["setting"], row["value"]) for row in rows},
    )


def _value(setting: str, text: str) -> Any:
    field = SchemeRule._meta.get_field(setting)
    if isinstance(field, models.BooleanField):
        return is_yes(text)
    return int(text) if isinstance(field, models.IntegerField) else text
