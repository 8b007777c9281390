"""Write the private key of the sealer, or have another one succeed it."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from workflow.management.operators import operator
from workflow.trail import sealing
from workflow.trail.notes import Signer


class Command(BaseCommand):
    help = (
        "Écrit une nouvelle clé de scellement (Ed25519, PEM) dans un fichier qui "
        "n’existe pas encore. Avec --rotate, elle succède aussitôt à celle de "
        "SEALING_KEY_FILE, qui s’en porte garante dans le journal."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, metavar="FICHIER")
        parser.add_argument("--rotate", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        try:
            path.touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            raise CommandError(
                f"{path} existe déjà : on n’écrase pas une clé."
            ) from None
        path.write_bytes(Signer.new_pem())
        if options["rotate"]:
            present = sealing.signer()
            new = Signer.of_pem(present.name, path.read_bytes())
            sealing.rotate(by=present, to=new, at=timezone.now(), texts=operator())
            self.stdout.write(f"Donnez désormais {path} au scelleur seul.")
        else:
            self.stdout.write(f"{path} : à ne donner qu’au scelleur.")
