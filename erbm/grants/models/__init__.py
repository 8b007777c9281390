"""The tables of the grants."""

from erbm.grants.models.acknowledgements import Acknowledgement
from erbm.grants.models.chorus import Answer, Difference, DifferenceKind, Restitution
from erbm.grants.models.columns import ActKind
from erbm.grants.models.commitments import Commitment
from erbm.grants.models.documents import DocumentKind, GrantDocument, RequestedPiece
from erbm.grants.models.european import EuropeanFunds, EuropeanPiece
from erbm.grants.models.grants import Grant, awaiting_programming
from erbm.grants.models.holdings import Figure
from erbm.grants.models.payments import Payment, PaymentKind

__all__ = [
    "Acknowledgement",
    "ActKind",
    "Answer",
    "Commitment",
    "Difference",
    "DifferenceKind",
    "DocumentKind",
    "EuropeanFunds",
    "EuropeanPiece",
    "Figure",
    "Grant",
    "GrantDocument",
    "Payment",
    "PaymentKind",
    "RequestedPiece",
    "Restitution",
    "awaiting_programming",
]
