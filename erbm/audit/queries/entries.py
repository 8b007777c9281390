"""The register as an auditor reads it: who signed in, was refused, looked, exported."""

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from erbm import words
from erbm.audit.queries import acts
from erbm.audit.queries.trail import Seal, sealed
from erbm.cases.records import ERASED
from workflow.deadlines import start_of
from workflow.models import Entry, Leaf, Membership
from workflow.paging import Order
from workflow.refusals import Ground
from workflow.standing import granted

LATEST_FIRST = Order(("at", "id"), descending=True)
A_DAY = datetime.timedelta(days=1)
ALTERED = "Inscription illisible : ce qui en est écrit a été altéré"
NOBODY = "personne d’identifié"
LABELS = {
    "page": "Page",
    "criteria": "Recherche",
    "scope": "Étendue",
    "seq": "Événement n°",
    "size": "Taille",
    "move": "Geste",
    "level": "Niveau",
    "reason": "Motif",
    "refusals": "Refus",
    "address": "Adresse",
    "person": "Personne",
    "unit": "Unité",
    "kind": "Procédure ou nature",
    "act": "Geste ou événement",
    "reference": "Dossier",
    "since": "À partir du",
    "until": "Jusqu’au",
    "grounds": "Cause",
    "fields": "Champs en cause",
    "case_version": "Version du dossier",
    "reasons": "Raisons données",
    "list": "Liste",
    "form": "Format",
    "q": "Mots cherchés",
    "documents": "Pièces",
    "batch": "Lot n°",
    "basis": "Fondement",
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
}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as it is read, and its seal if it has one."""

    entry: Entry
    seal: Seal | None
    what: str
    who: str
    said: tuple[tuple[str, str], ...]
    hash: str


def found(
    held: Sequence[Membership], said: Mapping[str, Any], *, everything: bool
) -> QuerySet[Entry]:
    """Return the entries that answer a search.

    Those of no case are only for who audits everything: nothing says of which
    jurisdiction they are.
    """
    entries = Entry.objects.filter(_asked(said))
    return entries if everything else entries.filter(granted(held, case="case"))


def _asked(said: Mapping[str, Any]) -> Q:
    wanted = Q()
    columns = {"person": "actor", "reference": "case__reference", "entry": "kind"}
    for name, column in columns.items():
        if value := said.get(name):
            wanted &= Q(**{column: value})
    if since := said.get("since"):
        wanted &= Q(at__gte=start_of(since))
    if until := said.get("until"):
        wanted &= Q(at__lt=start_of(until + A_DAY))
    return wanted


def lines_of(entries: Sequence[Entry]) -> list[Line]:
    """Read entries in words, those that were altered included."""
    leaves = Leaf.objects.filter(entry__in=[entry.pk for entry in entries])
    seals = sealed(leaves, "entry")
    return [_line(entry, seals.get(entry.pk)) for entry in entries]


def _line(entry: Entry, seal: Seal | None) -> Line:
    kept = getattr(entry, "text", None)
    try:
        body: Any = json.loads(entry.body)
        facts = [*_said(body["facts"])]
        texts: Any = json.loads(kept.text) if kept and kept.text else {}
        actor = texts.pop("actor", ERASED if entry.actor_id else NOBODY)
        told = [(LABELS.get(name, name), str(text)) for name, text in texts.items()]
        what = entry.label[:1].upper() + entry.label[1:]
    except (ValueError, LookupError, TypeError, AttributeError):
        what, actor, facts, told = ALTERED, str(entry.actor or NOBODY), [], []
    return Line(entry, seal, what, actor, (*facts, *told), bytes(entry.hash).hex())


def _said(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name each fact, those that hold others one by one."""
    for name, value in facts.items():
        if isinstance(value, Mapping):
            yield from _said(value)
        elif value not in (None, "", []):
            yield LABELS.get(name, name), _written(name, value)


def _written(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        return ", ".join(_written(name, one) for one in value)
    if isinstance(value, int):
        return words.count(value)
    if name in {"act", "move"}:
        return acts.label(str(value))
    return VALUES.get((name, value), str(value))
