"""Have a person forgotten: her account, and her name wherever the trail holds it."""

import datetime
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q

from erbm.accounts.models import Appointment, User
from workflow.trail import erasure

FORGOTTEN = "Personne effacée"
FORGOTTEN_DOMAIN = "efface.invalid"


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
