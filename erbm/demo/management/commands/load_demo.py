"""Load the demonstration that the package ships."""

import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from erbm.demo.loading import load
from erbm.words import FIXED, count
from workflow.models import Competence


class Command(BaseCommand):
    help = (
        "Charge la démonstration, comptes et opérations au passé inventé ; "
        "sans effet si elle est déjà là."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO and settings.DEMO_PASSWORD):
            raise CommandError(
                f"La démonstration ouvre des comptes au mot de passe connu{FIXED}: "
                "elle ne se charge qu’avec DEMO=1 et DEMO_PASSWORD."
            )
        if not Competence.objects.exists():
            call_command("load_reference", stdout=self.stdout)
        started = time.monotonic()
        told = load(at=timezone.now())
        self.stdout.write(
            f"{count(told)} événements racontés en {time.monotonic() - started:.0f} s."
            if told
            else "La démonstration est déjà là."
        )
