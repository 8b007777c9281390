"""The reference data, read once for all the tests of a module that asks for it."""

from tests.operations.fixtures import reference

__all__ = ["reference"]
