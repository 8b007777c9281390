"""Ring what is due soon, or late, without waiting for beat."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from workflow import escalations


class Command(BaseCommand):
    help = "Relance et signale les tâches dont l’échelon est venu."

    def handle(self, *args: Any, **options: Any) -> None:
        rang = escalations.sweep(at=timezone.now())
        self.stdout.write(f"Relances et signalements : {rang}.")
