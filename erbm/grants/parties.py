"""Which units instruct, award and pay a grant."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from erbm.funding.models import Line
from erbm.grants import terms
from erbm.operations.models import Operation
from erbm.programme.models import Authority, SchemeRule
from flows.grant import lifecycle
from flows.grant.endings import ENDERS
from flows.roles import Role
from workflow.models import Competence, Unit

Parties = Mapping[str, Sequence[Unit]]


@dataclass(frozen=True)
class Rulebook:
    """Who is competent for grants, by role and jurisdiction, read once."""

    units: Mapping[tuple[str, int | None], Unit]

    @classmethod
    def load(cls) -> "Rulebook":
        held = Competence.objects.filter(
            process=lifecycle.PROCESS.name, unit__is_active=True
        )
        rows = held.select_related("unit")
        return cls({(row.role, row.jurisdiction_id): row.unit for row in rows})

    def competent(self, role: str, jurisdiction_id: int | None) -> Unit | None:
        everywhere = self.units.get((role, None))
        return self.units.get((role, jurisdiction_id), everywhere)

    def parties_of(self, operation: Operation, line: Line, rule: SchemeRule) -> Parties:
        """
        Return who plays which role for the grant of a line.

        The State’s are instructed by the lead service of the operation, signed by a
        prefect and paid by the public accountant; others keep all that to themselves.
        Whoever may end the operation ends its grants.
        """
        funder = line.funder
        assert funder is not None, "only the owner pays without a funder"
        parties: dict[str, list[Unit]] = {
            **_enders(operation),
            Role.OWNER: [operation.owner],
            Role.FUNDER: [funder],
            Role.LEAD_SERVICE: [funder],
            Role.AUTHORITY: [self._authority(operation, rule) or funder],
            Role.ACCOUNTANT: [funder],
        }
        if terms.is_state(rule):
            lead = operation.case.parties.filter(role=Role.LEAD_SERVICE)
            units = [party.unit for party in lead.select_related("unit")]
            parties[Role.LEAD_SERVICE] = units or [funder]
            parties[Role.ACCOUNTANT] = [
                self.competent(Role.ACCOUNTANT, operation.case.jurisdiction_id)
                or funder
            ]
        return {str(role): units for role, units in parties.items()}

    def _authority(self, operation: Operation, rule: SchemeRule) -> Unit | None:
        if rule.authority == Authority.PREFECT:
            return self.competent(Role.AUTHORITY, operation.case.jurisdiction_id)
        if rule.authority == Authority.REGION_PREFECT:
            return self.competent(Role.AUTHORITY, None)
        return None


def _enders(operation: Operation) -> dict[str, list[Unit]]:
    """Return who may end the operation, and its grants with it."""
    parties = operation.case.parties.filter(role__in=ENDERS)
    found: dict[str, list[Unit]] = defaultdict(list)
    for party in parties.select_related("unit").order_by("pk"):
        found[party.role].append(party.unit)
    return found
