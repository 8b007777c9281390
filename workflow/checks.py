"""Refuse to start when the procedures, the settings or the rows contradict each other.

Django runs these before most of its commands; those that read the rows, only when
told in which database (`manage.py check --database default`) and before `migrate`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.checks import ERROR, WARNING, CheckMessage, Tags, register
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.models import CharField, Model, Q
from django.db.models.functions import Cast

from workflow import outbox
from workflow.cases import UnknownProcess, binding_of, bound_processes
from workflow.journeys import registered_flows
from workflow.models import Case, Competence, Journey, Membership, Message, Task
from workflow.process import Process

RECURSIVE_TRIGGERS = re.compile(
    r"recursive_triggers\s*=\s*(on|1|true|yes)\b", re.IGNORECASE
)


def _error(number: int, message: str, hint: str) -> CheckMessage:
    return CheckMessage(ERROR, message, hint=hint, id=f"workflow.E{number:03}")


def _warning(number: int, message: str, hint: str) -> CheckMessage:
    return CheckMessage(WARNING, message, hint=hint, id=f"workflow.W{number:03}")


# The declarations


@register("workflow")
def every_process_has_its_journey(**kwargs: Any) -> list[CheckMessage]:
    journeys = {(f.process.name, f.process.version): f for f in registered_flows()}
    found: list[CheckMessage] = []
    for process in bound_processes():
        flow = journeys.get((process.name, process.version))
        if flow is None:
            found.append(
                _error(
                    1,
                    f"La procédure {_name(process)} n’a pas de parcours.",
                    "Décorez une CaseFlow avec @journey_of, et importez son module "
                    "dans le ready() de son application.",
                )
            )
        elif flow.process.digest != process.digest:
            found.append(
                _error(
                    2,
                    f"Le parcours {flow.__name__} suit une autre déclaration de "
                    f"{_name(process)} que son sujet.",
                    "Importez la même constante PROCESS des deux côtés.",
                )
            )
    return found


@register("workflow")
def every_journey_is_of_a_bound_process(**kwargs: Any) -> list[CheckMessage]:
    bound = {(process.name, process.version) for process in bound_processes()}
    return [
        _error(
            3,
            f"La procédure {_name(flow.process)} du parcours {flow.__name__} ne meut "
            "aucun modèle.",
            "Décorez son sujet avec @subject_of.",
        )
        for flow in registered_flows()
        if (flow.process.name, flow.process.version) not in bound
    ]


@register("workflow")
def every_version_moves_the_same_model(**kwargs: Any) -> list[CheckMessage]:
    models: dict[str, set[str]] = {}
    for process in bound_processes():
        model = binding_of(process.name, process.version).model
        models.setdefault(process.name, set()).add(model.__name__)
    return [
        _error(
            9,
            f"Les versions de la procédure {name} meuvent plusieurs modèles : "
            f"{', '.join(sorted(found))}.",
            "Nommez-les toutes dans le même @subject_of : un dossier garde ses faits "
            "quand il change de version.",
        )
        for name, found in sorted(models.items())
        if len(found) > 1
    ]


@register("workflow")
def every_listener_knows_its_move(**kwargs: Any) -> list[CheckMessage]:
    declared = {(p.name, move.name) for p in bound_processes() for move in p.moves}
    return [
        _error(
            4,
            f"{listener} attend le geste {move}, que la procédure {process} ne "
            "déclare pas.",
            "Corrigez son @listens_to : un message ne lui viendrait jamais.",
        )
        for process, move, listener in outbox.subscriptions()
        if move and (process, move) not in declared
    ]


@register("workflow")
def every_prefix_is_of_one_process(**kwargs: Any) -> list[CheckMessage]:
    prefixes = Counter(
        prefix for prefix, _ in {(p.prefix, p.name) for p in bound_processes()}
    )
    return [
        _error(
            5,
            f"Plusieurs procédures numérotent leurs dossiers avec le préfixe {prefix}.",
            "Donnez à chacune le sien : deux dossiers auraient la même référence.",
        )
        for prefix, count in sorted(prefixes.items())
        if count > 1
    ]


# The settings


@register("workflow")
def transactions_can_be_relied_on(**kwargs: Any) -> list[CheckMessage]:
    return [
        message
        for alias in connections
        for message in _of_connection(alias, connections[alias])
    ]


def _of_connection(alias: str, connection: Any) -> Iterator[CheckMessage]:
    config, options = connection.settings_dict, connection.settings_dict["OPTIONS"]
    if config["ATOMIC_REQUESTS"]:
        yield _error(
            6,
            f"Base {alias} : ATOMIC_REQUESTS enveloppe chaque page d’une transaction.",
            "Retirez-le : une commande ouvre la sienne, et veut être la première.",
        )
    if connection.vendor != "sqlite":
        return
    if str(options.get("transaction_mode", "")).upper() != "IMMEDIATE":
        yield _error(
            7,
            f"Base {alias} : deux écritures simultanées peuvent se bloquer.",
            'Posez OPTIONS["transaction_mode"] = "IMMEDIATE".',
        )
    if not RECURSIVE_TRIGGERS.search(options.get("init_command", "")):
        yield _error(
            8,
            f"Base {alias} : INSERT OR REPLACE échapperait à la garde du journal.",
            'Ajoutez "PRAGMA recursive_triggers=ON;" à OPTIONS["init_command"].',
        )


# The rows


@register(Tags.database)
def every_row_finds_its_declaration(
    databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    return [
        message
        for alias in databases or ()
        if _is_migrated(alias)
        for check in (_cases, _journeys, _steps, _messages, _competences, _memberships)
        for message in check(alias)
    ]


def _is_migrated(alias: str) -> bool:
    """Tell whether no migration waits: it may be what mends the rows."""
    executor = MigrationExecutor(connections[alias])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _cases(alias: str) -> Iterator[CheckMessage]:
    for name, version, state in _stored(
        Case, alias, "process", "process_version", "state"
    ):
        try:
            process = binding_of(name, int(version)).process
        except UnknownProcess:
            yield _error(
                101,
                f"Des dossiers suivent la procédure {name} v{version}, qui n’existe "
                "plus.",
                "Gardez la déclaration d’une version tant qu’un dossier la suit.",
            )
            continue
        if state not in process.states.values:
            yield _error(
                102,
                f"Des dossiers de {_name(process)} sont à l’état inconnu {state}.",
                "Rendez cet état à la déclaration, ou migrez ces dossiers.",
            )


def _journeys(alias: str) -> Iterator[CheckMessage]:
    known = {_reference(Journey, "flow_class", flow) for flow in registered_flows()}
    for (reference,) in _stored(Journey, alias, "flow_class"):
        if reference not in known:
            yield _error(
                103,
                f"Des dossiers suivent le parcours {reference}, qui n’existe plus.",
                "Un parcours déplacé ou renommé demande une migration de données.",
            )


def _steps(alias: str) -> Iterator[CheckMessage]:
    steps = [step for flow in registered_flows() for step in flow.steps()]
    known = {_reference(Task, "flow_task", step) for step in steps}
    for (reference,) in _stored(Task, alias, "flow_task", where=Q(finished=None)):
        if reference not in known:
            yield _error(
                104,
                f"Des tâches attendent au nœud {reference}, qui n’existe plus.",
                "Un nœud renommé demande une migration de données.",
            )


def _messages(alias: str) -> Iterator[CheckMessage]:
    known = {listener for _, _, listener in outbox.subscriptions()}
    for (listener,) in _stored(Message, alias, "listener", where=Q(done_at=None)):
        if listener not in known:
            yield _error(
                105,
                f"Des messages attendent {listener}, qui n’existe plus.",
                "Une fonction déplacée ou renommée demande une migration de données.",
            )


def _competences(alias: str) -> Iterator[CheckMessage]:
    known = {
        (process.name, str(role))
        for process in bound_processes()
        for role in process.roles.values
    }
    for name, role in _stored(Competence, alias, "process", "role"):
        if (name, role) not in known:
            yield _warning(
                106,
                f"Une compétence porte sur le rôle {role} de la procédure {name}, "
                "que rien ne déclare.",
                "Elle ne sert à rien : corrigez-la, ou retirez-la.",
            )


def _memberships(alias: str) -> Iterator[CheckMessage]:
    known = {str(role) for p in bound_processes() for role in p.roles.values}
    for (role,) in _stored(Membership, alias, "role"):
        if role not in known:
            yield _warning(
                107,
                f"Des personnes tiennent le rôle {role}, que rien ne déclare.",
                "Il ne leur ouvre rien : corrigez leurs appartenances.",
            )


def _name(process: Process) -> str:
    return f"{process.name} v{process.version}"


def _reference(model: type[Model], field: str, node: object) -> str:
    """Return what a column of viewflow holds for a journey or a step."""
    column: Any = model._meta.get_field(field)
    return str(column.get_prep_value(node))


def _stored(
    model: type[Model], alias: str, *columns: str, where: Q | None = None
) -> list[tuple[str, ...]]:
    """Return the distinct values of some columns, as text."""
    texts = {f"{column}_text": Cast(column, CharField()) for column in columns}
    rows = model._default_manager.using(alias).filter(where or Q()).order_by()
    return sorted(rows.annotate(**texts).values_list(*texts).distinct())
