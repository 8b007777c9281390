"""Say where a grant belongs: to whom it went, and who handles it."""

from collections.abc import Mapping
from dataclasses import dataclass

from erbm.imports.grants import Grant, Level, Rejection
from erbm.organisations import bodies
from erbm.organisations.bodies import Body
from erbm.territory.models import Arrondissement, Commune, Epci
from erbm.territory.reference import OUTSIDE
from workflow.models import Jurisdiction


@dataclass(frozen=True, slots=True)
class Placed:
    """
    A grant, its beneficiary and the jurisdiction that handles it.

    - `outside`: why it is out of the programme; nothing when it is in.
    """

    grant: Grant
    owner: Body
    jurisdiction: Jurisdiction
    commune: Commune | None = None
    outside: str = ""


@dataclass(frozen=True)
class Gazetteer:
    """The territory, held in memory while thousands of grants are placed."""

    communes: Mapping[str, Commune]
    epci: Mapping[str, Epci]
    departements: frozenset[str]
    elsewhere: Jurisdiction

    @classmethod
    def load(cls) -> "Gazetteer":
        """
        Read the reference data.

        :raises Jurisdiction.DoesNotExist: if it is not loaded
        """
        communes = Commune.objects.select_related(
            "arrondissement__jurisdiction", "epci__committee__jurisdiction"
        )
        epci = Epci.objects.select_related("committee__jurisdiction")
        by_code = {commune.code: commune for commune in communes}
        return cls(
            communes=by_code,
            epci={one.siren: one for one in epci},
            departements=frozenset(c.departement for c in by_code.values()),
            elsewhere=Jurisdiction.objects.get(code=OUTSIDE),
        )

    def place(self, grant: Grant) -> Placed | Rejection:
        """Place a grant, or reject it if its commune should be known and is not."""
        match grant.level:
            case Level.COMMUNE:
                return self._place_commune(grant)
            case Level.EPCI:
                return self._place_epci(grant)
            case Level.DEPARTEMENT:
                return self._place_departement(grant)

    def _place_commune(self, grant: Grant) -> Placed | Rejection:
        code, name = grant.place_code, grant.place_name
        commune = self.communes.get(code)
        if commune is not None:
            return Placed(
                grant,
                bodies.of_commune(commune),
                self._jurisdiction(commune.committee),
                commune,
                "" if commune.is_in_programme else "Commune hors du programme.",
            )
        departement = code[:3] if code.startswith("97") else code[:2]
        if departement in self.departements:
            reason = f"Commune inconnue du référentiel : {name} ({code})."
            return Rejection(grant.line, grant.source_id, (reason,))
        return self._elsewhere(
            grant,
            bodies.commune_elsewhere(code, name, departement),
            "Commune hors du Nord et du Pas-de-Calais.",
        )

    def _place_epci(self, grant: Grant) -> Placed:
        siren, name = grant.place_code, grant.place_name
        epci = self.epci.get(siren)
        outside = "EPCI hors du programme."
        if epci is None:
            owner = bodies.epci_elsewhere(siren, name, name)
            return self._elsewhere(grant, owner, outside)
        return Placed(
            grant,
            bodies.of_epci(epci),
            self._jurisdiction(epci.committee),
            outside="" if epci.in_programme else outside,
        )

    def _place_departement(self, grant: Grant) -> Placed:
        # A whole département is in no arrondissement: no committee can handle it.
        return self._elsewhere(
            grant,
            bodies.departement(grant.place_code, grant.place_name),
            "Projet d’un Département, sans arrondissement.",
        )

    def _elsewhere(self, grant: Grant, owner: Body, outside: str) -> Placed:
        return Placed(grant, owner, self.elsewhere, outside=outside)

    def _jurisdiction(self, arrondissement: Arrondissement | None) -> Jurisdiction:
        return arrondissement.jurisdiction if arrondissement else self.elsewhere
