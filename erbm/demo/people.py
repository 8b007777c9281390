"""Open the accounts of the demonstration, one for each role, and its extras."""

import datetime
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db.models import Q

from erbm.accounts.models import User
from erbm.demo.stories import DATA
from erbm.organisations import bodies
from erbm.reference import ids
from erbm.territory.models import Commune
from workflow import saved_views, substitutions
from workflow.deadlines import LOCAL
from workflow.inbox import Box
from workflow.models import Jurisdiction, Membership, SavedView, Unit
from workflow.substitutions import Absence

SINCE = datetime.date(2017, 3, 7)  # the day the engagement was signed
ABSENCE = datetime.timedelta(days=14)
EXTRAS = "figurants.example"


def open_accounts() -> None:
    """Create the people who are missing, with what they hold."""
    people = tomllib.loads((DATA / "people.toml").read_text(encoding="utf-8"))["person"]
    known = set(User.objects.values_list("email", flat=True))
    # One hash for all: to make fifty would take longer than all the rest.
    password, nobody = make_password(settings.DEMO_PASSWORD), make_password(None)
    missing = [person for person in people if _email(person) not in known]
    users = User.objects.bulk_create(
        User(
            email=_email(person),
            first_name=person["first_name"],
            last_name=person["last_name"],
            position=person["position"],
            password=password if "account" in person else nobody,
        )
        for person in missing
    )
    _found_communes(missing)
    units, jurisdictions = ids(Unit, "code"), ids(Jurisdiction, "code")
    Membership.objects.bulk_create(
        Membership(
            user=user,
            unit_id=units[unit],
            role=role,
            jurisdiction_id=jurisdictions[place] if place else None,
            starts_on=SINCE,
            is_head=person.get("heads", False),
        )
        for user, person in zip(users, missing, strict=True)
        for unit, role, place in _held(person)
    )


def send_away(*, at: datetime.datetime) -> None:
    """Have the sub-prefect of Lens away, and that of Béthune act in her name."""
    people = {
        place: User.objects.get(
            email=f"sous-prefet-{place}@{settings.DEMO_EMAIL_DOMAIN}"
        )
        for place in ("lens", "bethune")
    }
    on = at.astimezone(LOCAL).date()
    if people["lens"].absences.standing().filter(last_day__gte=on).exists():
        return
    absence = Absence(
        principal=people["lens"],
        substitute=people["bethune"],
        first_day=on,
        last_day=on + ABSENCE,
        reason="Congés",
    )
    substitutions.substitute(absence=absence, by=people["lens"], at=at)


def share_a_view(*, at: datetime.datetime) -> None:
    """Have the instructor of Lens share with her unit a question of hers."""
    person = User.objects.get(email=f"sp-lens@{settings.DEMO_EMAIL_DOMAIN}")
    if SavedView.objects.filter(owner=person).exists():
        return
    view = saved_views.save(
        name="Les plus gros montants",
        box=Box.UNITS,
        said={"sort": "amount"},
        by=person,
        at=at,
    )
    unit = Unit.objects.get(code="sous-prefecture-lens")
    saved_views.revise(
        view_id=view.pk, name=view.name, unit_id=unit.pk, by=person, at=at
    )


def _held(person: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for held in person["roles"]:
        for place in person.get("jurisdictions", [""]):
            yield held["unit"], held["role"], place


def _email(person: Mapping[str, Any]) -> str:
    if account := person.get("account"):
        return f"{account}@{settings.DEMO_EMAIL_DOMAIN}"
    name = f"{person['first_name']}.{person['last_name']}".lower()
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return f"{plain}@{EXTRAS}"


def _found_communes(people: list[Mapping[str, Any]]) -> None:
    """Give the communes among the owners their units."""
    codes = {
        held["unit"].removeprefix("commune-")
        for person in people
        for held in person["roles"]
        if held["unit"].startswith("commune-")
    }
    bodies.units_of(map(bodies.of_commune, Commune.objects.filter(code__in=codes)))


class Cast:
    """Who holds what among the people of the demonstration."""

    def __init__(self) -> None:
        self._held: dict[tuple[int, str], list[Membership]] = {}
        people = Q(user__email__endswith=f"@{settings.DEMO_EMAIL_DOMAIN}")
        people |= Q(user__email__endswith=f"@{EXTRAS}")
        held = Membership.objects.filter(people).select_related("user")
        for membership in held.order_by("id"):
            place = membership.unit_id, membership.role
            self._held.setdefault(place, []).append(membership)

    def holder(self, unit: Unit, role: str, jurisdiction_id: int) -> User:
        """Return somebody who holds a role in a unit, for a jurisdiction."""
        for membership in self._held.get((unit.pk, role), ()):
            if membership.covers(jurisdiction_id):
                return membership.user
        raise LookupError(f"{unit} : personne ne tient le rôle {role}")

    def holder_of(self, code: str, role: str) -> User:
        """Return the first who holds a role in a unit, wherever it is."""
        unit = Unit.objects.get(code=code)
        return self._held[unit.pk, role][0].user
