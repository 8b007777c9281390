"""Which version of the settings of a scheme is in force."""

from collections.abc import Mapping

from erbm.programme.models import SchemeRule
from erbm.programme.schemes import Scheme


class RuleMissing(LookupError):
    """Nobody has said yet what holds for a scheme."""


def rule(scheme: str, year: int) -> SchemeRule:
    """
    Return the settings of a scheme for a year: the latest version of the latest year.

    :raises RuleMissing: if there is none
    """
    found = rules_of([scheme], year).get(Scheme(scheme))
    if found is None:
        raise RuleMissing(f"{scheme}, {year}")
    return found


def rules(year: int) -> Mapping[Scheme, SchemeRule]:
    """Return the settings of every scheme that has some for a year."""
    return rules_of(list(Scheme), year)


def rules_of(schemes: list[str] | list[Scheme], year: int) -> dict[Scheme, SchemeRule]:
    """Return the settings of some schemes for a year, in one statement."""
    known = SchemeRule.objects.filter(scheme__in=schemes).until(year)
    found: dict[Scheme, SchemeRule] = {}
    for one in known.latest_first():
        found.setdefault(Scheme(one.scheme), one)
    return found


def versions(scheme: str) -> list[SchemeRule]:
    """Return every version of the settings of a scheme, the latest first."""
    known = SchemeRule.objects.filter(scheme=scheme).select_related("author")
    return list(known.order_by("-year", "-version"))
