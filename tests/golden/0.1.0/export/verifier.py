#!/usr/bin/env python3
"""Vérifie un export du journal, sans réseau ni rien de l’application.

    python3 -I verifier.py [DOSSIER] [--temoin FICHIER] [--recu "RÉF · n° 12 · …"]
                           [--autorite FICHIER]

Il faut Python 3.9 ou plus et, pour les signatures, openssl 3. Code de retour : 0 si
tout tient, 1 si quelque chose est faux, 2 si l’export est illisible.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

FORMAT = "workflow-trail/1"
EVENT, ENTRY = b"workflow/event/1\n", b"workflow/entry/1\n"
KEY = b"workflow/key/1\n"
SPKI = bytes.fromhex("302a300506032b6570032100")  # what precedes an Ed25519 key in DER
RECEIPT = re.compile(
    r"(?:Reçu\s*:\s*)?(\S+)\s+·\s+n°\s*([1-9][0-9]{0,8})\s+·\s+([0-9a-f]{12,64})"
    r"(?:\s+·\s+(?:point de contrôle\s+([1-9][0-9]{0,17})|en attente de sceau))?"
)
TIME = re.compile(r"Time stamp: (\w{3} [ \d]\d \d\d:\d\d:\d\d)(?:\.\d+)? (\d{4}) GMT")
HEX = re.compile(r"[0-9a-f]*\Z")
HASH, SALT = 32, 16  # bytes
LARGEST = 2**53 - 1  # beyond, programs do not agree on a number
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
PLAIN = {"\u00a0", "\u202f"}  # printed as they are, though Python would not


def main() -> int:
    parser = argparse.ArgumentParser(description="Vérifie un export du journal.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent)
    parser.add_argument("--temoin", type=Path, action="append", default=[])
    parser.add_argument("--autorite", type=Path)  # certificates, rather than ours
    parser.add_argument("--recu", type=receipt, action="append", default=[])
    given = parser.parse_args()
    for stream in (sys.stdout, sys.stderr):
        # Whatever alphabet a terminal has, a verdict reaches it.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        bundle = Bundle(given.folder)
        problems = list(bundle.problems(given.temoin, given.recu))
        problems += in_timestamps(given.folder, given.autorite)
    except (OSError, LookupError, ValueError, TypeError, AttributeError) as error:
        said = shown(f"{type(error).__name__} : {error}")
        print(f"Export illisible : {said}", file=sys.stderr)
        return 2
    except RecursionError:
        print("Export illisible : trop profond", file=sys.stderr)
        return 2
    for problem in problems:
        print(shown(problem), file=sys.stderr)
    print("Export complet." if bundle.is_whole else "Export partiel.")
    print(
        f"Dossiers : {len(bundle.heads)} ; événements : {bundle.events} ; "
        f"inscriptions : {bundle.entries} ; feuilles : {len(bundle.leaves)} ; "
        f"non scellés : {bundle.unsealed} ; effacés : {len(bundle.erased)} ; "
        f"défauts : {len(problems)}."
    )
    for what, act, basis, at in bundle.erased:
        print(shown(f"{what} : effacé le {at} au titre de {basis} ({act})"))
    return 1 if problems else 0


def shown(text: str) -> str:
    """Write what an export says so that it gives no orders to the terminal."""
    return "".join(
        one if one.isprintable() or one in PLAIN else f"\\u{ord(one):04x}"
        for one in text
    )


def rows(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield json.loads(line)


def unhex(text: str, *lengths: int) -> bytes:
    if not HEX.match(text) or (lengths and len(text) // 2 not in lengths):
        raise ValueError(f"pas de l’hexadécimal, ou trop court : {text!r}")
    return bytes.fromhex(text)


def whole(digits: str) -> int:
    number = int(digits)
    if abs(number) > LARGEST:
        raise ValueError(f"un nombre trop grand : {digits}")
    return number


def never(digits: str) -> float:
    raise ValueError(f"pas un nombre entier : {digits}")


READ = json.JSONDecoder(parse_int=whole, parse_float=never, parse_constant=never).decode
WRITE = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":"), sort_keys=True
).encode


def ordered(value: Any) -> Any:
    """Put the names of an object in the order of RFC 8785: by units of UTF-16."""
    if isinstance(value, dict):
        named = sorted(value.items(), key=lambda pair: pair[0].encode("utf-16-be"))
        return {name: ordered(one) for name, one in named}
    return [ordered(one) for one in value] if isinstance(value, list) else value


IN_ORDER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def read(text: str) -> tuple[Any, bool]:
    """Read an object, and tell whether the text is the one of RFC 8785 for it."""
    said = READ(text)
    # Two programs that disagree on a text would not read the same decision in it.
    return said, WRITE(said) == text or IN_ORDER(ordered(said)) == text


def receipt(text: str) -> tuple[str, int, str, int]:
    """Read a receipt; its size is 0 as long as nothing seals it."""
    found = RECEIPT.fullmatch(text.strip())
    if not found:
        raise argparse.ArgumentTypeError(f"pas un reçu : {text}")
    case, seq, start, size = found.groups()
    return case, int(seq), start, int(size or 0)


class Bundle:
    """An export: what it announces, and what was read of it so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        said = json.loads((folder / "export.json").read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            raise ValueError(f"format inconnu : {said['format']}")
        self.origin, self.is_whole = said["origin"], said["whole"]
        self.heads, self.announced = dict(said["cases"]), said["entries"]
        self.period = said["period"]
        with (folder / "leaves.txt").open(encoding="ascii", newline="\n") as lines:
            self.leaves = [unhex(line.rstrip("\n"), HASH) for line in lines]
        self.sealed = set(self.leaves)
        self.covered: dict[int, str] = {}  # rank of a leaf -> what it seals
        self.events = self.entries = self.unsealed = 0
        self.wanted: set[tuple[str, int]] = set()  # the events of the receipts
        self.kept: dict[tuple[str, int], Any] = {}
        self.erased: list[tuple[str, str, str, str]] = []

    def problems(
        self, witnesses: Sequence[Path], receipts: Sequence[tuple[str, int, str, int]]
    ) -> Iterator[str]:
        self.wanted = {(case, seq) for case, seq, _, _ in receipts}
        yield from self.in_trails()
        for case, seq, start, size in receipts:
            yield from self.in_receipt(case, seq, start, size)
        yield from self.in_register()
        keys = list(rows(self.folder / "keys.jsonl"))
        yield from self.in_keys(keys)
        if self.is_whole:
            for index in range(len(self.leaves)):
                if index not in self.covered:
                    yield f"feuille {index} : rien dans l’export ne lui répond."
        yield from self.in_checkpoints(keys, witnesses)

    # The trail of each case

    def in_trails(self) -> Iterator[str]:
        trail: list[Any] = []
        seen: set[str] = set()
        for event in rows(self.folder / "events.jsonl"):
            if trail and trail[0]["case"] != event["case"]:
                yield from self.in_trail(trail, seen)
                trail = []
            trail.append(event)
        if trail:
            yield from self.in_trail(trail, seen)
        for case in self.heads.keys() - seen:
            yield f"{case} : le dossier est annoncé, et absent."

    def in_trail(self, trail: Sequence[Any], seen: set[str]) -> Iterator[str]:
        case, head = trail[0]["case"], b""
        if case in seen:
            yield f"{case} : le dossier est en deux morceaux."
        seen.add(case)
        erasures: dict[int, tuple[int, str, str]] = {}
        for number, event in enumerate(trail, 1):
            said, is_canonical = read(event["body"])
            event["committed"] = said["texts"]
            yield from in_chain(event, said, number, head, is_canonical=is_canonical)
            head = unhex(event["hash"], HASH)
            yield from self.in_leaf(f"{case}/{event['seq']}", event["leaf"], head)
            if (case, event["seq"]) in self.wanted:
                self.kept[case, event["seq"]] = event
            if said["kind"] == "erasure":
                act = event["seq"], said["facts"]["basis"], said["at"]
                # Nobody announces what she will erase of the events to come.
                gone = [seq for seq in said["facts"]["erased"] if seq < number]
                erasures.update(dict.fromkeys(gone, act))
        yield from self.in_texts(case, trail, erasures)
        self.events += len(trail)
        if self.heads.get(case) != [trail[-1]["seq"], trail[-1]["hash"]]:
            yield f"{case} : la fin annoncée du journal n’est pas celle-ci."

    def in_receipt(self, case: str, seq: int, start: str, size: int) -> Iterator[str]:
        event = self.kept.get((case, seq))
        if event is None:
            yield f"reçu {case} n° {seq} : cet événement n’est pas dans l’export."
        elif not event["hash"].startswith(start):
            yield f"reçu {case} n° {seq} : l’événement n’est plus celui du reçu."
        elif size and (event["leaf"] is None or event["leaf"] >= size):
            yield f"reçu {case} n° {seq} : le point {size} ne le scelle pas."

    def in_leaf(self, where: str, index: Any, found: bytes) -> Iterator[str]:
        if index is None:
            self.unsealed += 1
            if found in self.sealed:
                yield f"{where}, leaf : il est scellé, et l’export ne le dit pas."
            return
        if type(index) is not int or not 0 <= index < len(self.leaves):
            yield f"{where}, leaf : il n’y a pas de feuille {index}."
        elif index in self.covered:
            yield f"{where}, leaf : {self.covered[index]} a déjà la feuille {index}."
        else:
            self.covered[index] = where
            if self.leaves[index] != found:
                yield f"{where}, leaf : la feuille {index} n’est pas la sienne."

    def in_texts(
        self,
        case: str,
        trail: Sequence[Any],
        erasures: dict[int, tuple[int, str, str]],
    ) -> Iterator[str]:
        for event in trail:
            where = f"{case}/{event['seq']}"
            if event["text"] is None and event["salt"] is None:
                if event["seq"] not in erasures:
                    yield f"{where}, text : les textes manquent, sans effacement."
                else:
                    act, basis, at = erasures[event["seq"]]
                    self.erased.append((where, f"{case}/{act}", basis, at))
                continue
            yield from in_text(where, event, event["committed"])

    # What is of no case, or came to nothing

    def in_register(self) -> Iterator[str]:
        place, gone = (-1, ""), dict[str, str]()
        erasures: dict[str, tuple[str, str, str]] = {}
        for entry in rows(self.folder / "entries.jsonl"):
            self.entries += 1
            where = f"inscription {self.entries}"
            said, is_canonical = read(entry["body"])
            before, place = place, place_of(entry, len(self.leaves))
            yield from in_entry(where, entry, said, (place > before, is_canonical))
            yield from self.in_leaf(where, entry["leaf"], unhex(entry["hash"], HASH))
            if said["kind"] == "erased":
                act = where, said["facts"]["basis"], said["at"]
                erasures.update(dict.fromkeys(said["facts"].get("entries", ()), act))
            elif not self.concerns(said):
                yield f"{where}, body : elle n’est ni d’un dossier ni de la période."
            if entry["text"] is None and entry["salt"] is None:
                gone[entry["hash"]] = where
        yield from self.in_gone(gone, erasures)
        if self.entries != self.announced:
            yield f"registre : {self.announced} inscriptions sont annoncées."

    def concerns(self, said: Any) -> bool:
        """Tell whether an entry is of a case of the export, or of its period."""
        since, until = self.period or ("", "")
        is_of_a_case = self.is_whole or said["case"] in self.heads
        return is_of_a_case or since <= said["at"] < until

    def in_gone(
        self, gone: dict[str, str], erasures: dict[str, tuple[str, str, str]]
    ) -> Iterator[str]:
        for found, where in gone.items():
            if found in erasures:
                self.erased.append((where, *erasures[found]))
            else:
                yield f"{where}, text : les textes manquent, sans effacement."

    # The log in which they are sealed

    def in_keys(self, keys: Sequence[Any]) -> Iterator[str]:
        previous = None
        for key in keys:
            where, (said, is_canonical) = f"clé {key['verifier']}", read(key["body"])
            if not is_canonical:
                yield f"{where} : sa déclaration n’est pas canonique."
            if said["key"] != key["verifier"] or said["previous"] != previous:
                yield f"{where} : sa déclaration dit autre chose."
            declared = hashlib.sha256(KEY + key["body"].encode()).digest()
            yield from self.in_leaf(where, key["leaf"], declared)
            if key["leaf"] is None:
                yield f"{where} : sa déclaration n’est pas dans le journal."
            previous = key["verifier"]

    def in_checkpoints(
        self, keys: Sequence[Any], witnesses: Sequence[Path]
    ) -> Iterator[str]:
        notes = [row["note"] for row in rows(self.folder / "checkpoints.jsonl")]
        kept = [path.read_text(encoding="utf-8") for path in witnesses]
        wanted = {size_of(note) for note in [*notes, *kept]}
        roots, trusted, size, moment = self.roots(wanted), None, 0, ""
        declared = sorted((key["leaf"] or 0, key["verifier"]) for key in keys)
        for note in notes:
            (before, size), former = (size, size_of(note)), moment
            moment = note.split("\n")[3]
            if size <= before or not MOMENT.fullmatch(moment) or moment < former:
                yield f"point de contrôle {size} : il n’est pas à sa place."
            below = [key for leaf, key in declared if before <= leaf < size]
            trusted = trusted or below[0]
            yield from self.in_note(note, roots.get(size), {trusted, *below}, trusted)
            trusted = below[-1] if below else trusted
        if size != len(self.leaves):
            yield f"point de contrôle {size} : il y a {len(self.leaves)} feuilles."
        if not notes and self.leaves:
            yield "Aucun point de contrôle ne signe les feuilles."
        for note in kept:
            seen = size_of(note)
            text = note.rpartition("\n\n")[0].split("\n")
            if roots.get(seen) is None or text[2] != encoded(roots[seen]):
                yield f"témoin de {seen} feuilles : ce n’est pas ce qu’il a vu."

    def roots(self, sizes: Collection[int]) -> dict[int, bytes]:
        """Return the root of the tree at each of these sizes (RFC 9162, 2.1)."""
        found: dict[int, bytes] = {}
        peaks: list[bytes] = []
        for count, entry in enumerate(self.leaves, 1):
            grown, below = hashlib.sha256(b"\0" + entry).digest(), count - 1
            while below & 1:
                grown = hashlib.sha256(b"\1" + peaks.pop() + grown).digest()
                below >>= 1
            peaks.append(grown)
            if count in sizes:
                root = peaks[-1]
                for peak in reversed(peaks[:-1]):
                    root = hashlib.sha256(b"\1" + peak + root).digest()
                found[count] = root
        return found

    def in_note(
        self, note: str, root: bytes | None, known: Collection[str], trusted: str
    ) -> Iterator[str]:
        text, _, lines = note.rpartition("\n\n")
        where = f"point de contrôle {size_of(note)}"
        said = text.split("\n")
        expected = root and [self.origin, str(size_of(note)), encoded(root)]
        if said[:-1] != expected:
            yield f"{where} : les feuilles donnent une autre racine."
        vouching: set[str] = set()
        for line in lines.rstrip("\n").split("\n"):
            signed = [key for key in known if is_signed(text + "\n", line, key)]
            if not signed:
                yield f"{where} : une signature est fausse."
            vouching.update(signed)
        if trusted not in vouching:
            yield f"{where} : la clé du moment ne l’a pas signé."


def in_chain(
    event: Any, said: Any, number: int, head: bytes, *, is_canonical: bool
) -> Iterator[str]:
    """Find where an event is not the next one of its case."""
    where, body = f"{event['case']}/{event['seq']}", event["body"]
    previous = unhex(event["previous_hash"], 0, HASH)
    if type(event["seq"]) is not int or event["seq"] != number:
        yield f"{where} : l’événement {number} manque."
    if previous != head:
        yield f"{where}, previous_hash : la chaîne est rompue."
    found = hashlib.sha256(EVENT + previous + body.encode()).hexdigest()
    if found != event["hash"]:
        yield f"{where}, hash : le corps a été modifié."
    if said["case"] != event["case"] or f"{said['seq']}" != f"{event['seq']}":
        yield f"{where}, body : il est d’un autre événement."
    if not is_canonical:
        yield f"{where}, body : il n’est pas canonique."


def place_of(entry: Any, end: int) -> tuple[int, str]:
    """Return what entries are in the order of: leaves, then hashes of what has none."""
    return (end if entry["leaf"] is None else entry["leaf"], entry["hash"])


def in_entry(
    where: str, entry: Any, said: Any, is_well: tuple[bool, bool]
) -> Iterator[str]:
    """Find where an entry of the register is not what was hashed."""
    is_next, is_canonical = is_well
    if not is_next:
        yield f"{where} : elle n’est pas à sa place."
    if not is_canonical:
        yield f"{where}, body : il n’est pas canonique."
    found = hashlib.sha256(ENTRY + entry["body"].encode()).hexdigest()
    if found != entry["hash"]:
        yield f"{where}, hash : le corps a été modifié."
    if entry["text"] is not None or entry["salt"] is not None:
        yield from in_text(where, entry, said["texts"])


def in_text(where: str, line: Any, committed: str) -> Iterator[str]:
    """Find where detached texts are not what was hashed."""
    salt, text = unhex(line["salt"], SALT), line["text"]
    if hashlib.sha256(salt + text.encode()).hexdigest() != committed:
        yield f"{where}, text : les textes ont été modifiés."
    elif not read(text)[1]:
        yield f"{where}, text : ils ne sont pas canoniques."


def size_of(note: str) -> int:
    text, cut, lines = note.rpartition("\n\n")
    size = text.split("\n")[1]
    if not cut or not lines.endswith("\n") or not re.fullmatch(r"[1-9][0-9]*", size):
        raise ValueError("un point de contrôle est illisible")
    return int(size)


def encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()


def is_signed(text: str, line: str, key: str) -> bool:
    """Ask openssl whether a line of a note is the signature of a key."""
    name, key_id, written = key.split("+", 2)
    mark, signer, signed = line.split(" ")
    public = base64.b64decode(written, validate=True)
    signature = base64.b64decode(signed, validate=True)
    named = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    if (mark, signer, signature[:4].hex()) != ("\u2014", name, key_id):
        return False
    if public[:1] != b"\1" or len(public) != 33 or named.hex() != key_id:
        return False
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "key").write_bytes(SPKI + public[1:])
        (place / "text").write_bytes(text.encode())
        (place / "signature").write_bytes(signature[4:])
        asked = "openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey key -in text"
        done = subprocess.run(
            [*asked.split(), "-sigfile", "signature"],
            cwd=place,
            capture_output=True,
            check=False,
        )
    return done.returncode == 0


