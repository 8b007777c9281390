"""A grant: one funder’s money on one operation, from the request to the last euro.

The machine pronounces neither lapse, nor foreclosure, nor refusal: it warns, and
somebody records. Durations and ceilings are those of the rules of the scheme.
"""

from flows.grant import conditions, endings, hearing
from flows.grant.edits import EDITS
from flows.grant.states import FINAL, OWNER, READERS, STAGES, UNDECIDED, State
from flows.roles import AUDIENCES, Role
from workflow.process import (
    STAY,
    Input,
    InputKind,
    Move,
    Process,
    any_of,
    in_order,
)

# The application

ASK_FOR_DOCUMENTS = Move(
    name="ask_for_documents",
    label="Demander des pièces",
    source=frozenset({State.REQUESTED}),
    target=State.INCOMPLETE,
    by=any_of(Role.LEAD_SERVICE),
    requires=(conditions.not_deemed_complete,),
    inputs=(
        Input(
            "documents",
            "Pièces demandées",
            InputKind.TEXT,
            help="Une pièce par ligne.",
        ),
        Input("answer_by", "À fournir avant le", InputKind.DAY),
    ),
    reason=True,
    pauses=True,
    consequence="Le porteur est prévenu ; le délai de complétude s’arrête.",
    basis="CRPA, art. L. 114-5 ; CGCT, art. R. 2334-23 ; décret n° 2018-514, art. 4",
)
SUPPLY_DOCUMENTS = Move(
    name="supply_documents",
    label="Transmettre les pièces demandées",
    source=frozenset({State.INCOMPLETE}),
    target=State.REQUESTED,
    by=any_of(Role.OWNER),
    requires=(conditions.requests_are_answered,),
    consequence="Le dossier repart en vérification ; le délai reprend.",
    basis="CRPA, art. L. 114-5",
)
DECLARE_COMPLETE = Move(
    name="declare_complete",
    label="Déclarer le dossier complet",
    source=frozenset({State.REQUESTED}),
    target=State.COMPLETE,
    by=any_of(Role.LEAD_SERVICE),
    inputs=(
        Input(
            "early_start",
            "Commencement anticipé",
            InputKind.CHOICE,
            choices=(
                ("none", "Aucun avant la date permise"),
                ("authorised", "Admis par l’autorité, à titre dérogatoire"),
            ),
        ),
    ),
    apart_from_unit=OWNER,
    consequence="La demande peut être programmée. Passé le délai, le dossier est "
    "réputé complet au jour de son expiration.",
    basis="CGCT, art. R. 2334-23 et R. 2334-24, II ; décret n° 2018-514, art. 4",
)
PROGRAM = Move(
    name="program",
    label="Programmer",
    source=frozenset({State.COMPLETE}),
    target=State.PROGRAMMED,
    by=any_of(Role.FUNDER),
    requires=(conditions.operation_is_alive, conditions.has_an_envelope),
    inputs=(
        Input("programmed_cents", "Montant programmé", InputKind.CENTS),
        Input("opinion", "Avis recueillis", InputKind.TEXT, required=False),
    ),
    input_rules=(conditions.programmed_is_requested,),
    apart_from_unit=OWNER,
    consequence="Le montant est réservé dans l’enveloppe ; l’acte se prépare.",
    basis="CGCT, art. L. 2334-36 et L. 2334-37",
)
AWARD = Move(
    name="award",
    label="Attribuer la subvention",
    source=frozenset({State.PROGRAMMED}),
    target=State.AWARDED,
    by=any_of(Role.AUTHORITY),
    requires=(
        conditions.operation_is_alive,
        conditions.act_is_whole,
        conditions.is_within_ceilings,
    ),
    inputs=(
        Input("act_reference", "Référence de l’acte signé", InputKind.LINE),
        Input("signed_on", "Signé le", InputKind.DAY),
    ),
    input_rules=(conditions.act_is_dated,),
    reauthenticate=True,
    apart_from=("program",),
    apart_from_unit=OWNER,
    consequence="L’acte prend effet ; son montant est consommé dans l’enveloppe.",
    basis="CGCT, art. R. 2334-27 ; décret n° 2018-514, art. 8 et 10",
)
REFUSE = Move(
    name="refuse",
    label="Refuser la subvention",
    source=frozenset({State.COMPLETE, State.PROGRAMMED}),
    target=State.REFUSED,
    by=any_of(Role.AUTHORITY),
    requires=(conditions.operation_is_not_suspended,),
    reason=True,
    apart_from_unit=OWNER,
    consequence="La demande est refusée ; ce qui était réservé est libéré.",
)
DISMISS = Move(
    name="dismiss",
    label="Classer sans suite",
    source=UNDECIDED,
    target=State.DISMISSED,
    by=any_of(Role.LEAD_SERVICE, Role.FUNDER),
    reason=True,
    apart_from_unit=OWNER,
    consequence="La demande est classée ; ce qui était réservé est libéré.",
)
RECORD_IMPLICIT_REJECTION = Move(
    name="record_implicit_rejection",
    label="Constater le rejet implicite",
    source=frozenset({State.COMPLETE, State.PROGRAMMED}),
    target=State.IMPLICITLY_REJECTED,
    by=any_of(Role.FUNDER, Role.AUTHORITY),
    requires=(conditions.silence_has_run_out,),
    reason=True,
    apart_from_unit=OWNER,
    consequence="Le rejet né du silence est consigné ; la réserve est libérée.",
    basis="Décret n° 2018-514, art. 7 ; CRPA, art. L. 231-4, 3°",
)
EXTEND_DECISION = Move(
    name="extend_decision",
    label="Proroger le délai de décision",
    source=frozenset({State.COMPLETE, State.PROGRAMMED}),
    target=STAY,
    by=any_of(Role.AUTHORITY),
    inputs=(Input("decision_until", "Nouvelle échéance", InputKind.DAY),),
    input_rules=(conditions.decision_is_put_off,),
    reason=True,
    consequence="Le silence ne vaut rejet qu’à la nouvelle échéance.",
    basis="Décret n° 2018-514, art. 7",
)
WITHDRAW = Move(
    name="withdraw",
    label="Retirer la demande",
    source=UNDECIDED | {State.AWARDED},
    target=State.WITHDRAWN,
    by=any_of(Role.OWNER),
    reason=True,
    consequence="La demande est retirée ; l’enveloppe est rendue.",
)


