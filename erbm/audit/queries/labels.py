"""The words of what the register keeps: its facts, their values, what was changed."""

import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

from erbm import words
from erbm.accounts.commands import Leaving, Level
from erbm.audit.queries import acts
from erbm.cases import rooms
from erbm.grants.models import Answer, DifferenceKind
from workflow.refusals import Ground

Row = tuple[str, str]

LABELS = {
    "account": "Compte visé n°",
    "accounts": "Comptes",
    "act": "Geste ou événement",
    "address": "Adresse",
    "answer": "Réponse",
    "application": "Rôle de l’application",
    "basis": "Fondement",
    "batch": "Lot n°",
    "box": "Boîte",
    "case_version": "Version du dossier",
    "criteria": "Recherche",
    "deed": "Changement",
    "differences": "Écarts",
    "documents": "Pièces",
    "ej_number": "N° d’EJ",
    "entries": "Inscriptions effacées",
    "entry": "Nature",
    "fields": "Champs en cause",
    "filename": "Fichier",
    "first_day": "Du",
    "form": "Format",
    "found": "Défauts trouvés",
    "grounds": "Cause",
    "id": "N°",
    "inspection": "Contrôle n°",
    "key": "Nouvelle clé",
    "kind": "Procédure ou nature",
    "label": "Intitulé",
    "last_day": "Au",
    "letter": "Courrier",
    "level": "Niveau",
    "limit": "Répétitions tues ensuite, en secondes",
    "list": "Liste",
    "message_id": "Message",
    "move": "Geste",
    "operator": "Compte du système",
    "ours": "Montant connu ici",
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
    "rows": "Lignes",
    "scope": "Étendue",
    "sealer": "Rôle du scelleur",
    "seq": "Événement n°",
    "sha256": "Empreinte (SHA-256)",
    "since": "À partir du",
    "size": "Taille",
    "state": "État",
    "substitute": "Suppléant",
    "substitution": "Suppléance n°",
    "table": "Table",
    "theirs": "Montant dans Chorus",
    "to": "Destinataires",
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
    ("letter", "acknowledgement"): "accusé de réception",
    **{("answer", value): label for value, label in Answer.choices},
    **{("kind", value): label for value, label in DifferenceKind.choices},
}
BEFORE, AFTER = ".before", ".after"
COUNTED = {"entries"}  # hashes, which say nothing to a reader
CENTS = "_cents"
IN_CENTS = " en centimes"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


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
        yield (
            _name(model, column),
            f"{_shown(model, column, was)} → {_shown(model, column, now)}",
        )


def told(texts: Mapping[str, Any]) -> Iterator[Row]:
    """Name each text that is not the value of a column."""
    for name, text in texts.items():
        if not name.endswith((BEFORE, AFTER)):
            yield LABELS.get(name, name), str(text)


def _written(name: str, value: Any) -> str:
    if isinstance(value, list) and name not in COUNTED:
        return ", ".join(_written(name, one) for one in value)
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int | list):
        return words.count(value if isinstance(value, int) else len(value))
    write = WRITTEN.get(name, _day_or)
    return VALUES.get((name, value)) or write(str(value))


def _model(label: str) -> Any:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):  # a table of another version
        return None


def _name(model: Any, column: str) -> str:
    field = _field(model, column)
    return str(field.verbose_name).removesuffix(IN_CENTS) if field else column


def _field(model: Any, column: str) -> Any:
    try:
        return model._meta.get_field(column)
    except (AttributeError, FieldDoesNotExist):
        return None


def _shown(model: Any, column: str, value: Any) -> str:
    """Write a value as pages do: amounts in euros, choices by their labels."""
    if value in (None, "", []):
        return "rien"
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int) and column.endswith(CENTS):
        return words.money(value)
    if isinstance(value, list):
        return ", ".join(_shown(model, column, one) for one in value)
    choices = dict(getattr(_field(model, column), "flatchoices", ()))
    return str(choices.get(value) or _day_or(str(value)))


def _day_or(text: str) -> str:
    if not DAY.fullmatch(text):
        return text
    return words.day(datetime.date.fromisoformat(text))


def _euros(cents: str) -> str:
    return words.money(int(cents))


WRITTEN: Mapping[str, Callable[[str], str]] = {
    "act": acts.label,
    "move": acts.label,
    "processes": rooms.label_of,
    "ours": _euros,
    "theirs": _euros,
}
"""How the values of a fact are written; the others as they are, or as days."""
