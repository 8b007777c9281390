"""Signed notes, as C2SP specifies them: a short text, and who vouches for it."""

import base64
import datetime
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from workflow.trail import canonical

ED25519 = b"\x01"
DASH = "\u2014"


class NotANote(ValueError):
    """A text is not a signed note, or not that of a checkpoint."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key and the name it signs under."""

    name: str
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        named = self.name.encode() + b"\n" + ED25519 + self.public_key
        return hashlib.sha256(named).digest()[:4]

    def __str__(self) -> str:
        """Write it as C2SP does: name, identifier and key on one line."""
        return f"{self.name}+{self.key_id.hex()}+{_encoded(ED25519 + self.public_key)}"

    @classmethod
    def of(cls, text: str) -> "Verifier":
        """
        Read it.

        :raises NotANote: if it is not one, or if its identifier is not its own
        """
        try:
            name, key_id, encoded = text.split("+", 2)
            key = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise NotANote(text) from error
        verifier = cls(name, key[1:])
        if key[:1] != ED25519 or len(key) != 33 or verifier.key_id.hex() != key_id:
            raise NotANote(text)
        return verifier

    def vouches(self, note: "Note") -> bool:
        """Tell whether this key signed a note."""
        key = Ed25519PublicKey.from_public_bytes(self.public_key)
        for name, key_id, signature in note.signatures:
            if (name, key_id) == (self.name, self.key_id):
                try:
                    key.verify(signature, note.text.encode())
                except InvalidSignature:
                    return False
                return True
        return False


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key and the name it signs under: only the sealer has one."""

    name: str
    key: Ed25519PrivateKey

    @classmethod
    def of_pem(cls, name: str, pem: bytes) -> "Signer":
        """
        Read it from a PEM text, as openssl writes it.

        :raises NotANote: if it holds a key of another kind
        """
        key = load_pem_private_key(pem, password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise NotANote("la clé n’est pas une clé Ed25519")
        return cls(name, key)

    @staticmethod
    def new_pem() -> bytes:
        """Return the PEM text of a new key."""
        return Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, self.key.public_key().public_bytes_raw())

    def signature(self, text: str) -> str:
        """Return the line that vouches for a text."""
        signed = self.verifier.key_id + self.key.sign(text.encode())
        return f"{DASH} {self.name} {_encoded(signed)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A signed note that was read: its text, and each signature as it stands."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    @classmethod
    def of(cls, note: str) -> "Note":
        """
        Read it.

        :raises NotANote: if it is not one
        """
        text, cut, lines = note.rpartition("\n\n")
        if not cut or not lines.endswith("\n"):
            raise NotANote(note)
        return cls(text + "\n", tuple(map(_signature, lines[:-1].split("\n"))))

    @property
    def checkpoint(self) -> tuple[str, int, bytes]:
        """
        The origin, the size and the root that it tells.

        :raises NotANote: if it tells something else
        """
        try:
            origin, size, root, *_ = self.text.split("\n")
            return origin, int(size), base64.b64decode(root, validate=True)
        except ValueError as error:
            raise NotANote(self.text) from error


def _signature(line: str) -> tuple[str, bytes, bytes]:
    try:
        dash, name, encoded = line.split(" ")
        signed = base64.b64decode(encoded, validate=True)
    except ValueError as error:
        raise NotANote(line) from error
    if dash != DASH:
        raise NotANote(line)
    return name, signed[:4], signed[4:]


def checkpoint(origin: str, size: int, root: bytes, at: datetime.datetime) -> str:
    """Write what a checkpoint says, before anybody signs it."""
    return f"{origin}\n{size}\n{_encoded(root)}\n{canonical.moment(at)}\n"


def signed(text: str, signers: Iterable[Signer]) -> str:
    """Return a note that these vouch for."""
    return f"{text}\n{''.join(signer.signature(text) for signer in signers)}"


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()
