"""The words of what the register keeps: its facts, their values, what was changed."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

from erbm import words
from erbm.accounts.commands import Leaving, Level
from erbm.audit.queries import acts
from erbm.cases import rooms
from workflow.refusals import Ground

Row = tuple[str, str]

LABELS = {
    "account": "Compte visé n°",
    "accounts": "Comptes",
    "act": "Geste ou événement",
    "address": "Adresse",
    "application": "Rôle de l’application",
    "basis": "Fondement",
    "batch": "Lot n°",
    "box": "Boîte",
    "case_version": "Version du dossier",
    "criteria": "Recherche",
    "deed": "Changement",
    "documents": "Pièces",
    "entries": "Inscriptions effacées",
    "entry": "Nature",
    "fields": "Champs en cause",
    "first_day": "Du",
    "form": "Format",
    "found": "Défauts trouvés",
    "grounds": "Cause",
    "inspection": "Contrôle n°",
    "key": "Nouvelle clé",
    "kind": "Procédure ou nature",
    "label": "Intitulé",
    "last_day": "Au",
    "level": "Niveau",
    "limit": "Répétitions tues ensuite, en secondes",
    "list": "Liste",
    "move": "Geste",
    "operator": "Compte du système",
    "owner": "Rôle propriétaire",
    "page": "Page",
    "person": "Personne n°",
    "previous": "Clé quittée",
    "principal": "Personne suppléée",
    "processes": "Procédures",
    "q": "Mots cherchés",
    "reason": "Motif",
    "reasons": "Raisons données",
    "reference": "Dossier",
    "refusals": "Refus",
    "row": "Ligne n°",
    "scope": "Étendue",
    "sealer": "Rôle du scelleur",
    "seq": "Événement n°",
    "since": "À partir du",
    "size": "Taille",
    "state": "État",
    "substitute": "Suppléant",
    "substitution": "Suppléance n°",
    "table": "Table",
    "unit": "Unité",
    "until": "Jusqu’au",
    "whole": "Journal entier",
    "why": "Fin de la session",
}
VALUES = {
    ("page", "search"): "recherche dans le journal",
    ("page", "case"): "journal d’un dossier",
    ("page", "proof"): "preuve d’inclusion",
    ("page", "seals"): "sceaux",
    ("page", "note"): "note signée téléchargée",
    ("page", "comparison"): "comparaison avec un témoin",
    ("page", "register"): "registre",
    ("scope", "case"): "un dossier",
    ("scope", "since"): "les dossiers changés depuis un jour",
    ("scope", "all"): "le journal entier",
    ("grounds", Ground.STATE.value): "état du dossier",
    ("grounds", Ground.ROLE.value): "rôle",
    ("grounds", Ground.CONFLICT.value): "conflit d’intérêts",
    ("grounds", Ground.SIGNATURE.value): "signature déjà donnée",
    ("grounds", Ground.FOUR_EYES.value): "quatre yeux",
    ("grounds", Ground.CLAIM.value): "tâche prise par une autre personne",
    ("grounds", Ground.REQUIREMENT.value): "condition non remplie",
    ("grounds", Ground.CONTENT.value): "contenu",
    ("grounds", Ground.INPUT.value): "saisie",
    ("grounds", Ground.IDENTITY.value): "identité non confirmée",
    ("level", Level.PASSWORD.value): "mot de passe",
    ("why", Leaving.ASKED.value): "à sa demande",
    ("why", Leaving.IDLE.value): "inactivité",
    ("why", Leaving.TOO_LONG.value): "durée la plus longue atteinte",
    ("deed", "add"): "ajout",
    ("deed", "change"): "modification",
    ("deed", "delete"): "suppression",
    ("list", "operations"): "opérations",
    ("list", "taches"): "tâches",
}
ACTS = {"act", "move"}
PROCEDURES = {"processes"}
BEFORE, AFTER = ".before", ".after"
COUNTED = {"entries"}  # hashes, which say nothing to a reader


def said(facts: Mapping[str, Any]) -> Iterator[Row]:
    """Name each fact, those that hold others one by one; what was changed is apart."""
    for name, value in facts.items():
        if name in {"changes", "table"}:
            continue
        if isinstance(value, Mapping):
            yield from said(value)
        elif value not in (None, "", []):
            yield LABELS.get(name, name), _written(name, value)


def changed(facts: Mapping[str, Any], texts: Mapping[str, Any]) -> Iterator[Row]:
    """Say of which table what was changed, before and after, texts included."""
    if "table" not in facts:
        return
    model = _model(facts["table"])
    yield LABELS["table"], str(model._meta.verbose_name if model else facts["table"])
    for column, pair in facts.get("changes", {}).items():
        was, now = pair or (texts.get(column + BEFORE), texts.get(column + AFTER))
        if was is None and now is None:  # texts that were erased
            continue
        yield _column(model, column), f"{_shown(was)} → {_shown(now)}"


def told(texts: Mapping[str, Any]) -> Iterator[Row]:
    """Name each text that is not the value of a column."""
    for name, text in texts.items():
        if not name.endswith((BEFORE, AFTER)):
            yield LABELS.get(name, name), str(text)


def _written(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if name in COUNTED and isinstance(value, list):
        return words.count(len(value))
    if isinstance(value, list):
        return ", ".join(_written(name, one) for one in value)
    if isinstance(value, int):
        return words.count(value)
    if name in ACTS:
        return acts.label(str(value))
    if name in PROCEDURES:
        return rooms.label_of(str(value))
    return VALUES.get((name, value), str(value))


def _model(label: str) -> Any:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):  # a table of another version
        return None


def _column(model: Any, name: str) -> str:
    try:
        return str(model._meta.get_field(name).verbose_name)
    except (AttributeError, FieldDoesNotExist):
        return name


def _shown(value: Any) -> str:
    if value in (None, "", []):
        return "rien"
    if isinstance(value, bool):
        return "oui" if value else "non"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
