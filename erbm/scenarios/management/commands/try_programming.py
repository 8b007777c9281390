"""Share envelopes among what the register asks for, to see what it would give."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils import timezone

from erbm.funding.models import Line
from erbm.programme.models import Envelope, Level
from erbm.programme.schemes import GRANTED, Scheme
from erbm.scenarios.candidates import Allocation, Criterion, Room, scored
from erbm.scenarios.models import Method
from erbm.scenarios.queries import candidates_of
from erbm.scenarios.sharing import share_out
from erbm.words import count, money

WEIGHTS: dict[str, int] = {
    Criterion.DWELLINGS: 2,
    Criterion.OWN_SHARE: 2,
    Criterion.BALANCE: 1,
}
METHODS = (Method.RANKING, Method.DWELLINGS, Method.SCORE)


class Command(BaseCommand):
    help = (
        "Répartit, pour essai et sans rien enregistrer, des enveloppes égales à une "
        "part de ce que les opérations demandent."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--part", type=int, default=80, help="part de la demande, en %% (80)"
        )
        parser.add_argument("--exercice", type=int, help="exercice des règles")
        parser.add_argument("--methode", choices=METHODS, action="append")
        parser.add_argument(
            "--motifs", action="store_true", help="dit pourquoi chacune est écartée"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 < options["part"] <= 100:
            raise CommandError("La part va de 1 à 100.")
        year = options["exercice"] or timezone.localdate().year
        asked = Line.objects.values("scheme").annotate(Count("pk"))
        schemes = {row["scheme"] for row in asked.order_by()}
        for scheme in (one for one in GRANTED if one in schemes):
            self._try(scheme, year, options)

    def _try(self, scheme: Scheme, year: int, options: dict[str, Any]) -> None:
        envelope = Envelope(scheme=scheme, year=year, level=Level.REGION)
        found = scored(candidates_of(envelope, with_drafts=True), WEIGHTS)
        asked = sum(one.cents for one in found)
        room = Room(asked * options["part"] // 100)
        self.stdout.write(
            f"{scheme.label} : {count(len(found))} opérations demandent "
            f"{money(asked)} ; enveloppe de {money(room.cents)}."
        )
        for method in options["methode"] or METHODS:
            started = time.monotonic()
            allocation = share_out(found, room, Method(method))
            seconds = time.monotonic() - started
            self._tell(Method(method), allocation, seconds, motifs=options["motifs"])

    def _tell(
        self, method: Method, allocation: Allocation, seconds: float, *, motifs: bool
    ) -> None:
        chosen = [one for one in allocation.choices if one.cents]
        left_out = [one for one in allocation.choices if not one.cents]
        self.stdout.write(
            f"  {method.label} – retenues : {count(len(chosen))} pour "
            f"{money(sum(one.cents for one in chosen))} ; écartées : "
            f"{count(len(left_out))} ; {seconds:.2f} s. {allocation.note}".rstrip()
        )
        for one in left_out if motifs else ():
            self.stdout.write(f"    {one.candidate.reference} : {one.reason}")
