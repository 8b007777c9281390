"""The documents of an operation, and those a service has asked for."""

import uuid

from django.conf import settings
from django.db import models

from flows.stages import Stage
from workflow.models import Unit


class DocumentKind(models.TextChoices):
    DELIBERATION = "deliberation", "Délibération approuvant l’opération"
    QUOTES = "quotes", "Devis ou estimation des travaux"
    SCHEDULE = "schedule", "Calendrier prévisionnel"
    URBAN_STUDY = "urban_study", "Étude urbaine"
    WAIVER = "waiver", "Dérogation de commencement anticipé"
    REPORT = "report", "Rapport ou avis"
    ACT = "act", "Acte ou décision"
    COMPLETION = "completion", "Attestation d’achèvement"
    PHOTO = "photo", "Photographie"
    OTHER = "other", "Autre pièce"


_REQUIRED = {
    Stage.PROPOSAL: (
        DocumentKind.DELIBERATION,
        DocumentKind.QUOTES,
        DocumentKind.SCHEDULE,
    ),
    Stage.DELIVERY: (DocumentKind.COMPLETION,),
}


def required_documents(stage: str) -> tuple[DocumentKind, ...]:
    """Return the documents without which an operation does not leave a stage."""
    return _REQUIRED.get(Stage(stage), ())


def _storage_name(document: "Filed", filename: str) -> str:
    """Store under a name that tells nothing: the given one is kept beside it."""
    return f"documents/{uuid.uuid4()}"


class Filed(models.Model):
    """A file that was received, and is known by its SHA-256."""

    title = models.CharField("titre", max_length=200)
    file = models.FileField("fichier", upload_to=_storage_name)
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
        abstract = True

    def __str__(self) -> str:
        return self.title

    @property
    def noted(self) -> dict[str, str]:
        """What the trail keeps of it in clear; its names are kept apart."""
        return {"sha256": self.sha256, "size": str(self.size)}


class Document(Filed):
    """A file joined to an operation."""

    operation = models.ForeignKey(
        "operations.Operation",
        models.PROTECT,
        related_name="documents",
        verbose_name="opération",
    )
    kind = models.CharField("nature", max_length=20, choices=DocumentKind.choices)
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="pour",
    )

    class Meta:
        verbose_name = "pièce"


class RequestedDocument(models.Model):
    """A document that the lead service asked for, and the one that answers it."""

    operation = models.ForeignKey(
        "operations.Operation",
        models.PROTECT,
        related_name="requested_documents",
        verbose_name="opération",
    )
    label = models.CharField("pièce demandée", max_length=300)
    asked_on = models.DateField("demandée le")
    document = models.ForeignKey(
        Document,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="answers",
        verbose_name="pièce fournie",
    )

    class Meta:
        verbose_name = "pièce demandée"

    def __str__(self) -> str:
        return self.label
