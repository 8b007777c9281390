"""Have a person forgotten: her account, and her name wherever the trail holds it."""

import datetime
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q

from erbm.accounts.models import Appointment, User
from workflow.models import BatchItem, Delegation, Draft, Notice
from workflow.models.notices import Topic
from workflow.trail import erasure
from workflow.trail.erasure import Name

FORGOTTEN = "Personne effacée"
FORGOTTEN_DOMAIN = "efface.invalid"
ERASED = "Texte effacé"
NAMING_THEIR_ACTOR = (Topic.TALK, Topic.PREPARATION)
"""The notices whose words name who acted, under the name that she then had."""
AT_ONCE = 500


class StillActive(Exception):
    """Her account is open: it is closed first, in the administration."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many events of how many cases, and entries, have lost their texts."""

    cases: int
    events: int
    entries: int


@transaction.atomic(durable=True)
def forget(
    *, person: User, basis: str, reason: str, by: User, at: datetime.datetime
) -> Forgotten:
    """
    Erase a person who has left; what she decided stays, and so do all its proofs.

    :raises StillActive: if her account is not closed
    """
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if person.is_active:
        raise StillActive(str(person))
    named, entries = erasure.named(person), erasure.entries_naming(person)
    events = 0
    for case_id, seqs in sorted(named.items()):
        done = erasure.erase_texts(
            case_id=case_id, seqs=seqs, basis=basis, reason=reason, by=by, at=at
        )
        events += len(seqs) if done else 0
    erasure.erase_entries(
        entries=entries, basis=basis, reason=reason, about=person, by=by, at=at
    )
    _forget_in_administration(person)
    _forget_in_notices(person)
    _forget_in_batches(person)
    _forget_in_preparations(person)
    Draft.objects.filter(user=person).delete()
    person.first_name, person.last_name, person.position = "", FORGOTTEN, ""
    person.email = f"{person.key}@{FORGOTTEN_DOMAIN}"
    person.set_unusable_password()
    person.save()
    return Forgotten(cases=len(named), events=events, entries=len(entries))


def _forget_in_administration(person: User) -> None:
    """Forget her where the libraries keep her name and her addresses."""
    EmailAddress.objects.filter(user=person).delete()
    about = Q(object_repr__icontains=str(person)) | Q(
        object_repr__icontains=person.email
    )
    for model, keys in (
        (User, [person.pk]),
        (Appointment, list(person.memberships.values_list("pk", flat=True))),
    ):
        kind = ContentType.objects.get_for_model(model, for_concrete_model=False)
        about |= Q(content_type=kind, object_id__in=[str(key) for key in keys])
    LogEntry.objects.filter(about).update(object_repr=FORGOTTEN, change_message="")


def _forget_in_notices(person: User) -> None:
    """Forget her in what others were told: that something happened stays."""
    name, longest = Name.of(person), Notice._meta.get_field("text").max_length
    hers = Q(event__actor=person, topic__in=NAMING_THEIR_ACTOR)
    told = Notice.objects.filter(name.within("text") | hers)
    changed = []
    for notice in told.select_related("event").iterator():
        said = name.replaced(notice.text, FORGOTTEN)
        if said == notice.text and notice.topic in NAMING_THEIR_ACTOR:
            # She had another name then, unless it is somebody else who acted.
            acted = notice.event is not None and notice.event.actor_id == person.pk
            said = ERASED if acted else said
        if said != notice.text:
            notice.text = said[:longest]
            changed.append(notice)
    Notice.objects.bulk_update(changed, ["text"], batch_size=AT_ONCE)


def _forget_in_batches(person: User) -> None:
    """Forget her in the reasons why a move was not made: she had the task."""
    name = Name.of(person)
    items = list(BatchItem.objects.filter(name.within("message")))
    for item in items:
        item.message = name.replaced(item.message, FORGOTTEN)
    BatchItem.objects.bulk_update(items, ["message"], batch_size=AT_ONCE)


def _forget_in_preparations(person: User) -> None:
    """Erase what she wrote for whoever prepares or decides, and what names her."""
    name = Name.of(person)
    for column, author in (("instructions", "by"), ("answer", "returned_by")):
        asked = Delegation.objects.exclude(**{column: ""}).filter(
            Q(**{author: person}) | name.within(column)
        )
        keys = [
            one.pk
            for one in asked
            if getattr(one, f"{author}_id") == person.pk
            or name.is_in(getattr(one, column))
        ]
        # The trail holds their hash alone: without the salt, it says nothing.
        Delegation.objects.filter(pk__in=keys).update(
            **{column: "", f"{column}_salt": b""}
        )
