"""People of one office, each with a role."""

import datetime

from erbm.accounts.models import User
from flows.roles import Role
from workflow.models import Membership, Unit

LONG_AGO = datetime.date(2020, 1, 1)


def office(code="office"):
    return Unit.objects.get_or_create(
        code=code, defaults={"name": f"Bureau {code}", "short_name": code}
    )[0]


def person(name, **facts):
    return User.objects.create_user(
        f"{name}@x.example", first_name=name.capitalize(), last_name="Durand", **facts
    )


def holds(user, role, **facts):
    """Give a person a role in the office, since long ago unless told otherwise."""
    return Membership.objects.create(
        **{"user": user, "role": role, "unit": office(), "starts_on": LONG_AGO} | facts
    )


def administrator(name="ada"):
    user = person(name)
    holds(user, Role.ADMINISTRATOR)
    return user
