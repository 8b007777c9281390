"""What follows from what happens to operations: the COPIL opens their grants."""

import datetime

from django.db import transaction

from erbm.grants import openings
from erbm.operations.models import Operation
from flows.rehabilitation import lifecycle as rehabilitation
from flows.subsidy import lifecycle as subsidy
from workflow import outbox
from workflow.models import Event


@outbox.listens_to(subsidy.PROCESS, subsidy.VALIDATE)
@outbox.listens_to(rehabilitation.PROCESS, rehabilitation.VALIDATE)
def open_the_grants(event: Event, *, key: str, at: datetime.datetime) -> None:
    """
    Open the grant of each line that somebody else pays, and that has none.

    The day of the validation is that of the request, whenever the message comes; when
    it comes twice, nothing is left to open.
    """
    operation = Operation.objects.with_facts().get(pk=event.case_id)
    with transaction.atomic(durable=True):
        openings.open_missing(operation=operation, role="", by=event.actor, at=event.at)
