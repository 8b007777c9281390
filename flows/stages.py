"""The stages of the pipeline, which every procedure of an operation shares."""

from django.db.models import TextChoices


class Stage(TextChoices):
    PROPOSAL = "proposal", "Proposition"
    COMMITTEE = "committee", "Comité d’arrondissement"
    COPIL = "copil", "COPIL"
    FUNDING = "funding", "Financement"
    DELIVERY = "delivery", "Réalisation"
    END = "end", "Terminée"
    ASIDE = "aside", "Suspendue"
