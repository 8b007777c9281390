"""The papers of a grant: receipt, act, notification, list for a managing authority."""

import datetime
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from erbm import words
from erbm.grants import terms
from erbm.grants.models import ActKind, EuropeanFunds, EuropeanPiece, Grant
from erbm.printing import Document, Facts, Section, Table, Text
from erbm.programme.models import Regime
from erbm.words import day, money
from flows.grant.lifecycle import NOTIFY
from flows.grant.states import State
from flows.roles import Role
from workflow.models import Unit

NOTHING = "–"
APPEAL = (
    "La présente décision peut faire l’objet, dans les deux mois de sa notification, "
    "d’un recours gracieux auprès de son auteur ou d’un recours contentieux devant le "
    "tribunal administratif de Lille (code de justice administrative, art. R. 421-1 "
    "et R. 421-5)."
)
REPAYMENTS: Mapping[str, str] = {
    Regime.CGCT: "Il est demandé le reversement total ou partiel de la subvention si "
    "l’affectation de l’investissement est modifiée sans autorisation, si le plafond "
    "des aides publiques est dépassé, si la participation minimale du maître "
    "d’ouvrage n’est pas respectée ou si le projet n’est pas achevé dans le délai "
    "(CGCT, art. R. 2334-31).",
    Regime.DECREE: "Il est demandé le reversement total ou partiel de la subvention "
    "si l’objet, l’affectation ou les conditions de l’acte ne sont pas respectés, ou "
    "si les aides publiques dépassent la dépense (décret n° 2018-514, art. 14).",
    Regime.CCH: "La subvention est reversée si les travaux ne sont pas achevés dans "
    "le délai ou si les engagements du bénéficiaire ne sont pas tenus (CCH, art. D. "
    "323-9).",
}
REPAYMENT = (
    "La subvention est reversée, en tout ou partie, si l’objet ou les conditions de "
    "l’acte ne sont pas respectés."
)

NO_PROMISE = (
    "Le présent accusé ne vaut ni décision, ni promesse de subvention. Si des pièces "
    "manquent, elles vous seront demandées ; les délais s’en trouvent suspendus (CRPA, "
    "art. L. 114-5)."
)


