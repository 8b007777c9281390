"""Load the bodies of the programme, and who is competent for what."""

from collections.abc import Mapping
from pathlib import Path

from erbm.organisations import bodies
from erbm.organisations.bodies import Body
from erbm.organisations.models import Category, Organisation
from erbm.reference import Loaded, ids, read
from erbm.territory.models import Epci
from workflow.models import Competence, Jurisdiction, Unit

DATA = Path(__file__).parent / "data"


def load_organisations() -> Loaded:
    """Load the bodies of the programme, its EPCI among them."""
    wanted = [_body(row) for row in read(DATA / "organisations.csv")]
    wanted += map(bodies.of_epci, Epci.objects.in_programme())
    before = Organisation.objects.count()
    bodies.units_of(wanted)
    return Loaded("organismes", len(wanted), Organisation.objects.count() - before, 0)


def _body(row: Mapping[str, str]) -> Body:
    return Body(
        code=row["code"],
        name=row["name"],
        short_name=row["short_name"],
        category=Category(row["category"]),
    )


def load_competences() -> Loaded:
    """Say who plays each role, unless somebody has decided otherwise since."""
    units, jurisdictions = ids(Unit, "code"), ids(Jurisdiction, "code")
    held = set(Competence.objects.values_list("process", "role", "jurisdiction_id"))
    wanted = [
        Competence(
            process=row["process"],
            role=row["role"],
            # An empty cell means everywhere; an unknown code must not.
            jurisdiction_id=jurisdictions[code]
            if (code := row["jurisdiction"])
            else None,
            unit_id=units[row["unit"]],
        )
        for row in read(DATA / "competences.csv")
    ]
    missing = [c for c in wanted if (c.process, c.role, c.jurisdiction_id) not in held]
    Competence.objects.bulk_create(missing)
    return Loaded("compétences", len(wanted), len(missing), 0)
