"""Say in French what a declaration says in code: who, from where, to where."""

from collections.abc import Collection, Iterable

from workflow.diagrams.layout import in_order, running
from workflow.process import BACK, By, Input, Move, Process, Relative, Rule


def stage_label(process: Process, stage: str) -> str:
    """Return the label of a stage, or its name if it is a bare word."""
    declared = next(other for other in process.stages.values() if other == stage)
    return str(getattr(declared, "label", stage))


def end_label(process: Process) -> str:
    """Return the label of the stage that the ends share, if they share one."""
    stages = {process.stage_of(str(state)) for state in process.final}
    return stage_label(process, stages.pop()) if len(stages) == 1 else "Fin"


def who(process: Process, by: By) -> tuple[str, ...]:
    """Say in lines whose agreement a move needs."""
    first, *others = (process.role_label(role) for role in by.roles)
    if not others:
        return (first,)
    joint = {Rule.ANY: "ou", Rule.ALL: "et", Rule.IN_ORDER: "puis"}[by.rule]
    apart = ("par des personnes différentes",) if by.needs_signatures else ()
    return (first, *(f"{joint} {other}" for other in others), *apart)


def places(process: Process, states: Collection[str]) -> tuple[str, ...]:
    """Name states, in lines, shortly if they are all those of a case in progress."""
    everywhere = set(running(process)) <= set(map(str, states))
    named = [
        process.state_label(state)
        for state in in_order(process, states)
        if not everywhere or state not in running(process)
    ]
    return ("tout état en cours", *named) if everywhere else tuple(named)


def origins(process: Process, move: Move) -> str:
    """Say in a few words where a move may be made."""
    sources = in_order(process, move.source)
    if sources == running(process):
        return "depuis tout état en cours"
    if len(sources) > 2:
        return f"depuis {len(sources)} états"
    return "depuis " + listed((quoted(process.state_label(s)) for s in sources), "et")


def target(process: Process, move: Move) -> str:
    """Say where a move leads."""
    if isinstance(move.target, Relative):
        return move.target.value
    if move.source == {move.target}:
        return Relative.STAY.value
    return process.state_label(move.target)


def way(process: Process, move: Move, state: str) -> str:
    """Say how a move enters a state, or where it goes when it leaves it."""
    if state == move.target:
        return origins(process, move)
    back = "retour à l’état précédent"
    return back if move.target is BACK else f"vers {quoted(target(process, move))}"


def conditions(process: Process, move: Move) -> list[str]:
    """List what a move demands beside the state and the role."""
    found = [requirement.label for requirement in move.requires]
    found += [rule.label for rule in move.input_rules]
    if move.apart_from:
        others = (quoted(process.move(name).label) for name in move.apart_from)
        found.append(f"une autre personne que pour {listed(others, 'et')}")
    if move.apart_from_unit:
        roles = (quoted(process.role_label(role)) for role in move.apart_from_unit)
        found.append(f"une personne étrangère à l’unité {listed(roles, 'et')}")
    found += [rule for opinions in move.awaits for rule in opinions.rules()]
    if move.covers:
        facts = listed((fact.label for fact in move.covers), "et")
        found.append(f"l’accord porte sur {facts} : y toucher le fait tomber")
    if move.reauthenticate:
        found.append("identité confirmée à l’instant")
    return found


def asked(move: Move) -> list[str]:
    """List what a person says when she makes a move."""
    return [*map(_input, move.inputs), *(["motif"] if move.reason else [])]


def _input(wanted: Input) -> str:
    choices = [label for _, label in wanted.choices]
    kind = listed((quoted(label) for label in choices), "ou") or wanted.kind.value
    return f"{wanted.label} ({kind}{'' if wanted.required else ', facultatif'})"


def quoted(text: str) -> str:
    return f"«\N{NO-BREAK SPACE}{text}\N{NO-BREAK SPACE}»"


def listed(texts: Iterable[str], last: str) -> str:
    """Join texts with commas, and the last one with a word."""
    *others, final = [*texts] or [""]
    return f"{', '.join(others)} {last} {final}" if others else final
