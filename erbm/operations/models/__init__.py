"""The tables of the operations."""

from erbm.operations.models.consultations import (
    ConsultationRule,
    Described,
    Rulebook,
)
from erbm.operations.models.documents import (
    Document,
    DocumentKind,
    Filed,
    RequestedDocument,
    required_documents,
)
from erbm.operations.models.operations import EnergyLabel, Kind, Operation
from erbm.operations.models.opinions import Condition, Direction, Opinion

__all__ = [
    "Condition",
    "ConsultationRule",
    "Described",
    "Direction",
    "Document",
    "DocumentKind",
    "EnergyLabel",
    "Filed",
    "Kind",
    "Operation",
    "Opinion",
    "RequestedDocument",
    "Rulebook",
    "required_documents",
]
