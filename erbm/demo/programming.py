"""What surrounds the operations: campaigns, other accounts, what services plan."""

import datetime
from itertools import cycle

from django.conf import settings

from erbm.accounts.models import User
from erbm.operations.models import Operation
from erbm.programme import commands
from erbm.programme.models import Campaign, ServicePlan, Tag, Tagging
from flows.stages import Stage
from workflow.deadlines import local_day
from workflow.models import Unit

TAGGED = 18
DAYS = ("name", "opens_on", "closes_on", "committee_on", "notified_on")
COLUMNS = ("year", "unit", "label", "planned_cents", "spent_cents")
PLANS = (
    ("anct", "Ingénierie de la cité témoin (exemple inventé)", 400_000_00, 150_000_00),
    ("epf", "Portage foncier des friches (exemple inventé)", 1_200_000_00, 0),
    ("dreal", "Suivi de la rénovation énergétique (exemple inventé)", 90_000_00, 0),
)


def set_out(*, at: datetime.datetime) -> None:
    """Keep two campaigns, count some operations under each tag, plan the next year."""
    year = local_day(at).year
    by = User.objects.get(email=f"directeur-projet@{settings.DEMO_EMAIL_DOMAIN}")
    if not Campaign.objects.exists():
        for row in (_campaign(year), _campaign(year + 1)):
            commands.keep_row(row=row, names=DAYS, by=by, at=at)
    if not Tagging.objects.exists():
        _tag(by, at)
    if not ServicePlan.objects.exists():
        for code, label, planned, spent in PLANS:
            plan = ServicePlan(
                year=year,
                unit=Unit.objects.get(code=code),
                label=label,
                planned_cents=planned,
                spent_cents=spent,
            )
            commands.keep_row(row=plan, names=COLUMNS, by=by, at=at)


def _campaign(year: int) -> Campaign:
    return Campaign(
        name=f"Campagne {year} (démonstration)",
        opens_on=datetime.date(year, 1, 15),
        closes_on=datetime.date(year, 4, 30),
        committee_on=datetime.date(year, 6, 18),
        notified_on=datetime.date(year, 7, 10),
    )


def _tag(by: User, at: datetime.datetime) -> None:
    running = Operation.objects.exclude(case__stage__in=[Stage.PROPOSAL, Stage.ASIDE])
    found = running.select_related("case").order_by("case__reference")[:TAGGED]
    tags = cycle(Tag.objects.order_by("rank", "pk"))
    for operation, tag in zip(found, tags, strict=False):
        commands.set_tag(tag=tag, case=operation.case, is_on=True, by=by, at=at)
