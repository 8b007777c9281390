"""What the page of an operation shows of its public events."""
