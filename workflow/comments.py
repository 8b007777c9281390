"""Write about a case to some of those who may read it, call on them, take it back."""

import datetime
import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.core.files.base import File
from django.db import transaction

from workflow import answers, engine, inputs, outbox, readership, refusals, situations
from workflow.deadlines import LOCAL
from workflow.engine import MoveRefused, Receipt
from workflow.models import Attachment, Case, Comment, Membership, Mention
from workflow.process import Process
from workflow.readership import Address
from workflow.refusals import Ground, Refusal
from workflow.standing import memberships_of, standing_on
from workflow.trail import chain, remarks

WRITTEN, WITHDRAWN = remarks.WRITTEN, remarks.WITHDRAWN
MOST_ATTACHMENTS = 5
MOST_MENTIONED = 50
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to join, whose type somebody has checked."""

    file: "File[Any]"
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """
    What a person writes about a case.

    - `to`: the value of an address, as `addresses` offers them;
    - `people`, `units`: the ids of those on whom she calls.
    """

    to: str
    text: str
    by: Any
    at: datetime.datetime
    key: UUID
    people: Sequence[int] = ()
    units: Sequence[int] = ()
    files: Sequence[NewFile] = ()


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody on whom a comment calls; `unit` if it is with all her unit."""

    grant: Membership
    with_unit: bool

    def mention(self, comment: Comment) -> Mention:
        unit = self.grant.unit if self.with_unit else None
        return Mention(comment=comment, user=self.grant.user, unit=unit)


class CommentNotFound(LookupError):
    """There is no such comment, or it is not this person's to take back."""


def write(process: Process, case_id: int, said: Said) -> Receipt:
    """
    Write a comment, and tell those on whom it calls.

    The trail holds who wrote, for whom and to whom; the text is kept apart. The case
    stays at its version: what others are typing on it is not out of date.

    :raises Subject.DoesNotExist: if the procedure has no such case
    :raises MoveRefused: if she may not write to them, or call on one of those named
    :raises KeyReused: if the key of the request has served for something else
    """
    case = situations.locked(process, case_id).case
    if receipt := answers.repeated(case, said.by, said.key, WRITTEN):
        return receipt
    on = said.at.astimezone(LOCAL).date()
    memberships = memberships_of(said.by, on)
    parties = standing_on(case, ()).parties
    offered = readership.addresses(case, memberships, parties)
    address = next((one for one in offered if one.value == said.to), None)
    found = list(_refusals(case, said, address))
    called: list[Called] = []
    if address is not None:
        readers = readership.readers_of(case, address, parties, on)
        called, unknown = _called(readers, said)
        found += unknown
    if found or address is None:
        raise MoveRefused(found)
    return _written(case, said, address, called)


