"""Which bodies pay under which scheme."""

from collections.abc import Mapping

from erbm.funding.models import Scheme
from erbm.organisations.models import Category
from workflow.models import Unit

PAYERS: Mapping[Scheme, frozenset[Category]] = {
    Scheme.DETR: frozenset({Category.STATE}),
    Scheme.DSIL: frozenset({Category.STATE}),
    Scheme.DSID: frozenset({Category.STATE}),
    Scheme.FNADT: frozenset({Category.STATE}),
    # The State may delegate them. (CCH, art. L. 301-5-1 and L. 301-5-2.)
    Scheme.HOUSING: frozenset({Category.STATE, Category.EPCI, Category.DEPARTEMENT}),
    Scheme.REGION: frozenset({Category.REGION}),
    Scheme.DEPARTEMENT: frozenset({Category.DEPARTEMENT}),
    Scheme.EPCI: frozenset({Category.EPCI}),
    # The managing authority. (Loi n° 2014-58, art. 78.)
    Scheme.FEDER: frozenset({Category.REGION}),
    Scheme.FTJ: frozenset({Category.REGION}),
    Scheme.OPERATOR: frozenset({Category.OPERATOR}),
}
"""Which bodies pay under a scheme; any may pay under one that is not here."""


def not_its_scheme(funder: Unit, scheme: Scheme) -> str:
    """Say why a unit does not pay under a scheme; nothing if it may."""
    payers = PAYERS.get(scheme)
    if payers is None or funder.organisation.category in payers:
        return ""
    bodies = " ou ".join(sorted(str(category.label) for category in payers))
    return f"{scheme.label} : le financeur est {bodies}, non {funder.short_name}."
