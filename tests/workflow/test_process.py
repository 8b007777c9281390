"""A declaration that contradicts itself is refused, and its words have a digest."""

import dataclasses

import pytest
from django.db.models import TextChoices

from tests.library import lifecycle
from tests.library.lifecycle import ADVICE, ASK, LEND, PROCESS, RETURN, Role, State
from workflow.opinions import Meaning, Opinions
from workflow.process import (
    BACK,
    STAY,
    Edit,
    Fact,
    Input,
    InputKind,
    Move,
    Process,
    ProcessError,
    UnknownMove,
    any_of,
    both,
    in_order,
    input_rule,
    requirement,
)


def altered(move, **facts):
    """Return the declaration with one move altered."""
    other = dataclasses.replace(move, **facts)
    moves = tuple(other if m is move else m for m in PROCESS.moves)
    return {"moves": moves}


SPOILT = {
    "Geste en double : ask.": {"moves": (*PROCESS.moves, ASK)},
    "Geste en double : lend.": {
        "edits": (Edit("lend", "Corriger", LEND.source, frozenset()),)
    },
    "ask : état inconnu lost.": altered(ASK, target="lost"),
    "lend : état inconnu lost.": altered(LEND, source=frozenset({"lost"})),
    "état initial : état inconnu lost.": {"initial": "lost"},
    "états finals : état inconnu lost.": {"final": PROCESS.final | {"lost"}},
    "étapes : état inconnu lost.": {"stages": {**PROCESS.stages, "lost": "end"}},
    "rename : état inconnu lost.": {
        "edits": (Edit("rename", "Corriger", frozenset({"lost"}), frozenset()),)
    },
    "ask : rôle inconnu king.": altered(ASK, by=any_of("king")),
    "lecteurs : rôle inconnu king.": {"readers": frozenset({"king"})},
    "rename : rôle inconnu king.": {
        "edits": (Edit("rename", "Corriger", frozenset(), frozenset({"king"})),)
    },
    "ask n’est fait par personne.": altered(ASK, by=any_of()),
    "ask ne part d’aucun état.": altered(ASK, source=frozenset()),
    "lend renvoie au geste inconnu burn.": altered(LEND, apart_from=("burn",)),
    "lend : rôle inconnu king.": altered(LEND, apart_from_unit=("king",)),
    "garants : rôle inconnu king.": {"overseers": frozenset({"king"})},
    "take_back renvoie au geste inconnu burn.": altered(
        lifecycle.TAKE_BACK, voids=("burn",)
    ),
    "advise ne demande pas le sens de l’avis.": altered(lifecycle.ADVISE, inputs=()),
    "advise : sens d’avis inconnu perhaps.": altered(
        lifecycle.ADVISE,
        answers=dataclasses.replace(
            ADVICE, meanings=(("perhaps", Meaning.FAVOURABLE),)
        ),
    ),
    "contest_return renvoie au geste inconnu burn.": altered(
        lifecycle.CONTEST_RETURN, strikes="burn"
    ),
    "L’état frozen n’a pas d’étape.": {
        "stages": {s: g for s, g in PROCESS.stages.items() if s != State.FROZEN}
    },
    "L’état frozen est hors d’atteinte.": altered(
        lifecycle.FREEZE, target=STAY, pauses=False
    ),
    "L’état refused n’est pas final et n’a pas de sortie.": altered(
        lifecycle.REOPEN, target=State.REFUSED
    )
    | {"final": PROCESS.final - {State.REFUSED}},
}


@pytest.mark.parametrize("sentence", SPOILT)
def test_a_contradiction_is_refused_with_its_sentence(sentence):
    with pytest.raises(ProcessError) as caught:
        dataclasses.replace(PROCESS, **SPOILT[sentence])

    assert sentence in str(caught.value)


def test_every_contradiction_is_told_at_once():
    with pytest.raises(ProcessError) as caught:
        dataclasses.replace(PROCESS, initial="lost", readers=frozenset({"king"}))

    assert str(caught.value) == (
        "loan : état initial : état inconnu lost. lecteurs : rôle inconnu king."
    )


@pytest.mark.parametrize(
    ("by", "signed", "next_ones", "needs_signatures"),
    [
        (any_of("a", "b"), set(), ("a", "b"), False),
        (both("a", "b"), set(), ("a", "b"), True),
        (both("a", "b"), {"b"}, ("a",), True),
        (both("a", "b"), {"a", "b"}, (), True),
        (in_order("a", "b", "c"), set(), ("a",), True),
        (in_order("a", "b", "c"), {"a"}, ("b",), True),
        (in_order("a", "b", "c"), {"a", "b", "c"}, (), True),
    ],
)
def test_whose_turn_it_is_to_sign(by, signed, next_ones, needs_signatures):
    assert by.may_sign_next(frozenset(signed)) == next_ones
    assert by.needs_signatures is needs_signatures


@pytest.mark.parametrize(
    ("target", "leaves"), [(State.LENT, True), (State.ASKED, False), (STAY, False)]
)
def test_whether_a_move_leaves_a_state(target, leaves):
    assert dataclasses.replace(LEND, target=target).leaves_state("asked") is leaves


def test_a_move_and_an_edit_are_found_by_name():
    assert PROCESS.move("ask") is ASK
    assert PROCESS.edit("rename") is lifecycle.RENAME
    for find in (PROCESS.move, PROCESS.edit):
        with pytest.raises(UnknownMove, match="burn"):
            find("burn")