# From the act to the works

NOTIFY = Move(
    name="notify",
    label="Enregistrer la notification",
    source=frozenset({State.AWARDED}),
    target=State.NOTIFIED,
    by=any_of(Role.FUNDER),
    requires=(conditions.operation_is_alive,),
    inputs=(
        Input(
            "notified_on",
            "Reçue par le bénéficiaire le",
            InputKind.DAY,
            help="La date que porte la preuve.",
        ),
        Input(
            "proof_kind",
            "Preuve",
            InputKind.CHOICE,
            choices=(
                ("post", "Lettre recommandée, avis de réception"),
                ("hand", "Remise en main propre contre récépissé"),
                ("electronic", "Lettre recommandée électronique ou téléservice"),
            ),
        ),
        Input("proof", "Référence de la preuve", InputKind.LINE),
    ),
    input_rules=(conditions.notification_follows,),
    apart_from_unit=OWNER,
    consequence="Le délai pour commencer court de cette date.",
    basis="CGCT, art. R. 2334-28 ; décret n° 2018-514, art. 8 et 11",
)
RECORD_COMMITMENT = Move(
    name="record_commitment",
    label="Enregistrer l’engagement (EJ)",
    source=frozenset({State.NOTIFIED}),
    target=State.COMMITTED,
    by=any_of(Role.FUNDER),
    requires=(conditions.operation_is_not_suspended,),
    inputs=(
        Input(
            "ej_number",
            "Numéro d’engagement juridique (EJ)",
            InputKind.LINE,
            help="Dix chiffres dans Chorus ; ailleurs, le numéro du financeur.",
        ),
    ),
    input_rules=(conditions.commitment_is_new,),
    apart_from_unit=OWNER,
    consequence="La dépense est engagée dans l’enveloppe.",
)
DECLARE_START = Move(
    name="declare_start",
    label="Déclarer le commencement",
    source=frozenset({State.COMMITTED}),
    target=State.IN_PROGRESS,
    by=in_order(Role.OWNER, Role.LEAD_SERVICE),
    requires=(conditions.operation_is_not_suspended,),
    inputs=(
        Input("first_legal_act", "Premier acte juridique", InputKind.LINE),
        Input("started_on", "Date de cet acte", InputKind.DAY),
    ),
    input_rules=(conditions.start_is_timely,),
    apart_from_unit=OWNER,
    consequence="Au visa du service instructeur, le délai d’achèvement court.",
    basis="CGCT, art. R. 2334-24, III, et R. 2334-29",
)
REFUSE_START = Move(
    name="refuse_start",
    label="Refuser le visa du commencement",
    source=frozenset({State.COMMITTED}),
    target=STAY,
    by=any_of(Role.LEAD_SERVICE),
    reason=True,
    strikes="declare_start",
    consequence="La déclaration du porteur est rayée ; elle est à refaire.",
)
EXTEND = Move(
    name="extend",
    label="Proroger le délai",
    source=frozenset({State.NOTIFIED, State.COMMITTED, State.IN_PROGRESS}),
    target=STAY,
    by=in_order(Role.OWNER, Role.AUTHORITY),
    requires=(
        conditions.operation_is_not_suspended,
        conditions.may_be_extended,
    ),
    inputs=(Input("until", "Nouvelle échéance", InputKind.DAY),),
    input_rules=(conditions.extension_is_bounded,),
    reason=True,
    apart_from_unit=OWNER,
    consequence="La prorogation demandée prend effet quand l’autorité l’accorde.",
    basis="CGCT, art. R. 2334-28 et R. 2334-29 ; décret n° 2018-514, art. 11",
)
REFUSE_EXTENSION = Move(
    name="refuse_extension",
    label="Refuser la prorogation",
    source=EXTEND.source,
    target=STAY,
    by=any_of(Role.AUTHORITY),
    reason=True,
    strikes="extend",
    consequence="La demande de prorogation est rayée ; le délai ne change pas.",
)
DECLARE_COMPLETION = Move(
    name="declare_completion",
    label="Déclarer l’achèvement",
    source=frozenset({State.IN_PROGRESS}),
    target=State.COMPLETED,
    by=any_of(Role.OWNER),
    requires=(conditions.completion_is_documented,),
    inputs=(
        Input("completed_on", "Achevée le", InputKind.DAY),
        Input("spent_cents", "Dépense réelle déclarée", InputKind.CENTS),
    ),
    input_rules=(conditions.completion_follows,),
    consequence="Le service instructeur est appelé à constater le service fait.",
    basis="CGCT, art. R. 2334-29 et R. 2334-30 ; décret n° 2018-514, art. 13",
)
CERTIFY_SERVICE = Move(
    name="certify_service",
    label="Attester le service fait",
    source=frozenset({State.COMPLETED}),
    target=State.SERVICE_CERTIFIED,
    by=any_of(Role.LEAD_SERVICE),
    requires=(conditions.operation_is_not_suspended,),
    inputs=(
        Input("real_cost_cents", "Dépense subventionnable retenue", InputKind.CENTS),
        Input("conforms", "La réalisation est conforme à l’acte", InputKind.YES),
    ),
    apart_from=("declare_completion",),
    apart_from_unit=OWNER,
    consequence="Le solde dû est fixé : le taux appliqué à la dépense réelle, dans "
    "la limite du montant attribué.",
    basis="CGCT, art. R. 2334-30 ; décret n° 2018-514, art. 12",
)
SETTLE = Move(
    name="settle",
    label="Solder la subvention",
    source=frozenset({State.SERVICE_CERTIFIED}),
    target=State.SETTLED,
    by=any_of(Role.ACCOUNTANT),
    requires=(
        conditions.operation_is_not_suspended,
        conditions.payments_are_over,
        conditions.balance_is_paid,
    ),
    apart_from=("certify_service",),
    apart_from_unit=OWNER,
    consequence="Ce qui ne sera pas payé est rendu à l’enveloppe.",
)
CLOSE = Move(
    name="close",
    label="Clôturer",
    source=frozenset({State.SETTLED, State.LIQUIDATED}),
    target=State.CLOSED,
    by=any_of(Role.FUNDER),
    requires=(conditions.payments_are_over,),
    inputs=(Input("ej_closed", "L’engagement juridique est clos", InputKind.YES),),
    apart_from_unit=OWNER,
    consequence="La subvention est close.",
)

