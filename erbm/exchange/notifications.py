"""Tell those on whom a comment calls: never what it says, which may be taken back."""

import datetime

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse

from erbm import words
from erbm.exchange import queries
from flows.rehabilitation.lifecycle import PROCESS as REHABILITATION
from flows.subsidy.lifecycle import PROCESS as SUBSIDY
from workflow import comments, notices, outbox
from workflow.models import Event, Mention
from workflow.models.notices import Reason, Topic
from workflow.notices import Addressee, Fact


def tell_the_mentioned(event: Event, *, key: str, at: datetime.datetime) -> None:
    """Tell each person on whom a comment calls, if she may still read it."""
    called = Mention.objects.filter(comment__written_by=event, user__is_active=True)
    people = [
        (mention.user, mention.unit)
        for mention in called.select_related("user", "unit").order_by("pk")
        if queries.readable(mention.user, at).filter(pk=mention.comment_id).exists()
    ]
    fact = Fact(
        event.case, Topic.TALK, f"{event.actor} vous mentionne", str(event.pk), event
    )
    notices.write(
        fact,
        [Addressee(user, Reason.MENTIONED, unit=unit) for user, unit in people],
        at,
    )
    wanting = notices.wanting_at_once([user for user, _ in people], Topic.TALK)
    letters = [_letter(event, user.email, f"{key}.{user.pk}") for user in wanting]
    if letters:
        get_connection().send_messages(letters)


for _process in (REHABILITATION, SUBSIDY):
    outbox.hears(_process, comments.WRITTEN)(tell_the_mentioned)


def _letter(event: Event, to: str, key: str) -> EmailMessage:
    link = settings.BASE_URL + reverse("exchange", args=[event.case_id])
    case = event.case
    return EmailMessage(
        subject=f"{case.reference} : {event.actor} vous mentionne",
        body=f"Bonjour,\n\n{event.actor} vous mentionne dans un commentaire du dossier "
        f"{case.reference}, {case.title}, le {words.day(event.at)}.\n\n"
        f"Le lire et y répondre : {link}\n\n"
        "Message automatique du suivi des opérations de l’Engagement pour le "
        "renouveau du bassin minier. Merci de ne pas y répondre.\n",
        to=[to],
        headers={
            "Message-ID": outbox.message_id(key),
            "Auto-Submitted": "auto-generated",
        },
    )
