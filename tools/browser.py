"""Make sure that a Chromium is there for the tests that drive one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
INSTALL = (["apt-get", "update", "-q"], ["apt-get", "install", "-yq", "chromium"])


def ensure_browser() -> None:
    """Find a browser, or install one; stop with the reason when none can be had."""
    browser = _found() or _from_debian() or _from_playwright()
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


def _from_debian() -> str | None:
    """Install Debian's: it comes with the libraries that it needs."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    print("· Installation de Chromium par apt-get", flush=True)
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    for command in INSTALL:
        done = subprocess.run(
            command,
            env=os.environ | quiet,
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if done.returncode != 0:
            print(done.stdout)
            return None
    return _found()


def _from_playwright() -> str | None:
    print("· Téléchargement de Chromium par Playwright", flush=True)
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    return _found() if subprocess.run(command, check=False).returncode == 0 else None
