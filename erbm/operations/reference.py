"""Load the rules of consultation that the package ships."""

from pathlib import Path

from erbm.operations.models import ConsultationRule
from erbm.programme.models import Theme
from erbm.reference import Loaded, ids, read
from workflow.models import Unit

DATA = Path(__file__).parent / "data"


def load_consultations() -> Loaded:
    """Load the rules, unless somebody has written others since."""
    rows = list(read(DATA / "consultations.csv"))
    if ConsultationRule.objects.exists():
        return Loaded("règles de consultation", len(rows), 0, 0)
    units, themes = ids(Unit, "code"), ids(Theme, "code")
    ConsultationRule.objects.bulk_create(
        ConsultationRule(
            kind=row["kind"],
            departement=row["departement"],
            # An empty cell sets no condition; an unknown code must not.
            theme_id=themes[code] if (code := row["theme"]) else None,
            protected_only=row["protected_only"] == "1",
            least_cents=int(row["least_euros"]) * 100 if row["least_euros"] else None,
            scheme=row["scheme"],
            funder_id=units[code] if (code := row["funder"]) else None,
            unit_id=units[row["unit"]],
            months=int(row["months"]) if row["months"] else None,
            silence=row["silence"],
        )
        for row in rows
    )
    return Loaded("règles de consultation", len(rows), len(rows), 0)
