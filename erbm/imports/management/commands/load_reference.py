"""Load the territory, the bodies, their competences, the themes and the rules."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from erbm.committees import reference as committees
from erbm.operations import reference as operations
from erbm.organisations import reference as organisations
from erbm.programme import reference as programme
from erbm.territory import reference as territory
from erbm.words import count


class Command(BaseCommand):
    help = "Charge les données de référence ; sans effet si elles sont à jour."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        for loaded in (
            *territory.load_territory(),
            organisations.load_organisations(),
            territory.load_cites(),
            organisations.load_competences(),
            programme.load_themes(),
            programme.load_tags(),
            programme.load_scheme_rules(),
            operations.load_consultations(),
            committees.load_bodies(),
        ):
            self.stdout.write(
                f"{loaded.label} : {count(loaded.total)} en référence "
                f"(ajouts : {count(loaded.added)}, "
                f"modifications : {count(loaded.changed)})"
            )
