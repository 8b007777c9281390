"""Print the accounts of the demonstration."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from erbm.accounts.queries import demo_accounts
from erbm.words import FIXED


class Command(BaseCommand):
    help = "Affiche les comptes de la démonstration."

    def handle(self, *args: Any, **options: Any) -> None:
        rows = [("Compte", "Nom", "Fonction")]
        rows += [(user.email, str(user), user.position) for user in demo_accounts()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())
        self.stdout.write(f"\nMot de passe de tous{FIXED}: {settings.DEMO_PASSWORD}")
