"""The tables of the works."""

from erbm.delivery.models.works import Phase, Photo

__all__ = ["Phase", "Photo"]
