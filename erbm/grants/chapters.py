"""What the dossiers of a grant and of a payment tell: act, dates, EJ, files."""

from collections.abc import Iterator, Sequence

from django.template.defaultfilters import filesizeformat

from erbm import words
from erbm.cases import journal
from erbm.cases.chapters import Chapters, Piece, stages
from erbm.grants import acts
from erbm.grants.models import Grant, GrantDocument
from erbm.grants.queries import GrantSheet, PaymentSheet
from erbm.printing import Document, Facts, Section, Table
from erbm.tables import Euros
from erbm.tables import Table as Rows
from erbm.words import day, money

PAYMENTS = {
    "Référence": 18,
    "Nature": 14,
    "État": 18,
    "Montant (€)": 18,
    "Demandé le": 14,
    "Certifié le": 14,
    "Payé le": 14,
    "Paiement": 24,
}


class GrantChapters(Chapters):
    """The chapters of a grant."""

    summary = "montants, acte, EJ, dates, paiements"
    annex = ("paiements",)

    def essentials(self, sheet: GrantSheet) -> Iterator[tuple[str, str]]:
        grant = sheet.grant
        yield "Opération", grant.operation.case.reference
        yield "Dispositif", f"{grant.get_scheme_display()}, exercice {grant.year}"
        yield "Financeur", grant.funder.name
        yield "Bénéficiaire", grant.owner.name
        if grant.envelope:
            yield "Enveloppe", str(grant.envelope)
        yield "Demandé", money(grant.requested_cents)
        yield from _decided(grant)
        yield from ((label, day(one)) for label, one in sheet.dates)

    def sections(self, sheet: GrantSheet) -> Iterator[Section]:
        yield Section("Étapes", [Facts(list(stages(sheet)))])
        if sheet.payments:
            yield Section("Paiements", [_payments(sheet)])

    def tables(self, sheet: GrantSheet) -> Iterator[Rows]:
        rows = [
            (
                *(one.case.reference, str(one.get_kind_display()), one.state_label),
                *(Euros(one.amount_cents), one.requested_on, one.certified_on),
                *(one.paid_on, one.payment_reference),
            )
            for one in sheet.payments
        ]
        yield Rows("Paiements", [*PAYMENTS], rows, [*PAYMENTS.values()])

    def pieces(self, sheet: GrantSheet) -> Sequence[Piece]:
        sent = sheet.acknowledgement
        receipt = []
        if sent is not None:
            about = f"envoyé par courriel le {words.moment(sent.sent_at)}"
            receipt.append(
                Piece(
                    title="Accusé de réception",
                    filename="accuse-de-reception.pdf",
                    about=about,
                    sha256=sent.sha256,
                    size=sent.file.size if sent.is_kept else 0,
                    file=sent.file,
                )
            )
        return [*receipt, *_joined(sheet.documents)]

    def papers(self, sheet: GrantSheet) -> Iterator[tuple[str, Document]]:
        grant = sheet.grant
        if grant.signed_on:
            yield "acte.pdf", acts.act(grant, by=sheet.by, at=sheet.at)
            yield "notification.pdf", acts.notification(grant, by=sheet.by, at=sheet.at)


def _decided(grant: Grant) -> Iterator[tuple[str, str]]:
    if grant.signed_on:
        yield "Acte", f"{grant.act_reference}, signé le {day(grant.signed_on)}"
    if grant.notified_on:
        yield "Preuve de notification", f"{acts.proof_label(grant)}, {grant.proof}"
    if grant.ej_number:
        yield "EJ", grant.ej_number
    if grant.deadline_on:
        yield "Délai en cours", day(grant.deadline_on)
    known = {
        "Programmé": grant.programmed_cents,
        "Attribué": grant.award_cents if grant.signed_on else 0,
        "Payé": grant.paid_cents,
        "Total dû": grant.due_cents,
        "Reversement demandé": grant.repayment_cents,
    }
    yield from ((label, money(cents)) for label, cents in known.items() if cents)


def _payments(sheet: GrantSheet) -> Table:
    return Table(
        head=["Paiement", "Nature", "État", "Montant", "Payé le"],
        rows=[
            [
                one.case.reference,
                str(one.get_kind_display()),
                one.state_label,
                money(one.amount_cents),
                day(one.paid_on) if one.paid_on else journal.NOTHING,
            ]
            for one in sheet.payments
        ],
        widths=[4, 3, 4, 4, 4],
        numbers=[3],
    )


class PaymentChapters(Chapters):
    """The chapters of a payment."""

    summary = "montant, dates, étapes"

    def essentials(self, sheet: PaymentSheet) -> Iterator[tuple[str, str]]:
        payment = sheet.payment
        yield "Subvention", payment.grant.case.reference
        yield "Nature", str(payment.get_kind_display())
        if payment.spent_cents:
            yield "Dépense justifiée", money(payment.spent_cents)
        known = {
            "Demandé le": payment.requested_on,
            "Certifié le": payment.certified_on,
            "Payé le": payment.paid_on,
        }
        yield from ((label, day(one)) for label, one in known.items() if one)
        if payment.payment_reference:
            yield "Référence du paiement", payment.payment_reference
        if payment.grant.ej_number:
            yield "EJ", payment.grant.ej_number

    def pieces(self, sheet: PaymentSheet) -> Sequence[Piece]:
        return _joined(sheet.documents)


def _joined(documents: Sequence[GrantDocument]) -> list[Piece]:
    """Return documents in the order in which they were joined."""
    return [
        Piece(
            title=one.title,
            filename=one.filename,
            about=f"{one.get_kind_display()}, jointe le {day(one.added_at)} par "
            f"{one.added_by}, {filesizeformat(one.size)}",
            sha256=one.sha256,
            size=one.size,
            file=one.file,
        )
        for one in sorted(documents, key=lambda one: (one.added_at, one.pk))
    ]
