"""Load the territory, the organisations and the competences that the package ships."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from erbm.organisations import reference as organisations
from erbm.territory import reference as territory
from erbm.words import FIXED, count


class Command(BaseCommand):
    help = "Charge les données de référence ; sans effet si elles sont à jour."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        for loaded in (
            *territory.load_territory(),
            organisations.load_organisations(),
            territory.load_cites(),
            organisations.load_competences(),
        ):
            self.stdout.write(
                f"{loaded.label}{FIXED}: {count(loaded.total)} en référence "
                f"(ajouts{FIXED}: {count(loaded.added)}, "
                f"modifications{FIXED}: {count(loaded.changed)})"
            )
