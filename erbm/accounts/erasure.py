"""Have a person forgotten: her account, and her name wherever the trail holds it."""

import datetime
from dataclasses import dataclass

from django.db import transaction

from erbm.accounts.models import User
from workflow.trail import erasure

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
    person.first_name, person.last_name, person.position = "", "Personne effacée", ""
    person.email = f"{person.key}@{FORGOTTEN_DOMAIN}"
    person.set_unusable_password()
    person.save()
    return Forgotten(cases=len(named), events=events, entries=len(entries))
