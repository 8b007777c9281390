"""Whoever must mend something reads in French what went wrong."""

import smtplib
import socket

import pytest
from django.db import OperationalError

from workflow.failures import LONGEST, OTHERWISE, SENTENCES, reason_of

ERRORS = [
    (smtplib.SMTPServerDisconnected("closed"), "a coupé la liaison"),
    (smtplib.SMTPDataError(554, b"no"), "a refusé le message"),
    (smtplib.SMTPAuthenticationError(535, b"no"), "l’identifiant de l’application"),
    (TimeoutError("timed out"), "à temps"),
    (ConnectionRefusedError(111, "Connection refused"), "refuse la liaison"),
    (ConnectionResetError(104, "reset"), "a été coupée"),
    (socket.gaierror(-2, "Name or service not known"), "introuvable"),
    (OperationalError("server closed"), "La base de données"),
    (PermissionError("/var"), "Une ressource du système"),
    (KeyError("gone"), OTHERWISE),
]


@pytest.mark.parametrize(("error", "words"), ERRORS, ids=lambda one: type(one).__name__)
def test_it_is_said_in_french_before_the_words_of_the_machine(error, words):
    said, _, detail = reason_of(error).partition(" (")

    assert words in said
    assert detail == f"{type(error).__name__} : {error})"


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({"rose@example.org": (550, b"unknown")}),
        smtplib.SMTPSenderRefused(501, b"bad", "rose@example.org"),
    ],
)
def test_nobody_s_address_is_kept(error):
    said = reason_of(error)

    assert "rose" not in said
    assert said.endswith(f"({type(error).__name__})")


def test_an_error_that_says_nothing_is_named():
    assert reason_of(ValueError()) == f"{OTHERWISE} (ValueError)"


def test_it_is_not_endless():
    assert len(reason_of(ValueError("a" * 10_000))) == LONGEST


def test_the_most_precise_kind_comes_first():
    kinds = [kind for kind, _ in SENTENCES]
    for place, kind in enumerate(kinds):
        assert not any(issubclass(later, kind) for later in kinds[place + 1 :])
