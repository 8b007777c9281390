"""The loan of a book, from the wish to the shelf."""

import dataclasses

from django.db.models import TextChoices

from workflow.audiences import Audience
from workflow.opinions import ANYBODY, Meaning, Opinions
from workflow.process import (
    BACK,
    STAY,
    Edit,
    Fact,
    Input,
    InputKind,
    Move,
    Process,
    any_of,
    both,
    in_order,
    requirement,
)


class Role(TextChoices):
    READER = "reader", "lecteur"
    LIBRARIAN = "librarian", "bibliothécaire"
    DIRECTOR = "director", "directeur"
    MAYOR = "mayor", "maire"
    ADVISER = "adviser", "conseiller"
    INSPECTOR = "inspector", "inspecteur"


class State(TextChoices):
    WISHED = "wished", "Souhaité"
    ASKED = "asked", "Demandé"
    LENT = "lent", "Prêté"
    FROZEN = "frozen", "Gelé"
    RETURNED = "returned", "Rendu"
    REFUSED = "refused", "Refusé"
    GIVEN = "given", "Donné"


@requirement("titre connu")
def book_is_known(loan, on):
    return [] if loan.book else ["Le titre du livre manque."]


@requirement("trois jours au plus")
def is_short(loan, on):
    return [] if loan.days <= 3 else [f"{loan.days} jours demandés, trois au plus."]


ADVICE = Opinions(
    name="advice",
    label="conseils",
    answer="view",
    meanings=(("yes", Meaning.FAVOURABLE), ("no", Meaning.UNFAVOURABLE)),
    veto_by=("trustee",),
)
ACCLAIM = dataclasses.replace(ADVICE, needs=2, veto_by=(ANYBODY,))
"""The same advice, asked for more."""

ASK = Move(
    name="ask",
    label="Demander",
    source=frozenset({State.WISHED}),
    target=State.ASKED,
    by=any_of(Role.READER),
    requires=(book_is_known, is_short),
)
LEND = Move(
    name="lend",
    label="Prêter",
    source=frozenset({State.ASKED}),
    target=State.LENT,
    by=any_of(Role.LIBRARIAN),
    inputs=(
        Input("until", "Jusqu’au", InputKind.DAY),
        Input("note", "Note", InputKind.TEXT, required=False),
    ),
    apart_from=("ask",),
    awaits=(ADVICE,),
)
EXHIBIT = Move(
    name="exhibit",
    label="Exposer",
    source=frozenset({State.ASKED}),
    target=State.LENT,
    by=any_of(Role.DIRECTOR),
    apart_from_unit=(Role.READER,),
    awaits=(ACCLAIM,),
)
REFUSE = Move(
    name="refuse",
    label="Refuser",
    source=frozenset({State.ASKED}),
    target=State.REFUSED,
    by=any_of(Role.LIBRARIAN),
    reason=True,
)
SEND_BACK = Move(
    name="send_back",
    label="Renvoyer au lecteur",
    source=frozenset({State.ASKED}),
    target=State.WISHED,
    by=any_of(Role.LIBRARIAN),
    reason=True,
)
ADVISE = Move(
    name="advise",
    label="Conseiller",
    source=frozenset({State.ASKED, State.LENT}),
    target=STAY,
    by=any_of(Role.ADVISER),
    inputs=(
        Input(
            "view",
            "Avis",
            InputKind.CHOICE,
            required=False,
            choices=(("yes", "Oui"), ("no", "Non")),
        ),
    ),
    answers=ADVICE,
)
RENEW = Move(
    name="renew",
    label="Prolonger",
    source=frozenset({State.LENT}),
    target=State.LENT,
    by=any_of(Role.LIBRARIAN),
)
RETURN = Move(
    name="return",
    label="Rendre",
    source=frozenset({State.LENT}),
    target=State.RETURNED,
    by=in_order(Role.READER, Role.LIBRARIAN),
)
CONTEST_RETURN = Move(
    name="contest_return",
    label="Contester le retour",
    source=frozenset({State.LENT}),
    target=State.LENT,
    by=any_of(Role.LIBRARIAN),
    reason=True,
    strikes="return",
)
GIVE = Move(
    name="give",
    label="Donner",
    source=frozenset({State.ASKED, State.LENT}),
    target=State.GIVEN,
    by=both(Role.DIRECTOR, Role.MAYOR),
    reauthenticate=True,
    covers=(Fact("book", "le titre"),),
)
TAKE_BACK = Move(
    name="take_back",
    label="Reprendre",
    source=frozenset({State.GIVEN}),
    target=State.ASKED,
    by=any_of(Role.DIRECTOR),
    reason=True,
    voids=("give",),
)
FREEZE = Move(
    name="freeze",
    label="Geler",
    source=frozenset({State.ASKED, State.LENT}),
    target=State.FROZEN,
    by=any_of(Role.LIBRARIAN),
    reason=True,
    pauses=True,
)
THAW = Move(
    name="thaw",
    label="Dégeler",
    source=frozenset({State.FROZEN}),
    target=BACK,
    by=any_of(Role.LIBRARIAN),
)
REOPEN = Move(
    name="reopen",
    label="Rouvrir",
    source=frozenset({State.REFUSED}),
    target=State.ASKED,
    by=any_of(Role.DIRECTOR),
    reason=True,
)
RENAME = Edit(
    name="rename",
    label="Corriger le titre",
    source=frozenset({State.WISHED, State.ASKED, State.GIVEN}),
    by=frozenset({Role.READER}),
    touches=("book",),
)
INVITE = Edit(
    name="invite",
    label="Demander un conseil de plus",
    source=frozenset({State.ASKED}),
    by=frozenset({Role.LIBRARIAN}),
)
DISMISS = Edit(
    name="dismiss",
    label="Ne plus attendre un conseil",
    source=frozenset({State.ASKED}),
    by=frozenset({Role.LIBRARIAN}),
)
STAFF = Audience(
    name="staff",
    label="Personnel de la bibliothèque",
    roles=frozenset({Role.LIBRARIAN, Role.DIRECTOR, Role.INSPECTOR}),
    apart_from=frozenset({Role.READER}),
)

PROCESS = Process(
    name="loan",
    version=1,
    title="Prêt d’un livre",
    prefix="L",
    states=State,
    roles=Role,
    stages={
        State.WISHED: "desk",
        State.ASKED: "desk",
        State.LENT: "home",
        State.FROZEN: "aside",
        State.RETURNED: "end",
        State.REFUSED: "end",
        State.GIVEN: "end",
    },
    initial=State.WISHED,
    final=frozenset({State.RETURNED, State.REFUSED, State.GIVEN}),
    moves=(
        ASK,
        LEND,
        EXHIBIT,
        REFUSE,
        SEND_BACK,
        ADVISE,
        RENEW,
        RETURN,
        CONTEST_RETURN,
        GIVE,
        TAKE_BACK,
        FREEZE,
        THAW,
        REOPEN,
    ),
    readers=frozenset({Role.INSPECTOR}),
    edits=(RENAME, INVITE, DISMISS),
    overseers=frozenset({Role.DIRECTOR}),
    audiences=(STAFF,),
)
