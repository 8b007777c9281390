"""The tables of the obligations."""

from erbm.obligations.models.obligations import Obligation, Origin, Proof

__all__ = ["Obligation", "Origin", "Proof"]
