"""What an error means, in French, for whoever must do something about it."""

import smtplib
import socket

from django.db import DatabaseError

LONGEST = 500
SENTENCES: tuple[tuple[type[BaseException], str], ...] = (
    (
        smtplib.SMTPRecipientsRefused,
        "Le serveur de courriel refuse l’adresse du destinataire.",
    ),
    (
        smtplib.SMTPSenderRefused,
        "Le serveur de courriel refuse l’adresse de l’expéditeur.",
    ),
    (
        smtplib.SMTPAuthenticationError,
        "Le serveur de courriel refuse l’identifiant de l’application.",
    ),
    (
        smtplib.SMTPServerDisconnected,
        "Le serveur de courriel a coupé la liaison.",
    ),
    (smtplib.SMTPException, "Le serveur de courriel a refusé le message."),
    (TimeoutError, "Le service appelé n’a pas répondu à temps."),
    (socket.gaierror, "L’adresse du service appelé est introuvable."),
    (ConnectionRefusedError, "Le service appelé refuse la liaison."),
    (ConnectionError, "La liaison avec le service appelé a été coupée."),
    (DatabaseError, "La base de données n’a pas pu répondre."),
    (OSError, "Une ressource du système n’a pas répondu."),
)
"""The first of these kinds to which an error belongs says what happened."""

OTHERWISE = "Une erreur du logiciel l’a empêché."

WITH_ADDRESSES = (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused)
"""Of what says whom one wrote to, only the kind is kept."""


def reason_of(error: BaseException) -> str:
    """
    Say in French why something failed, then the kind of the error and its sentence.

    Its frames are left out: they may hold secrets and personal data.
    """
    said = next((s for kind, s in SENTENCES if isinstance(error, kind)), OTHERWISE)
    detail = type(error).__name__
    if not isinstance(error, WITH_ADDRESSES) and (words := str(error)):
        detail = f"{detail} : {words}"
    return f"{said} ({detail})"[:LONGEST]
