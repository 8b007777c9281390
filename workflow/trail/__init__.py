"""The decision trail: append-only, chained, verifiable."""
