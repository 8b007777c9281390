"""Write the page that publishes a procedure, in Markdown."""

from collections.abc import Callable, Iterable, Sequence

from workflow.diagrams.mermaid import mermaid_of
from workflow.diagrams.tables import Asked, edits_of, moves_of, states_of, steps_of
from workflow.process import Process

GENERATED = (
    "<!-- Page produite par `manage.py draw_processes` : ne pas la modifier à la "
    "main. -->"
)


BESIDE = "Outre l’unité de l’auteur, et tous ceux qui peuvent voir le dossier."


def index_of(processes: Sequence[Process]) -> str:
    """Return the page that leads to those of the procedures."""
    rows = (
        [f"[{process.title}]({process.name}.md)", process.name, str(process.version)]
        for process in processes
    )
    return f"""{GENERATED}

# Procédures

Chaque procédure est déclarée dans le code, et publiée ici telle que le logiciel
l’applique.

{_table(["Procédure", "Nom dans le code", "Version"], rows)}
"""


def page_of(process: Process, steps: Sequence[Asked]) -> str:
    """Return the page of a procedure; its picture is the SVG file of the same name."""
    return f"""{GENERATED}

# {process.title}

Procédure `{process.name}`, version {process.version}. La référence de ses dossiers
commence par `{process.prefix}-`. Leur journal nomme la déclaration qu’ils suivent par
son empreinte : `{process.digest}`.

![Schéma de la procédure : {process.title}]({process.name}.svg)

Les tableaux qui suivent disent en mots les mêmes états et les mêmes gestes.

## États

{_states(process)}

## Gestes

{_moves(process, steps)}

## Demandes

{_steps(process, steps)}

## Modifications qui laissent l’état inchangé

{_edits(process)}

## Destinataires des commentaires

{_audiences(process)}

## Schéma en texte

```mermaid
{mermaid_of(process)}
```
"""


def _states(process: Process) -> str:
    return _table(
        ["Étape", "État", "Nature", "Gestes possibles"],
        (
            [row.stage, row.label, row.nature, ", ".join(map(str, row.moves))]
            for row in states_of(process)
        ),
    )


_STEPS = (
    "Demande",
    "À qui",
    "À l’état",
    "Délai",
    "Relances",
    "Gestes offerts",
    "Remarque",
)
_MOVES = (
    "N°",
    "Geste",
    "De",
    "Vers",
    "Par",
    "Conditions",
    "À dire",
    "Délai",
    "Ce qui s’ensuit",
    "Fondement",
)


def _moves(process: Process, steps: Sequence[Asked]) -> str:
    return _table(
        _MOVES,
        (
            [
                str(row.number),
                f"**{row.label}**",
                _lines(row.sources),
                row.target,
                _lines(row.by),
                _lines(row.conditions),
                _lines(row.inputs),
                _lines(row.delays),
                row.consequence,
                row.basis,
            ]
            for row in moves_of(process, steps)
        ),
    )


def _steps(process: Process, steps: Sequence[Asked]) -> str:
    return "Ce que le logiciel demande, à qui, et sous quel délai.\n\n" + _table(
        _STEPS,
        (
            [
                row.title,
                row.asked,
                _lines(row.states),
                _lines((*filter(None, [row.delay]), *row.clock)),
                _lines(row.warnings),
                _lines(row.moves),
                row.note,
            ]
            for row in steps_of(process, steps)
        ),
    )


def _edits(process: Process) -> str:
    return _table(
        ["Modification", "Par", "Aux états"],
        ([row.label, _lines(row.by), _lines(row.states)] for row in edits_of(process)),
    )


def _audiences(process: Process) -> str:
    return f"{BESIDE}\n\n" + _table(
        ["Destinataires", "Rôles", "Sans les unités qui sont dans le dossier"],
        (
            [
                audience.label,
                *map(_roles(process), (audience.roles, audience.apart_from)),
            ]
            for audience in process.audiences
        ),
    )


def _roles(process: Process) -> Callable[[frozenset[str]], str]:
    """Name some roles, in the order in which the procedure declares them."""
    order = list(map(str, process.roles.values))
    return lambda roles: _lines(
        process.role_label(role) for role in order if role in set(map(str, roles))
    )


def _lines(texts: Iterable[str]) -> str:
    return "<br>".join(texts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    written = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, cells))} |" for cells in written)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ") or "–"
