"""The register: what happened outside the chain of a case, or came to nothing."""

from typing import Any

from django.conf import settings
from django.db import models

from workflow.models.cases import Case
from workflow.models.trail import AppendOnly


class EntryKind(models.TextChoices):
    """What the register keeps; the column has no choices: a kind is no migration."""

    SIGNED_IN = "signed_in", "connexion"
    SIGNED_OUT = "signed_out", "déconnexion"
    SIGN_IN_FAILED = "sign_in_failed", "connexion refusée"
    MOVE_REFUSED = "move_refused", "geste refusé"
    TRAIL_EXPORTED = "trail_exported", "journal exporté"
    DOSSIER_TAKEN = "dossier_taken", "dossier tiré"
    AUDIT_SEEN = "audit_seen", "journal consulté par l’audit"
    LIST_EXPORTED = "list_exported", "liste exportée"
    INSPECTED = "inspected", "contrôle demandé"
    SUBSTITUTION_SET = "substitution_set", "suppléance fixée"
    SUBSTITUTION_REVOKED = "substitution_revoked", "suppléance révoquée"
    CONFIGURED = "configured", "réglage modifié"
    ERASED = "erased", "personne effacée"
    KEY_ROTATED = "key_rotated", "clé de scellement remplacée"
    HARDENED = "hardened", "droits de la base posés"
    VERIFIED = "verified", "vérification demandée"
    RESTITUTION_RECEIVED = "restitution_received", "restitution comptable versée"
    DIFFERENCE_ANSWERED = "difference_answered", "écart comptable traité"
    LETTER_SENT = "letter_sent", "courrier envoyé"


class Entry(models.Model):
    """One line of the register; it has no chain, and is sealed in the log of events.

    `body` is the RFC 8785 text that is hashed; the other columns repeat what is
    searched for, and the verification compares them with it.
    """

    kind = models.CharField("nature", max_length=30)
    at = models.DateTimeField("moment", db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name="auteur",
    )
    case = models.ForeignKey(
        Case,
        models.PROTECT,
        null=True,
        related_name="entries",
        verbose_name="dossier",
    )
    body = models.TextField("corps")
    hash = models.BinaryField("empreinte", max_length=32, unique=True)

    class Meta:
        verbose_name = "inscription au registre"
        verbose_name_plural = "inscriptions au registre"
        indexes = [
            models.Index(fields=["actor", "at"], name="entry_by_actor"),
            models.Index(fields=["kind", "at", "id"], name="entry_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly(str(self))
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnly(str(self))

    @property
    def label(self) -> str:
        """What its kind is called."""
        return str(EntryKind(self.kind).label)


class EntryText(models.Model):
    """The names and free texts of an entry, apart like those of an event."""

    entry = models.OneToOneField(
        Entry, models.PROTECT, primary_key=True, related_name="text"
    )
    salt = models.BinaryField("sel", max_length=16)
    text = models.TextField("textes")

    class Meta:
        verbose_name = "textes d’une inscription"

    def __str__(self) -> str:
        return f"textes de {self.entry_id}"
