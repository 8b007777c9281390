"""Run every check that needs no test, to the end, and say which ones failed."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tools.processes import end_on_signals

SCRIPTS = Path(sys.executable).parent
PYTHON = [sys.executable, "-m"]
MANAGE = [sys.executable, "manage.py"]
STRICT = ["--fail-level", "WARNING"]

# Enough to start; none of it is used.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "erbm.settings.production",
    "SECRET_KEY": "a long enough and various enough secret, 0123456789 abcdefghi",
    "ALLOWED_HOSTS": "erbm.example",
    "BASE_URL": "https://erbm.example",
    "DATABASE_URL": "sqlite://:memory:",
    "REDIS_URL": "redis://localhost",
    "EMAIL_URL": "smtp://localhost",
    "DEFAULT_FROM_EMAIL": "erbm@erbm.example",
}

CHECKS: dict[str, list[str]] = {
    "format": [*PYTHON, "ruff", "format", "--check", "--quiet", "."],
    "lint": [*PYTHON, "ruff", "check", "--quiet", "."],
    "types": [*PYTHON, "mypy"],
    "types of the tools": [*PYTHON, "mypy", "-p", "tools"],
    "contracts": [str(SCRIPTS / "lint-imports")],
    "templates": [*PYTHON, "djlint", "--lint", "--quiet", "templates"],
    "Django": [*MANAGE, "check", *STRICT],
    "Django in production": [*MANAGE, "check", "--deploy", *STRICT],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "published procedures": [*MANAGE, "draw_processes", "--check"],
    "frozen versions": [*MANAGE, "freeze_processes", "--check"],
    "Dockerfile": [str(SCRIPTS / "hadolint"), "Dockerfile"],
    "compose.yaml": [
        *(*PYTHON, "check_jsonschema", "--quiet"),
        *("--builtin-schema", "vendor.compose-spec", "compose.yaml"),
    ],
}


def main() -> int:
    """Run all checks; show what the failed ones said."""
    end_on_signals()
    failed = [name for name, command in CHECKS.items() if not _passes(name, command)]
    print(f"{len(CHECKS) - len(failed)} passed, {len(failed)} failed")
    return int(bool(failed))


def _passes(name: str, command: list[str]) -> bool:
    environment = PRODUCTION if name.endswith("production") else {}
    started = time.monotonic()
    done = subprocess.run(
        command,
        env={**os.environ, **environment},
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    verdict = "ok" if done.returncode == 0 else "FAILED"
    print(f"{name:<22} {verdict:<6} {time.monotonic() - started:4.1f} s", flush=True)
    if done.returncode:
        print(done.stdout, flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