def withdraw(
    process: Process,
    case_id: int,
    comment_id: int,
    *,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Take back what one wrote: text and files are erased, that it was written stays.

    :raises Subject.DoesNotExist: if the procedure has no such case
    :raises CommentNotFound: if it is not hers, or she may not read it any more
    :raises MoveRefused: if she has taken it back already
    :raises KeyReused: if the key of the request has served for something else
    """
    case = situations.locked(process, case_id).case
    if receipt := answers.repeated(case, by, key, WITHDRAWN):
        return receipt
    on = at.astimezone(LOCAL).date()
    readable = readership.readable_by(by, memberships_of(by, on))
    comment = readable.filter(pk=comment_id, case=case, author=by).first()
    if comment is None:
        raise CommentNotFound(comment_id)
    if comment.withdrawn_by_id is not None:
        raise MoveRefused([Refusal(Ground.STATE, "Ce commentaire est déjà retiré.")])
    return _withdrawn(case, comment, key, by, at)


def mark_seen(case: Case, *, by: Any, at: datetime.datetime) -> int:
    """Note that a person has read what calls on her, on the page of a case."""
    unseen = Mention.objects.filter(user=by, comment__case=case, seen_at=None)
    return unseen.update(seen_at=at)


def _refusals(case: Case, said: Said, address: Address | None) -> Iterable[Refusal]:
    principal = address.principal if address else None
    yield from refusals.of_conflicts(case, said.by, principal)
    if address is None:
        yield Refusal(Ground.ROLE, "Ces destinataires ne vous sont pas ouverts.", "to")
    if not said.text.strip():
        yield Refusal(Ground.INPUT, "Commentaire : à renseigner.", "text")
    try:
        inputs.read_text(said.text)
    except inputs.Absurd as absurd:
        yield Refusal(Ground.INPUT, f"Commentaire : {absurd}", "text")
    if len(said.files) > MOST_ATTACHMENTS:
        yield Refusal(
            Ground.INPUT, f"{MOST_ATTACHMENTS} fichiers au plus.", field="files"
        )


def _called(
    readers: Sequence[Membership], said: Said
) -> tuple[list[Called], list[Refusal]]:
    """Find those on whom a comment calls among those who would read it."""
    called: dict[int, Called] = {}
    for grant in readers:
        if grant.user_id == said.by.pk:
            continue
        if grant.user_id in said.people:
            called[grant.user_id] = Called(grant, with_unit=False)
        elif grant.unit_id in said.units:
            called.setdefault(grant.user_id, Called(grant, with_unit=True))
    reading = {grant.user_id for grant in readers} - {said.by.pk}
    units = {grant.unit_id for grant in readers}
    found = []
    if not reading.issuperset(said.people) or not units.issuperset(said.units):
        found.append(
            Refusal(
                Ground.ROLE,
                "Vous mentionnez quelqu’un qui ne pourrait pas lire ce commentaire : "
                "élargissez ses destinataires, ou retirez la mention.",
                "mentions",
            )
        )
    if len(called) > MOST_MENTIONED:
        found.append(
            Refusal(
                Ground.INPUT, f"{MOST_MENTIONED} personnes au plus.", field="mentions"
            )
        )
    return list(called.values()), found


def _written(
    case: Case, said: Said, address: Address, called: Sequence[Called]
) -> Receipt:
    text, salt = said.text.strip(), secrets.token_bytes(16)
    prints = [_fingerprint(new) for new in said.files]
    facts = {
        "audience": address.audience,
        "text": chain.commitment(salt, text),
        "mentions": sorted(one.grant.user_id for one in called),
        "attachments": prints,
    }
    event = engine.recorded(case, _entry(case, said, address, facts))
    comment = Comment.objects.create(
        case=case,
        written_by=event,
        author=said.by,
        unit=address.unit,
        audience=address.audience,
        at=said.at,
        text=text,
        salt=salt,
    )
    Mention.objects.bulk_create(one.mention(comment) for one in called)
    for new, sha256 in zip(said.files, prints, strict=True):
        _attach(comment, new, sha256)
    case.save_head()
    if outbox.enqueue(case.process, event):
        outbox.bell.ring()
    return Receipt.of(event)


def _entry(
    case: Case, said: Said, address: Address, facts: Mapping[str, Any]
) -> chain.Entry:
    return chain.Entry(
        kind=WRITTEN,
        # As that of a move, a name by which a request is recognised.
        move=WRITTEN,
        actor=said.by,
        at=said.at,
        principal=address.principal,
        unit=address.unit,
        request_key=said.key,
        facts={"from": case.state, "to": case.state, **facts},
        texts={"audience": address.label},
    )


def _withdrawn(
    case: Case, comment: Comment, key: UUID, by: Any, at: datetime.datetime
) -> Receipt:
    entry = chain.Entry(
        kind=WITHDRAWN,
        move=WITHDRAWN,
        actor=by,
        at=at,
        unit=comment.unit,
        request_key=key,
        facts={
            "from": case.state,
            "to": case.state,
            "written": comment.written_by.seq,
        },
    )
    event = engine.recorded(case, entry)
    comment.text, comment.salt = "", b""
    comment.withdrawn_by, comment.withdrawn_at = event, at
    comment.save(update_fields=["text", "salt", "withdrawn_by", "withdrawn_at"])
    _forget_files(comment)
    case.save_head()
    return Receipt.of(event)


def _fingerprint(new: NewFile) -> str:
    digest = hashlib.sha256()
    for chunk in new.file.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def _attach(comment: Comment, new: NewFile, sha256: str) -> None:
    attachment = Attachment(
        comment=comment,
        filename=(new.file.name or "")[-LONGEST_NAME:],
        content_type=new.content_type,
        size=new.file.size or 0,
        sha256=sha256,
    )
    # Under a name that tells nothing: the given one is kept beside it.
    attachment.file.save(str(uuid4()), new.file)


def _forget_files(comment: Comment) -> None:
    """Erase the files once nothing can undo it; their SHA-256 stay."""
    for attachment in comment.attachments.all():
        storage, name = attachment.file.storage, str(attachment.file.name)
        attachment.file, attachment.filename = "", ""
        attachment.save(update_fields=["file", "filename"])
        transaction.on_commit(partial(storage.delete, name), robust=True)
