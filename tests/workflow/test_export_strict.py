"""Neither program is satisfied with what two readers might not read alike."""

import hashlib
import json
import shutil

import pytest

from tests.library.factories import NOW
from tests.workflow import test_export as exports
from tests.workflow.test_export import ours, verdicts
from tests.workflow.test_sealing import key
from workflow.models import Checkpoint, EntryKind
from workflow.trail import canonical, chain, notes, register
from workflow.trail.notes import Note

folder = exports.folder  # a fixture, which is looked up by its name

pytestmark = [pytest.mark.django_db, pytest.mark.slow]  # programs are run


def unsealed(folder):
    """Return the events, and the one that nothing seals yet."""
    lines = (folder / "events.jsonl").read_text().split("\n")[:-1]
    rows = [json.loads(line) for line in lines]
    [event] = [row for row in rows if row["leaf"] is None]
    return rows, event


def put(folder, rows):
    (folder / "events.jsonl").write_text("".join(f"{json.dumps(r)}\n" for r in rows))


def forge(folder, **changed):
    """
    Change what nothing seals yet as its operator could: hashes, head and all.

    `body` and `text` are what is made of them; `salt` is another one.
    """
    rows, event = unsealed(folder)
    if "text" in changed:
        event["text"] = changed["text"](event["text"])
        said = json.loads(event["body"])
        committed = chain.commitment(bytes.fromhex(event["salt"]), event["text"])
        event["body"] = canonical.text_of({**said, "texts": committed})
    if "body" in changed:
        event["body"] = changed["body"](event["body"])
    event["salt"] = changed.get("salt", event["salt"])
    event["hash"] = chain.link(b"", event["body"]).hex()
    said = json.loads((folder / "export.json").read_text())
    said["cases"][event["case"]] = [1, event["hash"]]
    (folder / "export.json").write_text(json.dumps(said))
    put(folder, rows)


def test_what_is_forged_with_care_is_only_an_event_that_nothing_seals(folder):
    forge(folder, text=lambda text: canonical.text_of({"actor": "Ivan"}))

    assert verdicts(folder) == (True, True)


OTHERWISE = {
    "with blanks": lambda text: text.replace(",", ", ", 1),
    "with an end of line": lambda text: f"{text}\n",
    "a name twice": lambda text: '{"a":1,"a":2,' + text[1:],
    "out of order": lambda text: '{"z":1,' + text[1:],
    "escaped for nothing": lambda text: text.replace('"', '"\\u0061', 1),
    "escaped in capitals": lambda text: '{"A\\u001F":1,' + text[1:],
    "half a character": lambda text: '{"A":"\\ud800",' + text[1:],
    "a float": lambda text: '{"A":1.0,' + text[1:],
    "a fraction": lambda text: '{"A":1.5,' + text[1:],
    "an exponent": lambda text: '{"A":1e3,' + text[1:],
    "less than nothing": lambda text: '{"A":-0,' + text[1:],
    "too large": lambda text: f'{{"A":{2**53},' + text[1:],
    "no number": lambda text: '{"A":NaN,' + text[1:],
}


@pytest.mark.parametrize("what", ["body", "text"])
def test_both_refuse_what_is_not_canonical(folder, tmp_path, what):
    for how, change in OTHERWISE.items():
        copy = shutil.copytree(folder, tmp_path / how)
        forge(copy, **{what: change})

        assert verdicts(copy) == (False, False), how


def test_both_refuse_a_text_whose_beginning_was_hidden_in_its_salt(folder):
    rows, event = unsealed(folder)
    hidden = event["text"][0].encode().hex()
    salted = bytes.fromhex(event["salt"] + hidden) + event["text"][1:].encode()
    assert hashlib.sha256(salted).hexdigest() == json.loads(event["body"])["texts"]
    event["salt"], event["text"] = event["salt"] + hidden, event["text"][1:]
    put(folder, rows)

    assert verdicts(folder) == (False, False)


def test_both_take_names_in_the_order_of_their_units(town, tmp_path):
    facts = dict.fromkeys(["\ufb33", "😀", "€", "\r", "1", "ö"], "é\x7f\x1f/\u2028")
    register.enter(EntryKind.LIST_EXPORTED, by=town.reader, at=NOW, facts=facts)
    town.loan()
    exports.call_command("export_trail", str(tmp_path / "export"))

    assert verdicts(tmp_path / "export") == (True, True)


def test_both_refuse_that_texts_be_erased_before_they_are_written(folder):
    """An act that announces what will be erased would let anything go later."""
    _, event = unsealed(folder)
    said = json.loads(event["body"])
    said |= {"kind": "erasure", "facts": {"basis": "RGPD", "erased": [1]}}
    forge(folder, body=lambda body: canonical.text_of(said))
    assert verdicts(folder) == (True, True)

    rows, event = unsealed(folder)
    event |= {"text": None, "salt": None}
    put(folder, rows)

    assert verdicts(folder) == (False, False)


NOTES = {
    "a line more": lambda text: f"{text}plus\n",
    "a line less": lambda text: "\n".join(text.split("\n")[:3]) + "\n",
    "a moment to come": lambda text: text.replace("2026-", "2027-"),
    "another moment": lambda text: text.replace("Z\n", "+00:00\n"),
}


@pytest.mark.parametrize("how", NOTES)
def test_both_refuse_a_note_that_says_something_else_though_it_is_signed(folder, how):
    text = Note.of(Checkpoint.objects.earliest("size").note).text
    signed = notes.signed(NOTES[how](text), [key()])

    exports.rewritten(
        folder, "checkpoints.jsonl", lambda rows: rows[0].update(note=signed)
    )

    assert verdicts(folder) == (False, False)


@pytest.mark.parametrize("name", ["leaves.txt", "events.jsonl"])
def test_both_refuse_a_hash_cut_short(folder, name):
    path = folder / name
    first, *rest = path.read_text().split("\n")
    cut = first[2:] if name == "leaves.txt" else first.replace('"hash":"', '"hash":"00')
    path.write_text("\n".join([cut, *rest]))

    assert verdicts(folder) == (False, False)


def test_what_an_export_says_gives_no_orders_to_a_terminal(folder):
    """A screen wiped clean would tell nobody that something is wrong."""
    case = "L\x1b[2J\x1b[1;1Hdéfauts : 0.\x9b"

    def rename(rows):
        rows[-1]["case"] = case

    exports.rewritten(folder, "events.jsonl", rename)
    done = ours(folder)

    assert done.returncode == 1
    assert "\\u001b[2J" in done.stderr
    assert not {"\x1b", "\x9b"} & set(done.stderr + done.stdout)


def test_an_export_that_says_nothing_is_unreadable_and_not_a_crash(folder):
    for name in ("keys.jsonl", "events.jsonl", "checkpoints.jsonl"):
        before = (folder / name).read_text()
        for content in ("", "[]\n", "null\n", "{}\n", "[" * 100_000):
            (folder / name).write_text(content)
            done = ours(folder)
            assert done.returncode in {1, 2}
            assert "Traceback" not in done.stderr
        (folder / name).write_text(before)
    assert ours(folder).returncode == 0