class ActIncomplete(Exception):
    """A mandatory mention is missing: no act is printed; `sentences` say which."""

    def __init__(self, sentences: list[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__(" ".join(sentences))


def proposed(grant: Grant) -> dict[str, Any]:
    """Return what an act begins with, before anybody has written in it."""
    cost = grant.operation.cost_cents
    amount = grant.programmed_cents or grant.requested_cents
    return {
        "act_kind": grant.act_kind,
        "purpose": grant.purpose or grant.operation.case.title,
        "basis_cents": grant.basis_cents or cost,
        "rate": grant.rate or min(terms.WHOLE, -(-amount * terms.WHOLE // cost)),
        "award_cents": grant.award_cents or amount,
        "planned_start_on": grant.planned_start_on,
        "planned_end_on": grant.planned_end_on,
        "payment_terms": grant.payment_terms or "\n".join(_payments(grant)),
        "repayment_terms": grant.repayment_terms
        or REPAYMENTS.get(grant.rule.regime, REPAYMENT),
        "appeal_terms": grant.appeal_terms or APPEAL,
    }


def _payments(grant: Grant) -> Iterator[str]:
    """Say how the rules of the scheme have it paid."""
    rule = grant.rule
    if rule.advance_percent:
        yield f"Avance au commencement : {rule.advance_percent} % au plus."
    if rule.first_instalment_percent:
        first = rule.first_instalment_percent
        yield f"Premier acompte au démarrage : {first} % au plus."
    if rule.instalments_percent:
        together = rule.instalments_percent
        yield f"Avance et acomptes, sur justificatifs : {together} % au plus ensemble."
    yield "Solde sur attestation de service fait, dans la limite du montant attribué."
    if rule.balance_months:
        months = rule.balance_months
        yield f"Le solde se demande dans les {months} mois de l’achèvement."


# The act


def act(grant: Grant, *, by: Any, at: datetime.datetime) -> Document:
    """
    Write the order or the agreement that awards a grant; a draft until it is signed.

    :raises ActIncomplete: if a mandatory mention is missing
    """
    if missing := grant.missing_mentions():
        raise ActIncomplete(missing)
    kind = ActKind(grant.act_kind)
    kicker = kind.label if grant.signed_on else f"{kind.label} – PROJET"
    sections = [
        Section(f"Article {number} – {title}", blocks)
        for number, (title, blocks) in enumerate(_articles(grant), 1)
    ]
    return _document(
        f"{kind.label} · {grant.get_scheme_display()} {grant.year}",
        kicker,
        grant,
        [Section("Visas", [Text(_visas(grant))]), *sections],
        by=by,
        at=at,
    )


def _visas(grant: Grant) -> str:
    regime = {
        Regime.CGCT: "le code général des collectivités territoriales, notamment ses "
        "articles R. 2334-22 à R. 2334-31",
        Regime.DECREE: "le décret n° 2018-514 du 25 juin 2018 relatif aux "
        "subventions de l’État pour des projets d’investissement",
        Regime.CCH: "le code de la construction et de l’habitation, notamment ses "
        "articles D. 323-1 et suivants",
        Regime.EUROPE: "le règlement (UE) 2021/1060 du 24 juin 2021",
    }.get(Regime(grant.rule.regime), "le règlement d’intervention du financeur")
    return (
        f"Vu {regime} ; vu la demande de {grant.owner}, reçue le "
        f"{day(grant.received_on)} ; vu la validation de l’opération "
        f"{grant.operation.case.reference} par le comité de pilotage."
    )


def _articles(grant: Grant) -> Iterator[tuple[str, list[Any]]]:
    yield "Objet", [Text(grant.purpose), Facts(list(_identity(grant)))]
    yield "Montant, taux et assiette", [Facts(list(_amounts(grant)))]
    yield "Calendrier", [Facts(list(_calendar(grant)))]
    yield "Versement", [Text(grant.payment_terms)]
    yield "Reversement", [Text(grant.repayment_terms)]
    yield "Voies et délais de recours", [Text(grant.appeal_terms)]
    yield "Exécution", [Text(_execution(grant))]


def _identity(grant: Grant) -> Iterator[tuple[str, str]]:
    yield "Bénéficiaire", grant.owner.name
    yield "Opération", f"{grant.operation.case.reference}, {grant.operation.case.title}"
    yield "Dispositif", f"{grant.get_scheme_display()}, exercice {grant.year}"
    if grant.envelope:
        yield "Enveloppe", str(grant.envelope)
    if grant.act_reference:
        yield "Référence", grant.act_reference
    if grant.signed_on:
        yield "Signé le", day(grant.signed_on)


def _amounts(grant: Grant) -> Iterator[tuple[str, str]]:
    yield "Montant maximal", money(grant.award_cents)
    yield "Taux", words.percent(Fraction(grant.rate, terms.WHOLE))
    basis = f"{money(grant.basis_cents)} {grant.rule.get_vat_display()}"
    yield "Dépense subventionnable", basis
    yield (
        "Montant définitif",
        "le taux appliqué à la dépense réelle, dans la limite du montant maximal",
    )


def _calendar(grant: Grant) -> Iterator[tuple[str, str]]:
    rule = grant.rule
    if grant.planned_start_on:
        yield "Commencement prévu", day(grant.planned_start_on)
    assert grant.planned_end_on is not None
    yield "Achèvement prévu", day(grant.planned_end_on)
    if rule.start_months:
        source = rule.origin("start_months")[1]
        yield (
            "Délai pour commencer",
            f"{rule.start_months} mois de la notification ({source})",
        )
    if rule.finish_months:
        source = rule.origin("finish_months")[1]
        since = rule.get_finish_from_display()
        yield (
            "Délai pour achever",
            f"{rule.finish_months} mois depuis {since} ({source})",
        )


def _execution(grant: Grant) -> str:
    authority, accountant = _units(grant, Role.AUTHORITY, Role.ACCOUNTANT)
    return (
        f"{authority} et {accountant} sont chargés, "
        "chacun en ce qui le concerne, de l’exécution du présent acte."
    )


# What is sent with it, and before it


def receipt(grant: Grant, *, by: Any, at: datetime.datetime) -> Document:
    """Acknowledge the request. (CRPA, art. L. 112-3 and R. 112-5.)"""
    return _document(
        "Accusé de réception d’une demande de subvention",
        "CRPA, art. L. 112-3 et R. 112-5",
        grant,
        [Section("Votre demande", [Facts(acknowledged(grant)), Text(NO_PROMISE)])],
        by=by,
        at=at,
    )


def acknowledged(grant: Grant) -> list[tuple[str, str]]:
    """Return what an acknowledgement must say. (CRPA, art. R. 112-5.)"""
    [service] = _units(grant, Role.LEAD_SERVICE)
    return [
        ("Demande reçue le", day(grant.received_on)),
        ("Demandeur", grant.owner.name),
        ("Objet", f"{grant.get_scheme_display()}, {grant.operation.case.title}"),
        ("Montant demandé", money(grant.requested_cents)),
        *_service(service),
        *_silences(grant),
    ]


def _service(unit: Unit) -> Iterator[tuple[str, str]]:
    body = getattr(unit, "organisation", None)
    known = [body.postal_address, body.telephone] if body else []
    reached = [one for one in (*known, unit.email) if one]
    yield "Service chargé du dossier", "\n".join([unit.name, *reached])


def _silences(grant: Grant) -> Iterator[tuple[str, str]]:
    rule = grant.rule
    if grant.completeness_due_on and terms.is_deemed_complete(rule):
        source = rule.origin("completeness_silence")[1]
        last = day(grant.completeness_due_on)
        yield "Dossier réputé complet", f"en l’absence de réponse le {last} ({source})"
    if grant.decision_due_on is None:
        return
    source, last = rule.origin("decision_months")[1], day(grant.decision_due_on)
    if terms.silence_rejects(rule):
        said = f"en l’absence de réponse le {last}, la demande est réputée rejetée"
        appeal = "contestable dans les deux mois devant le tribunal administratif"
        yield "Silence", f"{said} ({source}) ; ce rejet est {appeal}"
    else:
        yield "Décision", f"attendue à partir du {last}, après programmation ({source})"


def notification(grant: Grant, *, by: Any, at: datetime.datetime) -> Document:
    """Write the letter that goes with the act, and bears the proof once it has come."""
    assert grant.signed_on is not None, "an act is notified once it is signed"
    proof = [
        ("Acte", f"{grant.act_reference}, signé le {day(grant.signed_on)}"),
        ("Montant maximal", money(grant.award_cents)),
    ]
    if grant.notified_on:
        proof += [
            ("Reçue le", day(grant.notified_on)),
            ("Preuve", f"{proof_label(grant)}, {grant.proof}"),
        ]
        if grant.deadline_on:
            proof.append(("Délai en cours", day(grant.deadline_on)))
    said = (
        "J’ai l’honneur de vous notifier l’acte joint. Les délais qu’il fixe courent "
        "du jour où vous le recevez. Le commencement et l’achèvement se déclarent au "
        "service instructeur."
    )
    return _document(
        "Notification d’une subvention",
        grant.owner.name,
        grant,
        [
            Section("Notification", [Text(said), Facts(proof)]),
            Section("Voies et délais de recours", [Text(grant.appeal_terms)]),
        ],
        by=by,
        at=at,
    )


def proof_label(grant: Grant) -> str:
    """Say of which kind the proof of notification is."""
    [asked] = [one for one in NOTIFY.inputs if one.name == "proof_kind"]
    return dict(asked.choices).get(grant.proof_kind, grant.proof_kind)


# European funds


def pieces_for_the_authority(
    grant: Grant, *, by: Any, at: datetime.datetime
) -> Document:
    """List what the managing authority wants, and what is there."""
    funds = grant.european
    facts = Facts([*_programme(funds), ("Montant", money(grant.case.amount_cents))])
    wanted = funds.pieces.select_related("document").order_by("rank")
    table = Table(
        head=["N°", "Pièce", "Fournie", "Empreinte"],
        rows=[_piece(number, piece) for number, piece in enumerate(wanted, 1)],
        widths=[1, 7, 5, 4],
        codes=[3],
    )
    return _document(
        "Pièces justificatives pour l’autorité de gestion",
        funds.programme,
        grant,
        [Section("Fonds européen", [facts]), Section("Pièces", [table])],
        by=by,
        at=at,
    )


def _programme(funds: EuropeanFunds) -> Iterator[tuple[str, str]]:
    yield "Programme", funds.programme
    yield "Priorité ou axe", funds.axis
    yield "Objectif spécifique", funds.objective or NOTHING
    yield "Autorité de gestion", funds.authority
    yield "Numéro de dossier", funds.reference or NOTHING
    eligible = f"du {day(funds.eligible_from)} au {day(funds.eligible_until)}"
    yield "Dépenses éligibles", eligible
    yield "Taux de cofinancement", words.percent(Fraction(funds.rate, terms.WHOLE))


def _piece(number: int, piece: EuropeanPiece) -> list[str]:
    document = piece.document
    if document is None:
        return [str(number), piece.label, "à fournir", NOTHING]
    return [str(number), piece.label, document.title, document.sha256[:16]]


def _units(grant: Grant, *roles: Role) -> list[Unit]:
    """Return who plays each of these roles for a grant, in one query."""
    rows = grant.case.parties.filter(role__in=roles).select_related(
        "unit__organisation"
    )
    found: dict[str, Unit] = {}
    for party in rows.order_by("-pk"):
        found[party.role] = party.unit
    return [found.get(role, grant.funder) for role in roles]


def _document(
    title: str,
    kicker: str,
    grant: Grant,
    sections: list[Section],
    *,
    by: Any,
    at: datetime.datetime,
) -> Document:
    state = State(grant.case.state).label
    return Document(
        title=title,
        kicker=kicker,
        running=f"{title} · {grant.case.reference}",
        foot=f"Édité le {words.moment(at)} pour {by}",
        receipt=f"{grant.case.reference}, « {state} », version {grant.case.version}",
        sections=sections,
    )
