"""The reference data, read once for all the tests of a module."""

from tests.operations.fixtures import reference

__all__ = ["reference"]
