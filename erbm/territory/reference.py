"""Load the territory that the package ships."""

import datetime
from collections.abc import Iterable, Mapping
from pathlib import Path

from erbm.reference import Loaded, ids, is_yes, read, synchronise
from erbm.territory.models import Arrondissement, Cite, Commune, Epci
from workflow.models import Jurisdiction, Unit

DATA = Path(__file__).parent / "data"
# The jurisdiction of the cases that belong to no arrondissement we know.
OUTSIDE = "hors-perimetre"


def load_territory() -> list[Loaded]:
    """Load the jurisdictions, the arrondissements, the EPCI and the communes."""
    return [
        load_jurisdictions(),
        load_arrondissements(),
        load_epci(),
        load_communes(),
    ]


def load_jurisdictions() -> Loaded:
    wanted = [
        Jurisdiction(code=row["jurisdiction"], name=row["name"])
        for row in read(DATA / "arrondissements.csv")
    ]
    wanted.append(Jurisdiction(code=OUTSIDE, name="Hors périmètre"))
    return synchronise(wanted, key="code")


def load_arrondissements() -> Loaded:
    jurisdictions = ids(Jurisdiction, "code")
    wanted = [
        Arrondissement(
            code=row["code"],
            name=row["name"],
            departement=row["departement"],
            jurisdiction_id=jurisdictions[row["jurisdiction"]],
            in_programme=is_yes(row["in_programme"]),
        )
        for row in read(DATA / "arrondissements.csv")
    ]
    return synchronise(wanted, key="code", refreshed=["name"])


def load_epci() -> Loaded:
    arrondissements = ids(Arrondissement, "code")
    wanted = [
        Epci(
            siren=row["siren"],
            name=row["name"],
            short_name=row["short_name"],
            committee_id=arrondissements.get(row["committee"]),
            note=row["note"],
            in_programme=is_yes(row["in_programme"]),
        )
        for row in read(DATA / "epci.csv")
    ]
    return synchronise(wanted, key="siren", refreshed=["name"])


def load_communes() -> Loaded:
    arrondissements, epci = ids(Arrondissement, "code"), ids(Epci, "siren")
    wanted = [
        Commune(
            code=row["code"],
            name=row["name"],
            departement=row["departement"],
            arrondissement_id=arrondissements[row["arrondissement"]],
            epci_id=epci[row["epci"]],
            population=int(row["population"]),
        )
        for row in read(DATA / "communes.csv")
    ]
    refreshed = ["name", "arrondissement_id", "epci_id", "population"]
    return synchronise(wanted, key="code", refreshed=refreshed)


def load_cites() -> Loaded:
    """Load the cités, once the communes and the landlords are there."""
    rows = read(DATA / "cites.csv")
    landlords = ids(Unit, "code")
    loaded = synchronise([_cite(row, landlords) for row in rows], key="code")
    _place(rows)
    return loaded


def _cite(row: Mapping[str, str], landlords: Mapping[str, int]) -> Cite:
    day = row["source_date"]
    return Cite(
        code=row["code"],
        name=row["name"],
        landlord_id=landlords[row["landlord"]] if row["landlord"] else None,
        dwellings=int(row["dwellings"]) if row["dwellings"] else None,
        unesco=is_yes(row["unesco"]) if row["unesco"] else None,
        source=row["source"],
        source_date=datetime.date.fromisoformat(day) if day else None,
        note=row["note"],
    )


def _place(rows: Iterable[Mapping[str, str]]) -> None:
    """Say in which communes each cité stands."""
    cites, communes = ids(Cite, "code"), ids(Commune, "code")
    link = Cite.communes.through
    link._default_manager.bulk_create(
        [
            link(cite_id=cites[row["code"]], commune_id=communes[code])
            for row in rows
            for code in row["communes"].split()
        ],
        ignore_conflicts=True,
    )
