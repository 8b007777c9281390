"""Have an authority attest when a checkpoint existed, and check it (RFC 3161)."""

import datetime
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import rfc3161_client
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerifierBuilder

from workflow.models import Checkpoint, Timestamp

LARGEST = 64 * 1024  # of an answer
WAIT = 20.0  # seconds
EARLY = datetime.timedelta(minutes=5)
"""How far the clock of an authority may be behind that of the sealer."""


class TimestampRefused(Exception):
    """The authority did not answer, or answered something else."""


def ask(checkpoint: Checkpoint) -> Timestamp:
    """
    Have the authority of the settings timestamp a checkpoint; nothing is saved.

    :raises TimestampRefused: if it does not, or if its answer does not verify
    :raises ImproperlyConfigured: if it is not an address of the web, or unknown
    """
    note = checkpoint.note.encode()
    wanted = TimestampRequestBuilder().data(note).hash_algorithm(HashAlgorithm.SHA256)
    request = wanted.build()
    certificates = trusted()
    try:
        token = _sent(request.as_bytes())
        answer = rfc3161_client.decode_timestamp_response(token)
        verifier = _verifier(certificates, VerifierBuilder.from_request(request))
        verifier.verify_message(answer, note)
    except (OSError, ValueError, rfc3161_client.VerificationError) as error:
        raise TimestampRefused(f"{type(error).__name__}: {error}") from error
    return Timestamp(
        checkpoint=checkpoint,
        token=token,
        authority=_pem(certificates),
        at=answer.tst_info.gen_time,
    )


def trusted() -> list[x509.Certificate]:
    """
    Return the certificates of the authorities that the settings trust.

    :raises ImproperlyConfigured: if there are none
    """
    if not settings.TIMESTAMP_CERTIFICATES:
        raise ImproperlyConfigured("TIMESTAMP_CERTIFICATES : l’autorité est inconnue.")
    pem = Path(settings.TIMESTAMP_CERTIFICATES).read_bytes()
    return x509.load_pem_x509_certificates(pem)


def problems() -> Iterator[str]:
    """Find the timestamps that do not say that their checkpoint existed."""
    try:
        known = trusted() if settings.TIMESTAMP_CERTIFICATES else None
    except (OSError, ValueError) as error:
        yield f"TIMESTAMP_CERTIFICATES : les certificats sont illisibles ({error})."
        return
    found = Timestamp.objects.select_related("checkpoint").order_by("checkpoint")
    for timestamp in found.iterator():
        where = f"workflow_timestamp {timestamp.checkpoint_id}, colonne"
        try:
            said = _verified(timestamp, known)
        except (ValueError, rfc3161_client.VerificationError) as error:
            yield f"{where} token : l’horodatage est faux ({error})."
            continue
        if said != timestamp.at:
            yield f"{where} at : elle contredit l’horodatage."
        if said < timestamp.checkpoint.at - EARLY:
            yield f"{where} token : il précède le point de contrôle."


def _verified(
    timestamp: Timestamp, known: Sequence[x509.Certificate] | None
) -> datetime.datetime:
    """
    Return the moment that a token attests.

    :raises VerificationError: if it attests nothing of its checkpoint
    :raises ValueError: if it cannot be read
    """
    if known is None:
        known = x509.load_pem_x509_certificates(timestamp.authority.encode())
    answer = rfc3161_client.decode_timestamp_response(bytes(timestamp.token))
    verifier = _verifier(known, VerifierBuilder())
    verifier.verify_message(answer, timestamp.checkpoint.note.encode())
    return answer.tst_info.gen_time


def _verifier(
    certificates: Sequence[x509.Certificate], builder: VerifierBuilder
) -> rfc3161_client.Verifier:
    for one in certificates:
        if one.issuer == one.subject:
            builder = builder.add_root_certificate(one)
        else:
            builder = builder.add_intermediate_certificate(one)
    return builder.build()


def _sent(request: bytes) -> bytes:
    url = str(settings.TIMESTAMP_URL)
    if not url.startswith(("https://", "http://")):
        raise ImproperlyConfigured("TIMESTAMP_URL : une adresse du Web.")
    asked = urllib.request.Request(  # noqa: S310 – the address was looked at
        url, request, {"Content-Type": "application/timestamp-query"}
    )
    with urllib.request.urlopen(asked, timeout=WAIT) as answer:  # noqa: S310
        content: bytes = answer.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError("answer too long")
    return content


def _pem(certificates: Sequence[x509.Certificate]) -> str:
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in certificates)
