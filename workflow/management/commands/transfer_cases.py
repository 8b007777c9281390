"""Carry cases to another version of their procedure: prepare, try, run, bring back."""

import json
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from workflow import transfers
from workflow.models import Case, Transfer


class Command(BaseCommand):
    help = "Fait passer des dossiers d’une version de leur procédure à une autre."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--by", required=True, help="adresse de qui en répond")
        acts = parser.add_subparsers(dest="act", required=True)
        prepare = acts.add_parser("prepare", help="écrit une migration et l’essaie")
        prepare.add_argument("process", help="procédure")
        prepare.add_argument("before", type=int, help="version quittée")
        prepare.add_argument("after", type=int, help="version rejointe")
        prepare.add_argument("--reason", required=True, help="motif")
        prepare.add_argument("--states", default="{}", help="états renommés, en JSON")
        prepare.add_argument("--steps", default="{}", help="nœuds renommés, en JSON")
        prepare.add_argument("--case", action="append", help="les seuls dossiers")
        prepare.add_argument("--strike-signatures", action="store_true")
        for name in ("try", "run", "undo"):
            act = acts.add_parser(name)
            act.add_argument("transfer", type=int, help="numéro de la migration")
            act.add_argument("--limit", type=int, default=1_000_000)

    def handle(self, *args: Any, **options: Any) -> None:
        users = get_user_model()._default_manager
        by = users.filter(email=options["by"]).first()
        if by is None:
            raise CommandError(f"Aucun compte n’a l’adresse {options['by']}.")
        try:
            if options["act"] == "prepare":
                self._prepare(by, options)
            else:
                self._go_on(by, options)
        except transfers.TransferRefused as refused:
            raise CommandError(str(refused)) from refused

    def _prepare(self, by: Any, options: dict[str, Any]) -> None:
        chosen = Case.objects.all()
        if options["case"]:
            chosen = chosen.filter(reference__in=options["case"])
        request = transfers.Request(
            process=options["process"],
            before=options["before"],
            after=options["after"],
            reason=options["reason"],
            states=json.loads(options["states"]),
            steps=json.loads(options["steps"]),
            keeps_signatures=not options["strike_signatures"],
        )
        transfer = transfers.prepare(request, chosen, by=by, at=timezone.now())
        self.stdout.write(f"Migration n° {transfer.pk}.")
        self._tell(transfer, transfers.attempt(transfer, by=by, at=timezone.now()))

    def _go_on(self, by: Any, options: dict[str, Any]) -> None:
        transfer = Transfer.objects.filter(pk=options["transfer"]).first()
        if transfer is None:
            raise CommandError(f"Il n’y a pas de migration n° {options['transfer']}.")
        if options["act"] == "try":
            report = transfers.attempt(transfer, by=by, at=timezone.now())
        else:
            act = transfers.run if options["act"] == "run" else transfers.bring_back
            limit = options["limit"]
            report = act(transfer, limit=limit, by=by, clock=timezone.now)
        self._tell(transfer, report)

    def _tell(self, transfer: Transfer, report: transfers.Report) -> None:
        refused = transfer.passages.exclude(refusal="").select_related("case")
        for passage in refused.order_by("pk"):
            self.stderr.write(f"{passage.case.reference} : {passage.refusal}")
        self.stdout.write(
            f"Faits : {report.done} ; refusés : {report.refused} ; "
            f"restants : {report.left}."
        )
