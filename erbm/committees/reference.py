"""Load the bodies that the package ships, with their seats and their rules."""

import datetime
from collections.abc import Mapping
from pathlib import Path

from erbm.committees.models import Body, Seat
from erbm.reference import Loaded, ids, is_yes, read
from workflow.models import Jurisdiction, Unit

DATA = Path(__file__).parent / "data"
# The jurisdiction of the bodies that examine the operations of all the others.
PROGRAMME = "programme"
NUMBERS = (
    *("first_month", "every_months", "week", "weekday"),
    *("freeze_days", "notice_days", "quorum_percent"),
)


def load_bodies() -> Loaded:
    """Load the bodies that are missing; whoever changed the others has her way."""
    Jurisdiction.objects.get_or_create(
        code=PROGRAMME, defaults={"name": "Ensemble du programme"}
    )
    rows = read(DATA / "bodies.csv")
    known, jurisdictions = ids(Body, "code"), ids(Jurisdiction, "code")
    new = [row for row in rows if row["code"] not in known]
    for row in new:
        body = Body.objects.create(**_facts(row, jurisdictions))
        body.territories.set(jurisdictions[code] for code in row["territories"].split())
    _load_seats({row["code"] for row in new})
    return Loaded("instances", len(rows), len(new), 0)


def _facts(
    row: Mapping[str, str], jurisdictions: Mapping[str, int]
) -> dict[str, object]:
    return {
        **{name: row[name] for name in ("code", "name", "kind", "place", "source")},
        **{name: int(row[name]) for name in NUMBERS},
        "jurisdiction_id": jurisdictions[row["jurisdiction"]],
        "starts_at": datetime.time.fromisoformat(row["starts_at"]),
        "votes": is_yes(row["votes"]),
    }


def _load_seats(codes: set[str]) -> None:
    bodies, units = ids(Body, "code"), ids(Unit, "code")
    rows = [row for row in read(DATA / "seats.csv") if row["body"] in codes]
    Seat.objects.bulk_create(
        Seat(
            body_id=bodies[row["body"]],
            unit_id=units[row["unit"]],
            role=row["role"],
            has_vote=is_yes(row["has_vote"]),
            rank=rank,
        )
        for rank, row in enumerate(rows)
    )
