"""The grants that the law has published, in the format that it sets.

Arrêté of 17 November 2017, under decree n° 2017-779: grants above 23,000 €.
"""

import csv
import datetime
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from erbm.funding.models import Line
from erbm.operations.models import Operation
from erbm.organisations.models import Organisation
from erbm.tables import plain
from workflow.models import Membership, Unit

THRESHOLD_CENTS = 23_000_00
COLUMNS = (
    "nomAttribuant",
    "idAttribuant",
    "dateConvention",
    "referenceDecision",
    "nomBeneficiaire",
    "idBeneficiaire",
    "objet",
    "montant",
    "nature",
    "conditionsVersement",
    "datesPeriodeVersement",
    "idRAE",
    "notificationUE",
    "pourcentageSubvention",
)
NATURE = "aide en numéraire"
CONDITIONS = "échelonné"


@dataclass(frozen=True, slots=True)
class Published:
    """One grant as it is published; `lacks`: the units whose Siret is not known."""

    line: Line
    values: tuple[str, ...]
    lacks: tuple[Unit, ...]


def published(
    memberships: Collection[Membership], on: datetime.date
) -> Iterator[Published]:
    """Return the grants notified up to a day, above the threshold, in their order."""
    known = Operation.objects.visible_with(memberships)
    lines = Line.objects.grants().filter(
        operation__in=known.values("pk"),
        notified_on__lte=on,
        amount_cents__gt=THRESHOLD_CENTS,
    )
    told = lines.select_related("funder", "operation__case", "operation__owner")
    sirets = dict(Organisation.objects.values_list("unit", "siret"))
    for line in told.order_by("notified_on", "operation__case__reference", "pk"):
        yield _published(line, sirets)


def _published(line: Line, sirets: dict[int, str]) -> Published:
    operation = line.operation
    funder, owner = line.funder or operation.owner, operation.owner
    assert line.notified_on is not None
    values = (
        funder.name,
        _siret(funder, sirets),
        line.notified_on.isoformat(),
        line.notification,
        owner.name,
        _siret(owner, sirets),
        operation.case.title,
        f"{line.amount_cents // 100}.{line.amount_cents % 100:02d}",
        NATURE,
        CONDITIONS,
        _period(line),
        "",
        "non",
        "1",
    )
    lacks = tuple(one for one in (funder, owner) if not _siret(one, sirets))
    return Published(line, values, lacks)


def _siret(unit: Unit, sirets: dict[int, str]) -> str:
    return sirets.get(unit.pk, "")


def _period(line: Line) -> str:
    """Write from when to when it is paid, as ISO 8601: open until it is settled."""
    assert line.notified_on is not None
    until = line.settled_on.isoformat() if line.settled_on else ".."
    return f"{line.notified_on.isoformat()}/{until}"


def csv_of(grants: Collection[Published]) -> str:
    """Write grants as the arrêté wants them: UTF-8, commas, one line for each."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in grants:
        writer.writerow([plain(value) for value in one.values])
    return file.getvalue()
