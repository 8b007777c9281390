"""What people of the demonstration have left on their desks: a draft, a batch."""

import datetime
import uuid

from django.conf import settings
from django.db import transaction

from erbm.accounts.models import User
from erbm.demo.quiet import keep_quiet
from erbm.demo.stories import working_day
from erbm.operations.models import Operation
from flows import operation as common
from workflow import bulk, drafts, inbox, situations
from workflow.deadlines import LOCAL, local_day
from workflow.models import Batch, BatchItem, Draft, Event, Task
from workflow.process import Move
from workflow.standing import memberships_of

REPORT = (
    "Le dossier est complet et les avis sont réunis. Reste à préciser le calendrier "
    "avec le porteur avant la séance."
)
MOST = 20
LEAVES_AT = datetime.time(17, 30)


def last_evening(at: datetime.datetime) -> datetime.datetime:
    """Return when the last day of work before a moment ended."""
    day = working_day(local_day(at) - datetime.timedelta(days=1))
    evening = datetime.datetime.combine(day, LEAVES_AT, tzinfo=LOCAL)
    return evening.astimezone(datetime.UTC)


def leave_a_draft(*, at: datetime.datetime) -> None:
    """Have the instructor of Lens begin a report, and share it with her unit."""
    person, move = _account("sp-lens"), common.ENTER_AGENDA
    if Draft.objects.filter(user=person).exists():
        return
    for task in _asked_of(person, move, at)[:1]:
        operation = Operation.objects.select_related("case").get(pk=task.case_id)
        drafts.save(
            situations.situation_of(operation.process, operation, by=person, at=at),
            move,
            {"report": REPORT},
            is_shared=True,
            at=at,
        )


def answer_together(*, at: datetime.datetime) -> None:
    """Have the DDTM of the Nord give one opinion on all that waits for it."""
    person, move = _account("ddtm-59"), common.GIVE_OPINION
    cases = {task.case_id for task in _asked_of(person, None, at)}
    if not _asked_of(person, move, at) or Batch.objects.filter(by=person).exists():
        return
    said = bulk.Said(
        move, {"direction": "favourable", "opinion": "Sans observation de la DDTM."}
    )
    with transaction.atomic(durable=True):
        batch = bulk.prepare(case_ids=cases, key=uuid.uuid4(), by=person, at=at)
        bulk.start(batch_id=batch.pk, said=said, by=person, at=at)
    bulk.carry_on(limit=MOST, at=at)
    made = BatchItem.objects.filter(batch=batch)
    keep_quiet(Event.objects.filter(pk__in=made.values("event")), at=at)


def _account(name: str) -> User:
    return User.objects.get(email=f"{name}@{settings.DEMO_EMAIL_DOMAIN}")


def _asked_of(person: User, move: Move | None, at: datetime.datetime) -> list[Task]:
    """Return what waits for a person, if it is for this move."""
    held = memberships_of(person, local_day(at))
    waiting = inbox.addressed_to(held).open().order_by("pk")
    return [task for task in waiting if move is None or move in task.flow_task.offers]
