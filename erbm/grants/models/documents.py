"""The documents of a grant and of its payments, and those that a service asked for."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class DocumentKind(models.TextChoices):
    DELIBERATION = "deliberation", "Délibération ou décision du porteur"
    QUOTES = "quotes", "Devis ou marché"
    ACT = "act", "Acte attributif signé"
    PROOF = "proof", "Preuve de notification"
    START = "start", "Premier acte juridique"
    INVOICES = "invoices", "Factures acquittées"
    STATEMENT = "statement", "État récapitulatif des dépenses"
    COMPLETION = "completion", "Attestation d’achèvement"
    OBSERVATIONS = "observations", "Observations du bénéficiaire"
    OTHER = "other", "Autre pièce"


def storage_name(document: "GrantDocument", filename: str) -> str:
    """Store under a name that tells nothing: the given one is kept beside it."""
    return f"documents/{uuid.uuid4()}"


class GrantDocument(models.Model):
    """A file joined to a grant, or to one of its payments, known by its SHA-256."""

    grant = models.ForeignKey(
        "grants.Grant",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name="subvention",
    )
    payment = models.ForeignKey(
        "grants.Payment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name="paiement",
    )
    kind = models.CharField("nature", max_length=20, choices=DocumentKind.choices)
    title = models.CharField("titre", max_length=200)
    file = models.FileField("fichier", upload_to=storage_name)
    filename = models.CharField("nom du fichier", max_length=200)
    content_type = models.CharField("type", max_length=100)
    size = models.PositiveIntegerField("taille en octets")
    sha256 = models.CharField("empreinte SHA-256", max_length=64)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name="jointe par",
    )
    added_at = models.DateTimeField("jointe le")

    class Meta:
        verbose_name = "pièce de subvention"
        verbose_name_plural = "pièces de subvention"
        constraints = [
            models.CheckConstraint(
                name="grant_document_belongs_to_one_case",
                condition=Q(grant=None, payment__isnull=False)
                | Q(grant__isnull=False, payment=None),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class RequestedPiece(models.Model):
    """A document that the service asked for, and the one that answers it."""

    grant = models.ForeignKey(
        "grants.Grant",
        models.PROTECT,
        related_name="requested_pieces",
        verbose_name="subvention",
    )
    label = models.CharField("pièce demandée", max_length=300)
    asked_on = models.DateField("demandée le")
    document = models.ForeignKey(
        GrantDocument,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="answers",
        verbose_name="pièce fournie",
    )

    class Meta:
        verbose_name = "pièce demandée"
        verbose_name_plural = "pièces demandées"

    def __str__(self) -> str:
        return self.label
