"""What is taken out is verified without us, by two programs that agree."""

import datetime
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.library import lifecycle
from tests.library.factories import NOW, fire
from tests.workflow.test_sealing import key, seal
from workflow.models import Checkpoint, EntryKind, EntryText
from workflow.trail import bundle, register, sealing
from workflow.trail.notes import Signer

pytestmark = [pytest.mark.django_db, pytest.mark.slow]  # programs are run

VERIFIER = Path(bundle.__file__).with_name("verifier.py")
SECOND = Path(__file__).with_name("verify.pl")
DAY = datetime.timedelta(days=1)


@pytest.fixture
def folder(town, tmp_path):
    """Export three days of a library, the key changed on the second."""
    loan = town.loan_at("lent")
    entered(town, loan.case)
    seal()
    town.loan_at("given")
    entered(town)
    new = Signer.of_pem(key().name, Signer.new_pem())
    seal(NOW + DAY)
    sealing.rotate(by=key(), to=new, at=NOW + DAY)
    fire(loan, lifecycle.PROCESS.move("return"), by=town.reader)
    sealing.seal(by=new, at=NOW + 2 * DAY)
    town.loan()
    entered(town)
    entered(town)
    call_command("export_trail", str(tmp_path / "export"))
    return tmp_path / "export"


def entered(town, case=None, kind=EntryKind.DOSSIER_TAKEN, **facts):
    return register.enter(kind, by=town.reader, at=NOW, case=case, facts=facts)


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


def ours(folder, *more, program=VERIFIER):
    return run(sys.executable, "-I", str(program), str(folder), *more)


def theirs(folder):
    return run("perl", str(SECOND), str(folder))


def verdicts(folder):
    """Say of an export whether each of the two programs is satisfied."""
    return ours(folder).returncode == 0, theirs(folder).returncode == 0


def test_both_programs_are_satisfied_with_what_nobody_touched(folder):
    done = ours(folder, program=folder / "verifier.py")

    assert (done.returncode, done.stderr) == (0, "")
    assert "Export complet.\nDossiers : 3 ; événements : 9 ;" in done.stdout
    assert "inscriptions : 6 ;" in done.stdout
    assert "non scellés : 4" in done.stdout
    assert theirs(folder).stdout == "0 faults\n"


def test_the_verifier_is_one_short_file_that_imports_nothing_of_ours():
    text = VERIFIER.read_text()

    assert len(text.splitlines()) <= 600
    assert "django" not in text
    assert "import workflow" not in text


def test_one_case_goes_out_alone(town, tmp_path):
    case = town.loan_at("lent").case
    town.loan()
    seal()

    call_command("export_trail", str(tmp_path / "export"), case=case.reference)

    assert verdicts(tmp_path / "export") == (True, True)
    assert "Dossiers : 1 ; événements : 3" in ours(tmp_path / "export").stdout


def test_a_period_without_any_case_exports_nothing(town, tmp_path):
    town.loan()

    with pytest.raises(CommandError, match="rien passé"):
        call_command("export_trail", str(tmp_path / "e"), since=NOW.date() + DAY)
    assert not (tmp_path / "e").exists()


def test_a_period_goes_out_with_its_register_and_its_cases_in_full(town, tmp_path):
    before, during = town.loan_at("lent"), town.loan()
    entered(town)
    fire(during, lifecycle.ASK, by=town.reader, at=NOW + 2 * DAY)
    register.enter(EntryKind.SIGNED_IN, by=town.reader, at=NOW + 2 * DAY)
    register.enter(EntryKind.SIGNED_IN, by=town.reader, at=NOW + 3 * DAY)
    seal()
    export, day = tmp_path / "export", NOW.date() + 2 * DAY

    call_command("export_trail", str(export), since=day, until=day)

    said = json.loads((export / "export.json").read_text())
    assert said["period"] == [
        "2026-03-03T23:00:00.000000Z",
        "2026-03-04T23:00:00.000000Z",
    ]
    assert set(said["cases"]) == {during.case.reference} != {before.case.reference}
    assert verdicts(export) == (True, True)
    assert "événements : 2 ; inscriptions : 1 ;" in ours(export).stdout
    said["period"] = None
    (export / "export.json").write_text(json.dumps(said))
    assert verdicts(export) == (False, False)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"since": NOW.date(), "until": NOW.date() - DAY}, "finit avant"),
        ({"until": NOW.date()}, "premier jour"),
        ({"since": NOW.date(), "case": "L-2026-00001"}, "premier jour"),
        ({"case": "L-1789-00001"}, "L-1789-00001"),
    ],
)
def test_what_makes_no_sense_is_not_exported(town, tmp_path, asked, why):
    town.loan()

    with pytest.raises(CommandError, match=why):
        call_command("export_trail", str(tmp_path / "e"), **asked)
    assert not (tmp_path / "e").exists()


def test_an_export_is_never_written_over(town, tmp_path):
    town.loan()

    with pytest.raises(CommandError, match="existe"):
        call_command("export_trail", str(tmp_path))


