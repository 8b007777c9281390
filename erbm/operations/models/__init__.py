"""The tables of the operations."""

from erbm.operations.models.consultations import ConsultationRule
from erbm.operations.models.documents import (
    Document,
    DocumentKind,
    RequestedDocument,
    required_documents,
)
from erbm.operations.models.operations import EnergyLabel, Kind, Operation
from erbm.operations.models.opinions import Direction, Opinion

__all__ = [
    "ConsultationRule",
    "Direction",
    "Document",
    "DocumentKind",
    "EnergyLabel",
    "Kind",
    "Operation",
    "Opinion",
    "RequestedDocument",
    "required_documents",
]