def test_the_words_are_those_of_the_declaration():
    assert PROCESS.moves_from(State.FROZEN) == (lifecycle.THAW,)
    assert PROCESS.state_label("lent") == "Prêté"
    assert PROCESS.role_label("mayor") == "maire"
    assert PROCESS.stage_of("lent") == "home"


@requirement("autre condition")
def other_requirement(loan, on):
    return []


@input_rule("autre règle")
def other_rule(loan, values):
    return {}


class OtherState(TextChoices):
    WISHED = "wished", "Rêvé"
    ASKED = "asked", "Demandé"
    LENT = "lent", "Prêté"
    FROZEN = "frozen", "Gelé"
    RETURNED = "returned", "Rendu"
    REFUSED = "refused", "Refusé"
    GIVEN = "given", "Donné"


OTHER_FACTS = {
    "name": {"name": "lease"},
    "version": {"version": 2},
    "states": {"states": OtherState},
    "stages": {"stages": {**PROCESS.stages, State.FROZEN: "end"}},
    "initial": {"initial": State.ASKED},
    "final": {"final": PROCESS.final | {State.FROZEN}},
    "moves": {"moves": PROCESS.moves[::-1]},
    "readers": {"readers": frozenset()},
    "edits": {"edits": ()},
    "overseers": {"overseers": frozenset()},
    "audiences": {"audiences": ()},
}
OTHER_MOVES = {
    "name": {"name": "plead"},
    "label": {"label": "Implorer"},
    "source": {"source": LEND.source | {State.FROZEN}},
    "target": {"target": State.FROZEN},
    "by": {"by": any_of(Role.MAYOR)},
    "requires": {"requires": (other_requirement,)},
    "inputs": {"inputs": LEND.inputs[:1]},
    "input_rules": {"input_rules": (other_rule,)},
    "reason": {"reason": True},
    "reauthenticate": {"reauthenticate": True},
    "apart_from": {"apart_from": ()},
    "pauses": {"pauses": True},
    "strikes": {"strikes": "return"},
    "apart_from_unit": {"apart_from_unit": (Role.ADVISER,)},
    "covers": {"covers": (Fact("days", "la durée"),)},
    "voids": {"voids": ("give",)},
    "answers": {"answers": ADVICE, "inputs": lifecycle.ADVISE.inputs},
    "awaits": {"awaits": ()},
}
OTHER_OPINIONS = {
    "name": {"name": "counsel"},
    "label": {"label": "avis"},
    "answer": {"answer": "sense"},
    "meanings": {"meanings": ()},
    "silence": {"silence": Meaning.FAVOURABLE},
    "needs": {"needs": 3},
    "veto_by": {"veto_by": ()},
}
OTHER_INPUTS = {
    "name": {"name": "to"},
    "label": {"label": "Fin"},
    "kind": {"kind": InputKind.LINE},
    "required": {"required": False},
    "choices": {"choices": (("a", "A"),)},
}
ONLY_WORDS = {"title", "prefix", "roles", "consequence", "basis", "help"}


@pytest.mark.parametrize("facts", OTHER_FACTS.values(), ids=OTHER_FACTS)
def test_another_procedure_has_another_digest(facts):
    assert dataclasses.replace(PROCESS, **facts).digest != PROCESS.digest


@pytest.mark.parametrize("facts", OTHER_MOVES.values(), ids=OTHER_MOVES)
def test_another_move_makes_another_digest(facts):
    # Nothing refers to RENEW by its name.
    move = lifecycle.RENEW if "name" in facts else LEND

    assert dataclasses.replace(PROCESS, **altered(move, **facts)).digest != (
        PROCESS.digest
    )


@pytest.mark.parametrize("facts", OTHER_INPUTS.values(), ids=OTHER_INPUTS)
def test_another_input_makes_another_digest(facts):
    inputs = (dataclasses.replace(LEND.inputs[0], **facts), *LEND.inputs[1:])

    assert dataclasses.replace(PROCESS, **altered(LEND, inputs=inputs)).digest != (
        PROCESS.digest
    )


@pytest.mark.parametrize("facts", OTHER_OPINIONS.values(), ids=OTHER_OPINIONS)
def test_other_opinions_make_another_digest(facts):
    awaits = (dataclasses.replace(ADVICE, **facts),)

    assert dataclasses.replace(PROCESS, **altered(LEND, awaits=awaits)).digest != (
        PROCESS.digest
    )


@pytest.mark.parametrize("rule", [both, in_order])
def test_another_rule_makes_another_digest(rule):
    by = rule(*RETURN.by.roles[::-1])

    assert dataclasses.replace(PROCESS, **altered(RETURN, by=by)).digest != (
        PROCESS.digest
    )


@pytest.mark.parametrize(
    ("declared", "covered"),
    [
        (Process, OTHER_FACTS),
        (Move, OTHER_MOVES),
        (Input, OTHER_INPUTS),
        (Opinions, OTHER_OPINIONS),
    ],
)
def test_no_fact_escapes_the_digest(declared, covered):
    facts = {field.name for field in dataclasses.fields(declared)}

    assert facts - set(covered) <= ONLY_WORDS


def test_a_digest_does_not_depend_on_the_day_nor_on_the_machine():
    again = dataclasses.replace(PROCESS, title="Autre titre")

    assert again.digest == PROCESS.digest
    assert PROCESS.move("thaw").declaration()["target"] == BACK.name
