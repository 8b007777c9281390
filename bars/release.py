"""Leave to the releases to come an export of this one: `python -m bars.release`.

Once, when a version is released: it is never written over. The authority that
timestamps it ends two days later, and the proof must not.
"""

import datetime
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import django
from django.core.management import call_command

DAYS = 8


def main():
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        os.environ["DATABASE_URL"] = f"sqlite:///{place / 'release.sqlite3'}"
        os.environ["DJANGO_SETTINGS_MODULE"] = "erbm.settings.test"
        os.environ["no_proxy"] = "*"
        django.setup()
        from django.conf import settings

        from bars import golden

        release = golden.GOLDEN / settings.SOFTWARE_VERSION
        release.mkdir(parents=True)
        call_command("migrate", run_syncdb=True, verbosity=0)
        _write(release, place)
        failures = [*filter(None, golden.verified(release))]
        print(*failures, release, sep="\n")
        sys.exit(bool(failures))


def _forget(ground):
    """Have a person asked, signed in, then forgotten: in a case and in the register."""
    from erbm.accounts import erasure
    from tests.library import lifecycle
    from tests.library.factories import fire, person
    from workflow.models import EntryKind
    from workflow.trail import register

    gone = person("partie", "reader")
    fire(ground.town.loan(), lifecycle.ASK, by=gone)
    register.enter(EntryKind.SIGNED_IN, by=gone, at=ground.at)
    gone.is_active = False
    gone.save()
    erasure.forget(
        person=gone,
        basis="RGPD, art. 17",
        reason="À sa demande.",
        by=ground.town.director,
        at=ground.at,
    )


def _write(release, place):
    from django.conf import settings

    from bars import golden
    from bars.ground import Ground
    from tests.workflow.authority import answered_by, make, serving
    from workflow import testimonies
    from workflow.models import Case, Checkpoint, Event, Timestamp
    from workflow.trail import export, receipts

    ground, authority = Ground(), make(place)
    ground.live(DAYS)
    _forget(ground)
    with serving(answered_by(authority), settings, authority):
        ground.day()
        testimonies.give_due(at=ground.at + datetime.timedelta(hours=1))
        assert Timestamp.objects.exists()
    ground.erase()
    ground.seal()
    ground.leave_unsealed()
    # Without the command, which would enter the account of this machine.
    export.export(Case.objects.all(), release / golden.EXPORT, whole=True)
    shutil.copy(authority / "root.pem", release / golden.AUTHORITY)
    witness = Checkpoint.objects.order_by("size")[2].note
    (release / golden.WITNESS).write_text(witness)
    events = Event.objects.select_related("case")
    given = [receipts.of_event(one) for one in (events.first(), events.last())]
    short = receipts.Receipt(given[0].reference, given[0].seq, given[0].hash[:12])
    told = "".join(f"{receipt}\n" for receipt in (*given, short))
    (release / golden.RECEIPTS).write_text(told)
    done = subprocess.run(
        [sys.executable, "-I", golden.VERIFIER, *golden.asked(release)],
        capture_output=True,
        text=True,
        check=True,
    )
    (release / golden.EXPECTED).write_text(done.stdout)


if __name__ == "__main__":
    main()
