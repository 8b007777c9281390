"""Tell whom a comment concerns: never what it says, which may be taken back."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse

from erbm import envelopes, words
from erbm.cases import rooms
from erbm.exchange import queries
from workflow import comments, notices, outbox
from workflow.models import Comment, Event, Mention, Notice
from workflow.models.notices import Pace, Reason, Topic
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
    _send(event, [(user, f"{key}.{user.pk}") for user in wanting], MENTIONED)


def tell_the_followers(event: Event, *, key: str, at: datetime.datetime) -> None:
    """Tell who follows the case, if she may read it, that a comment was written."""
    comment = Comment.objects.get(written_by=event)
    called = set(comment.mentions.values_list("user", flat=True))
    concerned = [
        one
        for one in notices.followers(event.case, at)
        if one.user.pk not in called
        and queries.readable(one.user, at).filter(pk=comment.pk).exists()
    ]
    fact = Fact(
        event.case,
        Topic.TALK,
        f"{event.actor} a écrit un commentaire",
        str(event.pk),
        event,
    )
    notices.write(fact, concerned, at)
    # What one only follows waits for the letter of the day, unless one chose otherwise.
    unsent = Notice.objects.filter(
        event=event, reason=Reason.FOLLOWS, pace=Pace.AT_ONCE, mailed_at=None
    )
    wanting = [one.user for one in unsent.select_related("user").order_by("pk")]
    _send(event, [(user, f"{key}.{user.pk}") for user in wanting], WRITTEN)
    unsent.update(mailed_at=at)


for _process in rooms.processes():
    outbox.hears(_process, comments.WRITTEN)(tell_the_mentioned)
    outbox.hears(_process, comments.WRITTEN)(tell_the_followers)

MENTIONED = ("vous mentionne", "dans un commentaire", "vous y êtes mentionné")
WRITTEN = ("a écrit un commentaire", "", "vous suivez ce dossier")
"""What a letter says: what was done, where, and why it comes to whom reads it."""


def _send(
    event: Event, people: Sequence[tuple[Any, str]], said: tuple[str, str, str]
) -> None:
    letters = [_letter(event, user.email, key, said) for user, key in people]
    if letters:
        get_connection().send_messages(letters)


def _letter(
    event: Event, to: str, key: str, said: tuple[str, str, str]
) -> EmailMessage:
    link = settings.BASE_URL + reverse("exchange", args=[event.case_id])
    case, (done, where, why) = event.case, said
    what = " ".join(filter(None, [str(event.actor), done, where]))
    return EmailMessage(
        subject=f"{case.reference} : {event.actor} {done}",
        body=f"Bonjour,\n\n{what}, dossier "
        f"{case.reference}, {case.title}, le {words.day(event.at)}.\n\n"
        f"Le lire et y répondre : {link}\n\n"
        f"Vous recevez ce message parce que {why}. Choisir ce que vous recevez : "
        f"{envelopes.preferences()}\n\n"
        "Message automatique du suivi des opérations de l’Engagement pour le "
        "renouveau du bassin minier. Merci de ne pas y répondre.\n",
        to=[to],
        headers=envelopes.headers(key),
    )
