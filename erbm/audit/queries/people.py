"""Whom the trail names: the people and the units among whom an auditor searches."""

from django.db.models import Exists, OuterRef

from erbm.accounts.models import User
from erbm.operations.search import fold
from workflow.models import Membership, Unit

SHOWN = 10


def named(text: str) -> list[User]:
    """Return some of the people whose name or address has these words, folded."""
    wanted = fold(text).split()
    if not wanted:
        return []
    columns = ("pk", "first_name", "last_name", "email")
    keys = [
        pk
        for pk, *said in User.objects.values_list(*columns).iterator()
        if all(word in fold(" ".join(said)) for word in wanted)
    ]
    found = User.objects.filter(pk__in=keys[:1_000])
    return list(found.order_by("last_name", "first_name", "pk")[: SHOWN + 1])


def units() -> list[tuple[str, str]]:
    """Return the units through which somebody holds or held a role."""
    used = Exists(Membership.objects.filter(unit=OuterRef("pk")))
    found = Unit.objects.filter(used).order_by("name")
    return list(found.values_list("code", "name"))