def in_timestamps(folder: Path, authority: Path | None) -> Iterator[str]:
    """Ask openssl whether the timestamps are of the checkpoints (RFC 3161)."""
    lines = rows(folder / "checkpoints.jsonl")
    notes = {size_of(line["note"]): line["note"] for line in lines}
    for token in sorted((folder / "timestamps").glob("*.tsr")):
        where, note = f"horodatage {token.stem}", token.with_suffix(".note")
        if notes.get(int(token.stem)) != note.read_bytes().decode():
            yield f"{where} : il est d’un autre point de contrôle."
        said = openssl("ts", "-reply", "-in", token, "-text").stdout.decode()
        found = TIME.search(said)
        if not found:
            yield f"{where} : il est illisible."
            continue
        at = datetime.strptime(f"{found[1]} {found[2]} +0000", "%b %d %H:%M:%S %Y %z")
        trusted = authority or token.with_suffix(".pem")
        moment = ("-attime", str(int(at.timestamp())))  # certificates end, not proofs
        asked = ("ts", "-verify", "-in", token, "-data", note, "-CAfile", trusted)
        if openssl(*asked, *moment).returncode:
            yield f"{where} : l’autorité ne l’a pas signé."


def openssl(*asked: str | Path) -> subprocess.CompletedProcess[bytes]:
    command = ["openssl", *map(str, asked)]
    return subprocess.run(command, capture_output=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
