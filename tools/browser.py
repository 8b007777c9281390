"""Make sure that a Chromium is there for the tests that drive one."""

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
PLAYWRIGHT = [sys.executable, "-m", "playwright"]


def ensure_browser() -> None:
    """Find a browser, or install one; stop with the reason when none can be had."""
    # Playwright brings its own program, but not this library of it.
    if not _succeeds([*PLAYWRIGHT, "--version"]) and not _install("libatomic1"):
        sys.exit("Playwright ne démarre pas ici : apt-get install libatomic1")
    browser = _found()
    if not browser and (_install("chromium") or _download()):
        browser = _found()
    if not browser:
        sys.exit(
            "Aucun navigateur, et aucun moyen d’en installer un ici.\n"
            "Installez Chromium (apt-get install chromium), ou lancez make test-fast."
        )
    print(f"· Navigateur : {browser}", flush=True)


def _found() -> str | None:
    if on_path := next(filter(None, map(shutil.which, NAMES)), None):
        return on_path
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def _install(package: str) -> bool:
    """Install a package of Debian's, if this machine is one and we administer it."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print(f"· Installation de {package} par apt-get", flush=True)
    _lists_of_packages()
    return _succeeds(["apt-get", "install", "-yq", package])


@functools.cache
def _lists_of_packages() -> bool:
    return _succeeds(["apt-get", "update", "-q"])


def _download() -> bool:
    print("· Téléchargement de Chromium par Playwright", flush=True)
    return _succeeds([*PLAYWRIGHT, "install", "chromium"])


def _succeeds(command: list[str]) -> bool:
    """Run a command, and show what it said only when it failed."""
    done = subprocess.run(
        command,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode != 0:
        print(done.stdout, flush=True)
    return done.returncode == 0
