"""What follows from what happens: the COPIL opens grants, requests are acknowledged."""

import datetime
import logging
import re
from uuid import NAMESPACE_OID, uuid5

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string

from erbm import envelopes, printing
from erbm.cases import rooms
from erbm.grants import acts, commands, openings
from erbm.grants.models import Acknowledgement, Grant
from erbm.grants.models.facts import ENDED
from erbm.operations.models import Operation
from flows.grant import lifecycle
from flows.rehabilitation import lifecycle as rehabilitation
from flows.roles import Role
from flows.subsidy import lifecycle as subsidy
from workflow import notices, outbox
from workflow.models import Event
from workflow.trail import receipts

logger = logging.getLogger(__name__)


@outbox.listens_to(subsidy.PROCESS, subsidy.VALIDATE)
@outbox.listens_to(rehabilitation.PROCESS, rehabilitation.VALIDATE)
def open_the_grants(event: Event, *, key: str, at: datetime.datetime) -> None:
    """
    Open the grant of each line that somebody else pays, and that has none.

    The day of the validation is that of the request, whenever the message comes; when
    it comes twice, or once the operation is over, nothing is left to open.
    """
    operation = Operation.objects.with_facts().get(pk=event.case_id)
    if operation.case.state in ENDED:
        return
    with transaction.atomic(durable=True):
        openings.open_missing(operation=operation, role="", by=event.actor, at=event.at)


def end_the_grants(event: Event, *, key: str, at: datetime.datetime) -> None:
    """
    Have the grants of an operation follow its end, in the name of who pronounced it.

    What is refused to her by then is an incident: somebody else does it by hand.
    """
    commands.end_with_operation(
        operation_id=event.case_id,
        cause=uuid5(NAMESPACE_OID, key),
        by=event.actor,
        at=at,
    )


for _process in (subsidy.PROCESS, rehabilitation.PROCESS):
    _ends = [move for move in _process.moves if move.target in ENDED]
    outbox.listens_to(_process, *_ends)(end_the_grants)


def acknowledge(event: Event, *, key: str, at: datetime.datetime) -> None:
    """
    Send the beneficiary the receipt of its request. (CRPA, art. L. 112-3, R. 112-5.)

    What is sent is kept, and the register says to whom.
    """
    grant = Grant.objects.with_facts().get(pk=event.case_id)
    if Acknowledgement.objects.filter(grant=grant).exists():
        return
    letter = _acknowledgement(grant, event, key, at)
    if not letter.to:
        logger.warning("grants.nobody_to_acknowledge", extra={"id": grant.pk})
        return
    pdf = printing.print_out(
        acts.receipt(grant, by=grant.owner, at=event.at), at=event.at
    )
    letter.attach(f"{grant.case.reference}-accuse.pdf", pdf, "application/pdf")
    letter.send()
    commands.note_acknowledged(
        grant=grant,
        pdf=pdf,
        message_id=outbox.message_id(key),
        to=letter.to,
        by=None,
        at=at,
    )


outbox.hears(lifecycle.PROCESS, commands.OPEN)(acknowledge)


def _acknowledgement(
    grant: Grant, event: Event, key: str, at: datetime.datetime
) -> EmailMessage:
    """Write the letter, whose template begins with the line of its subject."""
    address = rooms.address_of(grant.case.process, grant.pk)
    context = {
        "grant": grant,
        "rows": acts.acknowledged(grant),
        "note": acts.NO_PROMISE,
        "link": f"{settings.BASE_URL}{address}",
        "receipt": receipts.of_event(event),
    }
    text = render_to_string("grants/mail/receipt.txt", context)
    subject, _, body = text.strip().partition("\n")
    return EmailMessage(
        subject=re.sub(r"[\r\n]+", " ", subject),
        body=re.sub(r"\n{3,}", "\n\n", body.strip()) + "\n",
        to=_addresses(grant, at),
        headers=envelopes.headers(key, thread=f"case.{grant.pk}"),
    )


def _addresses(grant: Grant, at: datetime.datetime) -> list[str]:
    """Return the mailbox of the beneficiary, or else those of its people."""
    unit = grant.owner
    if unit.email and unit.is_active:
        return [unit.email]
    people = notices.holders(unit, Role.OWNER, grant.case, at)
    return sorted({one.user.email for one in people})
