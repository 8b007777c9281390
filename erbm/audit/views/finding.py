"""What the two searches share: a name typed becomes the person it names."""

from typing import Any

from django.http import HttpRequest

from erbm import lists
from erbm.audit.forms import Found
from erbm.audit.queries import people


class Search:
    """A search as its address says it: for somebody by name, or for what is kept."""

    def __init__(self, request: HttpRequest, filters: Found) -> None:
        self.filters = filters
        self.address = lists.Address(request.path, filters.params)
        name = filters.said.get("name")
        self.named = people.named(name) if name else None

    @property
    def only_one(self) -> str:
        """The address of the search for the one person who has the name typed."""
        if self.named is None or len(self.named) != 1:
            return ""
        return self._about(self.named[0])

    @property
    def context(self) -> dict[str, Any]:
        """What its form and its filters need, and whom the name may be."""
        context: dict[str, Any] = {
            "filters": self.filters,
            "kept": self.filters.kept,
            "chosen": self.filters.chosen(self.address),
            "reset_url": self.address.path,
        }
        if self.named is not None:
            shown = self.named[: people.SHOWN]
            context["people"] = [(one, self._about(one)) for one in shown]
            context["too_many"] = len(self.named) > people.SHOWN
        return context

    def _about(self, person: Any) -> str:
        return str(self.address.having(name="", person=str(person.pk)))
