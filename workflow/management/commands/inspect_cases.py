"""Look for the cases that contradict the rules, as the night does, and list them."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from workflow import inspections


class Command(BaseCommand):
    help = "Contrôle tous les dossiers ; signale ceux qui contredisent les règles."

    def handle(self, *args: Any, **options: Any) -> None:
        done = inspections.inspect(by=None, at=timezone.now(), clock=timezone.now)
        for finding in done.findings.order_by("pk"):
            self.stderr.write(finding.message)
        self.stdout.write(f"Dossiers : {done.cases} ; contradictions : {done.found}.")
        if done.found:
            sys.exit(1)
