"""Many operations at once, in several territories, and what they ask of their owner."""

import datetime
import re

from django.db import transaction

from erbm.operations import commands
from erbm.operations.models import Kind
from erbm.territory.models import Commune
from flows.roles import Role
from tests.operations import factories
from workflow.models import Membership, Task

LENS, DOUAI = "62498", "59178"
LIST = "/operations/"
NOW = datetime.datetime(2026, 11, 23, 9, 0, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)


def owner():
    """Return the person who carries every operation opened here."""
    return factories.person_of(factories.unit("maisons-et-cites"), Role.OWNER)


def colleague():
    return factories.person_of(factories.unit("maisons-et-cites"), Role.OWNER, "alix")


def director():
    """Return a person who may know of every operation."""
    return factories.person_of(
        factories.unit("direction-projet-erbm"), Role.PROJECT_DIRECTOR
    )


def nobody():
    """Return a person who is in no unit."""
    person = factories.person_of(factories.unit("dreal"), Role.CONSULTED, "noa")
    Membership.objects.filter(user=person).delete()
    return person


def opened(
    count=1,
    *,
    commune=LENS,
    kind=Kind.REHABILITATION,
    title="Cité",
    at=NOW,
    cost_cents=1_000_00,
    body="maisons-et-cites",
    **facts,
):
    """Open drafts, each of which asks its owner to complete it."""
    place = Commune.objects.get(code=commune)
    carrier = factories.unit(body)
    drafts = [
        commands.Draft(
            title=f"{title} {number}" if count > 1 else title,
            owner=carrier,
            jurisdiction=place.committee.jurisdiction,
            cost_cents=cost_cents,
            communes=[place],
            facts=facts,
        )
        for number in range(count)
    ]
    by = factories.person_of(carrier, Role.OWNER)
    with transaction.atomic():
        return commands.open_operations(kind=kind, drafts=drafts, by=by, at=at)


def task_of(operation):
    return Task.objects.get(case=operation.case)


def due(operation, due_at):
    """Give the task of an operation a due date."""
    Task.objects.filter(case=operation.case).update(due_at=due_at, sort_at=due_at)


# Pages


def list_page(client, **params):
    response = client.get(LIST, params)
    assert response.status_code == 200
    return response


def shown(response):
    """Return the references on a page, in its order."""
    return re.findall(r">([RS]-\d{4}-\d{5})</a>", response.text)


def references(found):
    """Return those of operations, or of tasks."""
    return [one.case.reference for one in found]
