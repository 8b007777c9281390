"""The roles that people hold in the procedures of the ERBM, and who reads what."""

from django.db.models import TextChoices

from workflow.audiences import Audience


class Role(TextChoices):
    OWNER = "owner", "porteur de l’opération"
    LEAD_SERVICE = "lead_service", "service instructeur chef de file"
    CONSULTED = "consulted", "service consulté"
    COMMITTEE_SECRETARY = "committee_secretary", "secrétariat du comité"
    COMMITTEE_MEMBER = "committee_member", "membre du comité"
    SUB_PREFECT = "sub_prefect", "sous-préfet"
    PROJECT_DIRECTOR = "project_director", "directeur de projet ERBM"
    COPIL_STATE = "copil_state", "préfet de région, coprésident du COPIL"
    COPIL_REGION = "copil_region", "président de la Région, coprésident du COPIL"
    FUNDER = "funder", "service financeur"
    AUTHORITY = "authority", "autorité qui attribue la subvention"
    PREFECT = "prefect", "préfet"
    ACCOUNTANT = "accountant", "comptable"
    AUDITOR = "auditor", "auditeur"
    ADMINISTRATOR = "administrator", "administrateur du logiciel"


SERVICES = Audience(
    name="services",
    label="Services et partenaires, sans le porteur",
    roles=frozenset(Role) - {Role.OWNER, Role.ADMINISTRATOR},
    apart_from=frozenset({Role.OWNER}),
)
AUDIENCES = (SERVICES,)
