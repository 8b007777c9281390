"""The columns of a grant."""

from typing import Any

from django.db import models

from erbm.funding.models import Line, Scheme
from erbm.operations.models import Operation
from erbm.programme.models import Envelope, SchemeRule
from workflow.models import Subject, Unit


class ActKind(models.TextChoices):
    ORDER = "order", "Arrêté attributif"
    AGREEMENT = "agreement", "Convention attributive"


def _cents(label: str) -> Any:
    return models.BigIntegerField(label, default=0)


def _day(label: str) -> Any:
    return models.DateField(label, null=True, blank=True)


class Columns(Subject):
    """
    What one funder gives to one operation.

    - `line`: its line in the financing plan, as long as it may still be paid;
    - `rule`: the version of the rules of the scheme under which it was asked for;
    - `rate`: in hundredths of one per cent of the basis, `basis_cents`;
    - `due_cents`: what is owed in the end, once the service is certified;
    - `planned_end_on`: the day of completion that the act gives;
    - `deadline_on`: the last day to start, then to finish;
    - `decision_due_on`: the day from which the silence of the service means something.
    """

    operation = models.ForeignKey(
        Operation, models.PROTECT, related_name="grants", verbose_name="opération"
    )
    line = models.OneToOneField(
        Line,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="grant",
        verbose_name="ligne du plan",
    )
    scheme = models.CharField("dispositif", max_length=20, choices=Scheme.choices)
    year = models.PositiveSmallIntegerField("exercice")
    rule = models.ForeignKey(
        SchemeRule, models.PROTECT, related_name="+", verbose_name="règles appliquées"
    )
    funder = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name="financeur"
    )
    owner = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name="bénéficiaire"
    )
    envelope = models.ForeignKey(
        Envelope,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="enveloppe",
    )

    requested_cents = _cents("montant demandé en centimes")
    programmed_cents = _cents("montant programmé en centimes")
    award_cents = _cents("montant attribué en centimes")
    basis_cents = _cents("dépense subventionnable en centimes")
    rate = models.PositiveIntegerField("taux en centièmes de pour cent", default=0)
    spent_cents = _cents("dépense déclarée en centimes")
    real_cost_cents = _cents("dépense retenue en centimes")
    due_cents = _cents("total dû en centimes")
    repayment_cents = _cents("reversement demandé en centimes")

    act_kind = models.CharField(
        "forme de l’acte",
        max_length=20,
        choices=ActKind.choices,
        default=ActKind.ORDER,
    )
    purpose = models.TextField("objet", blank=True)
    planned_start_on = _day("commencement prévu le")
    planned_end_on = _day("achèvement prévu le")
    payment_terms = models.TextField("modalités de versement", blank=True)
    repayment_terms = models.TextField("clause de reversement", blank=True)
    appeal_terms = models.TextField("voies et délais de recours", blank=True)
    act_reference = models.CharField("référence de l’acte", max_length=300, blank=True)
    signed_on = _day("signée le")
    notified_on = _day("notifiée le")
    proof_kind = models.CharField("preuve de notification", max_length=20, blank=True)
    proof = models.CharField("référence de la preuve", max_length=300, blank=True)
    ej_number = models.CharField("numéro d’EJ", max_length=40, blank=True)

    early_start = models.CharField("commencement anticipé", max_length=20, blank=True)
    received_on = models.DateField("demande reçue le")
    documents_due_on = _day("pièces attendues le")
    documents_asked_on = _day("pièces demandées le")
    completeness_due_on = _day("complétude, dernier jour")
    complete_on = _day("complète le")
    is_deemed_complete = models.BooleanField("réputée complète", default=False)
    decision_due_on = _day("décision attendue le")
    started_on = _day("commencée le")
    completed_on = _day("achevée le")
    settled_on = _day("soldée le")
    closed_on = _day("clôturée le")
    repaid_on = _day("reversée le")
    deadline_on = _day("délai en cours")
    is_extended = models.BooleanField("délai prorogé", default=False)
    balance_due_on = _day("solde à demander avant le")
    hearing_about = models.CharField("mesure proposée", max_length=20, blank=True)
    hearing_until = _day("observations attendues le")
    observed_on = _day("observations reçues le")

    class Meta:
        abstract = True
