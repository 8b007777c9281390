"""Load the themes that the package ships."""

from pathlib import Path

from erbm.programme.models import Theme
from erbm.reference import Loaded, read

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
