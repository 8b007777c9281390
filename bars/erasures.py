"""People are erased, the proofs hold, and nothing is left of their names."""

import io
import tempfile
import uuid
from pathlib import Path

from django.core.management import call_command
from django.db import transaction

from bars.bundles import verify
from bars.ground import Ground, problems
from erbm.accounts import erasure
from tests.library import lifecycle
from tests.library.factories import UNTIL, fire, person
from tests.library.lifecycle import PROCESS, Role
from tests.workflow.databases import dump
from workflow import bulk, claims, comments, delegations, notices
from workflow.models import BatchItem, Delegation, EntryKind, Notice, Task
from workflow.models.notices import Reason, Topic
from workflow.notices import Addressee, Fact
from workflow.trail import register

PLANTED = "Zorglub{}q"


def trials(sizes):
    """Have people ask for books under names that nobody else has; forget them all."""
    ground = Ground()
    people = [
        person(PLANTED.format(number).lower(), Role.READER, Role.LIBRARIAN)
        for number in range(sizes.erasures)
    ]
    for loan, one in zip(ground.town.loans(len(people)), people, strict=True):
        fire(loan, lifecycle.ASK, by=one)
        _share(ground, loan, one)
        _mention(ground, loan, one)
        fire(loan, lifecycle.LEND, by=ground.town.librarian, **UNTIL)
        register.enter(EntryKind.SIGNED_IN, by=one, at=ground.at)
    ground.seal()
    planted = dump()
    for model in (BatchItem, Delegation, Notice):
        told = repr(planted[model._meta.label])
        yield "" if PLANTED[:7] in told else f"no {model.__name__} has a name"
    events = sum(_forget(ground, one) for one in people)
    ground.seal()
    left = _everything()
    for number in range(len(people)):
        name = PLANTED.format(number)
        hits = left.lower().count(name.lower())
        yield f"{name} is still there {hits} times" if hits else ""
    yield from problems()
    yield from _told(events)


def _share(ground, loan, one):
    """Have one take a task, ask for its answer, and keep another from answering."""
    task, at = Task.objects.open().get(case=loan.case, step="desk"), ground.at
    librarian, director = ground.town.librarian, ground.town.director
    with transaction.atomic():
        request = delegations.Request(to=director, instructions=f"Pour {one}, vite.")
        asked = delegations.delegate(task_id=task.pk, request=request, by=one, at=at)
        answer = {"delegation_id": asked.pk, "answer": f"Oui, {one}."}
        delegations.hand_back(**answer, by=director, at=at)
        chosen = {"case_ids": [loan.case.pk], "key": uuid.uuid4()}
        batch = bulk.prepare(**chosen, by=librarian, at=at)
        said = bulk.Said(move=lifecycle.LEND, inputs=UNTIL)
        bulk.start(batch_id=batch.pk, said=said, by=librarian, at=at)
    bulk.carry_on(limit=1, at=at)
    with transaction.atomic():
        claims.take_over(task_id=task.pk, by=librarian, at=at)


def _mention(ground, loan, one):
    """Have one called upon, call on another, and the other told of it."""
    librarian, at = ground.town.librarian, ground.at
    for by, other in ((librarian, one), (one, librarian)):
        unit = by.memberships.get(role=Role.LIBRARIAN).unit_id
        said = {"to": f"all.{unit}", "text": "Vu ?", "people": [other.pk]}
        said = comments.Said(**said, by=by, at=at, key=uuid.uuid4())
        with transaction.atomic():
            comments.write(PROCESS, loan.pk, said)
            event = loan.case.events.latest("seq")
            told = f"{by} vous mentionne"
            fact = Fact(loan.case, Topic.TALK, told, str(event.pk), event)
            notices.write(fact, [Addressee(other, Reason.MENTIONED)], at)


def _forget(ground, one):
    one.is_active = False
    one.save()
    done = erasure.forget(
        person=one,
        basis="RGPD, art. 17",
        reason="À sa demande.",
        by=ground.town.director,
        at=ground.at,
    )
    return done.events


def _everything():
    """Return all that the database holds, and all that an export tells."""
    return repr(dump()) + "".join(
        path.read_text(encoding="utf-8") for path in _export().glob("*.[jt]*")
    )


def _export():
    folder = Path(tempfile.mkdtemp()) / "export"
    call_command("export_trail", str(folder), stdout=io.StringIO())
    return folder


def _told(events):
    """Expect of the export that it holds, and tells of each erasure on what ground."""
    done = verify(_export())
    told = sum("au titre de RGPD, art. 17" in line for line in done.stdout.split("\n"))
    yield "" if done.returncode == 0 else done.stderr
    yield "" if told >= events > 0 else f"{told} erasures told of {events}"
