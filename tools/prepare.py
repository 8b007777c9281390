"""Prepare the demonstration: the database, its content, the files to serve."""

import hashlib
import io
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command


def prepare_database() -> None:
    """Bring the tables up to date; load the demonstration into a new database."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    loaded = Path(settings.VAR_DIR) / "demo-loaded"
    if not loaded.exists():
        call_command("load_reference")
        call_command("load_demo")
        loaded.touch()


def prepare_sealing_key() -> None:
    """Write a key for this machine, with which the demonstration seals its trail."""
    path = Path(settings.VAR_DIR) / "sealing-key.pem"
    if not path.exists():
        call_command("sealing_key", str(path), stdout=io.StringIO())


def prepare_static_files() -> None:
    """Collect and compress the files to serve, unless they are those of last time."""
    stamp = Path(settings.STATIC_ROOT) / ".fingerprint"
    current = _fingerprint()
    if not stamp.exists() or stamp.read_text() != current:
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(current)


def _fingerprint() -> str:
    """Sum up what the collected files are made from."""
    root = Path(settings.BASE_DIR)
    sources = [root / "requirements.lock", root / "erbm" / "staticfiles.py"]
    sources += sorted(path for path in (root / "static").rglob("*") if path.is_file())
    total = hashlib.sha256()
    for source in sources:
        total.update(str(source.relative_to(root)).encode() + source.read_bytes())
    return total.hexdigest()


if __name__ == "__main__":
    django.setup()
    prepare_database()
    prepare_sealing_key()
    prepare_static_files()