PROCESS = Process(
    name="grant",
    version=1,
    title="Subvention",
    prefix="F",
    states=State,
    roles=Role,
    stages=STAGES,
    initial=State.REQUESTED,
    final=FINAL,
    moves=(
        ASK_FOR_DOCUMENTS,
        SUPPLY_DOCUMENTS,
        DECLARE_COMPLETE,
        PROGRAM,
        AWARD,
        REFUSE,
        DISMISS,
        RECORD_IMPLICIT_REJECTION,
        EXTEND_DECISION,
        WITHDRAW,
        NOTIFY,
        RECORD_COMMITMENT,
        DECLARE_START,
        REFUSE_START,
        EXTEND,
        REFUSE_EXTENSION,
        DECLARE_COMPLETION,
        CERTIFY_SERVICE,
        SETTLE,
        CLOSE,
        hearing.PROPOSE_LAPSE,
        hearing.PROPOSE_FORECLOSURE,
        hearing.PROPOSE_REPAYMENT,
        hearing.PRESENT_OBSERVATIONS,
        hearing.RECORD_LAPSE,
        hearing.RECORD_FORECLOSURE,
        hearing.REQUEST_REPAYMENT,
        hearing.DROP_PROPOSAL,
        hearing.RECORD_REPAYMENT,
        endings.FALL,
        endings.STOP,
        endings.LIQUIDATE,
    ),
    readers=READERS,
    overseers=frozenset({Role.PROJECT_DIRECTOR}),
    audiences=AUDIENCES,
    edits=EDITS,
)
