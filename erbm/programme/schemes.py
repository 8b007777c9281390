"""The schemes under which an operation is paid for."""

from django.db import models


class Scheme(models.TextChoices):
    DETR = "detr", "DETR"
    DSIL = "dsil", "DSIL"
    DSID = "dsid", "DSID"
    FNADT = "fnadt", "FNADT"
    HOUSING = "housing", "Aides à la pierre (programme 135)"
    REGION = "region", "Région"
    DEPARTEMENT = "departement", "Département"
    EPCI = "epci", "EPCI"
    FEDER = "feder", "FEDER"
    FTJ = "ftj", "FTJ"
    OPERATOR = "operator", "Opérateur de l’État"
    OTHER = "other", "Autre financeur"
    OWN = "own", "Fonds propres et emprunts du porteur"


GRANTED = tuple(scheme for scheme in Scheme if scheme != Scheme.OWN)
"""Those under which somebody else than the owner pays."""
GRANTED_CHOICES = [(scheme.value, scheme.label) for scheme in GRANTED]
