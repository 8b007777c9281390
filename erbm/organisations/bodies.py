"""The bodies that own operations, found or created as units by their code."""

from collections.abc import Iterable
from dataclasses import dataclass

from erbm.organisations.models import Category, Organisation
from erbm.territory.models import Commune, Epci
from workflow.models import Unit


@dataclass(frozen=True, slots=True)
class Body:
    """What a unit and its organisation will say, if they must be created."""

    code: str
    name: str
    short_name: str
    category: Category
    siren: str = ""
    commune_id: int | None = None
    epci_id: int | None = None


def of_commune(commune: Commune) -> Body:
    return commune_elsewhere(
        commune.code, commune.name, commune.departement, commune_id=commune.pk
    )


def commune_elsewhere(
    code: str, name: str, departement: str, *, commune_id: int | None = None
) -> Body:
    """Describe a commune, which the reference data may not hold."""
    return Body(
        code=f"commune-{code.lower()}",
        name=f"{name} ({departement})",
        short_name=name[:60],
        category=Category.COMMUNE,
        commune_id=commune_id,
    )


def of_epci(epci: Epci) -> Body:
    return epci_elsewhere(epci.siren, epci.name, epci.short_name, epci_id=epci.pk)


def epci_elsewhere(
    siren: str, name: str, short_name: str, *, epci_id: int | None = None
) -> Body:
    """Describe an EPCI, which the reference data may not hold."""
    return Body(
        code=f"epci-{siren}",
        name=name,
        short_name=short_name[:60],
        category=Category.EPCI,
        siren=siren,
        epci_id=epci_id,
    )


def departement(code: str, name: str) -> Body:
    """Describe a département; those of the programme are in the reference data."""
    return Body(
        code=f"departement-{code.lower()}",
        name=f"{name} (Département)",
        short_name=f"{name} (Département)"[:60],
        category=Category.DEPARTEMENT,
    )


def units_of(bodies: Iterable[Body]) -> dict[str, Unit]:
    """
    Return the unit of each body, by code; create those that do not exist yet.

    It takes the same few queries for one body and for thousands.
    """
    wanted = {body.code: body for body in bodies}
    known = _known(wanted)
    missing = [body for code, body in wanted.items() if code not in known]
    if not missing:
        return known
    # Another import may be creating the same ones: whoever comes first wins.
    Unit.objects.bulk_create(
        [Unit(code=b.code, name=b.name, short_name=b.short_name) for b in missing],
        batch_size=1000,
        ignore_conflicts=True,
    )
    known |= _known(body.code for body in missing)
    Organisation.objects.bulk_create(
        [_organisation(body, known[body.code]) for body in missing],
        batch_size=1000,
        ignore_conflicts=True,
    )
    return known


def _organisation(body: Body, unit: Unit) -> Organisation:
    return Organisation(
        unit=unit,
        category=body.category,
        siren=body.siren,
        commune_id=body.commune_id,
        epci_id=body.epci_id,
    )


def _known(codes: Iterable[str]) -> dict[str, Unit]:
    """Read in slices: a query carries only so many parameters."""
    everything = list(codes)
    found: dict[str, Unit] = {}
    for start in range(0, len(everything), 1000):
        units = Unit.objects.filter(code__in=everything[start : start + 1000])
        found |= {unit.code: unit for unit in units}
    return found
