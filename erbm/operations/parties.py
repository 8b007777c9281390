"""Who owns an operation, and which services are asked for an opinion on it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from erbm.operations.models import ConsultationRule, Kind
from erbm.organisations.models import Category, Organisation
from erbm.territory.models import Commune
from flows.roles import Role
from workflow.models import Membership, Unit


def kinds_carried_by(owner: Unit) -> tuple[Kind, ...]:
    """Return the kinds of operation that a unit may own: cités are the landlords'."""
    organisation = Organisation.objects.filter(unit=owner).first()
    if organisation is not None and organisation.category == Category.LANDLORD:
        return (Kind.REHABILITATION, Kind.SUBSIDY)
    return (Kind.SUBSIDY,)


def kinds_open_to(memberships: Iterable[Membership]) -> dict[Kind, list[Unit]]:
    """Return the kinds of operation that a person may open, and for which units."""
    found: dict[Kind, list[Unit]] = {}
    for membership in memberships:
        if membership.role == Role.OWNER:
            for kind in kinds_carried_by(membership.unit):
                units = found.setdefault(kind, [])
                if membership.unit not in units:
                    units.append(membership.unit)
    return found


@dataclass(frozen=True)
class Rulebook:
    """The rules and the EPCI, held in memory while operations are opened."""

    rules: Sequence[ConsultationRule]
    epci: Mapping[int, Unit]

    @classmethod
    def load(cls) -> "Rulebook":
        """Read the rules with two queries."""
        organisations = Organisation.objects.exclude(epci=None).select_related("unit")
        return cls(
            rules=list(ConsultationRule.objects.select_related("unit")),
            epci={one.epci_id: one.unit for one in organisations if one.epci_id},
        )

    def units_for(
        self, kind: str, owner: Unit, communes: Sequence[Commune], *, protected: bool
    ) -> list[Unit]:
        """Return the units to consult, the owner excepted, each once."""
        departements = {commune.departement for commune in communes}
        wanted = [
            rule.unit
            for rule in self.rules
            if rule.kind == kind
            and rule.departement in {"", *departements}
            and (protected or not rule.protected_only)
        ]
        wanted += [
            self.epci[commune.epci_id]
            for commune in communes
            if commune.epci_id and commune.epci_id in self.epci
        ]
        return [unit for unit in dict.fromkeys(wanted) if unit != owner]