def test_a_witness_is_compared_with(folder, tmp_path):
    witness = tmp_path / "witness.note"
    witness.write_text(Checkpoint.objects.earliest("size").note)
    assert ours(folder, "--temoin", str(witness)).returncode == 0

    other = witness.read_text().split("\n")
    witness.write_text("\n".join([other[0], "3", *other[2:]]))
    assert ours(folder, "--temoin", str(witness)).returncode == 1


def rewritten(folder, name, change):
    """Change the rows of a file."""
    path = folder / name
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    change(rows)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def swap(rows):
    rows[1], rows[2] = rows[2], rows[1]


STRUCTURE = {
    "torn out": lambda rows: rows.pop(1),
    "tail torn off": lambda rows: rows.pop(),
    "twice": lambda rows: rows.insert(1, rows[1]),
    "exchanged": swap,
    "a case dropped": lambda rows: rows.__delitem__(slice(0, 4)),
    "texts erased in silence": lambda rows: rows[1].update(text=None, salt=None),
    "unsealed": lambda rows: rows[1].update(leaf=None),
}


@pytest.mark.parametrize("how", STRUCTURE)
def test_both_find_what_is_out_of_place(folder, how):
    rewritten(folder, "events.jsonl", STRUCTURE[how])

    assert verdicts(folder) == (False, False)


REGISTER = {
    "torn out": lambda rows: rows.pop(0),
    "tail torn off": lambda rows: rows.pop(),
    "twice": lambda rows: rows.insert(1, rows[1]),
    "an unsealed one twice": lambda rows: rows.append(rows[-1]),
    "exchanged": swap,
    "unsealed ones exchanged": lambda rows: rows.append(rows.pop(2)),
    "texts erased in silence": lambda rows: rows[1].update(text=None, salt=None),
    "unsealed": lambda rows: rows[1].update(leaf=None),
    "of the leaf of an event": lambda rows: rows[2].update(leaf=1),
}


@pytest.mark.parametrize("how", REGISTER)
def test_both_find_what_is_out_of_place_in_the_register(folder, how):
    rewritten(folder, "entries.jsonl", REGISTER[how])

    assert verdicts(folder) == (False, False)


def test_a_case_goes_out_with_its_entries_and_what_says_they_were_erased(
    town, tmp_path
):
    loan = town.loan_at("lent")
    gone = entered(town, loan.case)
    entered(town, town.loan().case)
    entered(town)
    EntryText.objects.filter(entry=gone).update(text="", salt=b"")
    erased = {"basis": "RGPD, art. 17", "entries": [bytes(gone.hash).hex()]}
    entered(town, kind=EntryKind.ERASED, **erased)
    seal()

    call_command("export_trail", str(tmp_path / "export"), case=loan.case.reference)

    done = ours(tmp_path / "export")
    assert verdicts(tmp_path / "export") == (True, True)
    assert "inscriptions : 3 ;" in done.stdout
    assert "inscription 1 : effacé le 2026-03-02T09:00:00.000000Z" in done.stdout
    assert "au titre de RGPD, art. 17 (inscription 2)" in done.stdout


def test_both_find_an_entry_of_another_case(town, tmp_path):
    loan = town.loan_at("lent")
    entered(town, loan.case)
    seal()
    call_command("export_trail", str(tmp_path / "export"), case=loan.case.reference)
    said = json.loads((tmp_path / "export" / "export.json").read_text())
    [ended] = said["cases"].values()
    said["cases"] = {"AUTRE": ended}
    (tmp_path / "export" / "export.json").write_text(json.dumps(said))

    assert "ni d’un dossier ni de la période" in ours(tmp_path / "export").stderr
    assert "of another case" in run("perl", str(SECOND), tmp_path / "export").stderr


@pytest.mark.parametrize("name", ["leaves.txt", "checkpoints.jsonl", "keys.jsonl"])
def test_both_find_an_end_cut_off(folder, name):
    lines = (folder / name).read_text().splitlines(keepends=True)
    (folder / name).write_text("".join(lines[:-1]))

    assert verdicts(folder) == (False, False)


def test_both_find_one_byte_changed_anywhere(folder, tmp_path):
    chance = random.Random(20261124)  # noqa: S311
    names = [
        *("events.jsonl", "entries.jsonl", "leaves.txt", "checkpoints.jsonl"),
        "keys.jsonl",
    ]
    for number in range(50):
        copy = tmp_path / str(number)
        shutil.copytree(folder, copy)
        path = copy / names[number % len(names)]
        content = bytearray(path.read_bytes())
        place = chance.randrange(len(content) - 1)
        content[place] = ord("1" if content[place] != ord("1") else "2")
        path.write_bytes(content)

        assert verdicts(copy) == (False, False), (path.name, place)
        shutil.rmtree(copy)


def test_the_commands_of_the_document_are_run_and_fail_on_a_bad_export(folder):
    document = Path("docs/trail-format.md").read_text()
    [_, verify] = document.split("```sh\n")[1].split("\n```")[0].split("\n")
    program, *rest = verify.split()

    assert run(program, *rest[:-1], str(folder / "verifier.py")).returncode == 0
    rewritten(folder, "events.jsonl", STRUCTURE["torn out"])
    assert run(program, *rest[:-1], str(folder / "verifier.py")).returncode == 1
