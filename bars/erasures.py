"""People are erased, the proofs hold, and nothing is left of their names."""

import io
import tempfile
from pathlib import Path

from django.core.management import call_command

from bars.bundles import verify
from bars.ground import Ground, problems
from erbm.accounts import erasure
from tests.library import lifecycle
from tests.library.factories import UNTIL, fire, person
from tests.workflow.databases import dump
from workflow.models import EntryKind
from workflow.trail import register

PLANTED = "Zorglub{}q"


def trials(sizes):
    """Have people ask for books under names that nobody else has; forget them all."""
    ground = Ground()
    people = [
        person(PLANTED.format(number).lower(), "reader")
        for number in range(sizes.erasures)
    ]
    for loan, one in zip(ground.town.loans(len(people)), people, strict=True):
        fire(loan, lifecycle.ASK, by=one)
        fire(loan, lifecycle.LEND, by=ground.town.librarian, **UNTIL)
        register.enter(EntryKind.SIGNED_IN, by=one, at=ground.at)
    ground.seal()
    events = sum(_forget(ground, one) for one in people)
    ground.seal()
    left = _everything()
    for number in range(len(people)):
        name = PLANTED.format(number)
        hits = left.lower().count(name.lower())
        yield f"{name} is still there {hits} times" if hits else ""
    yield from problems()
    yield from _told(events)


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
