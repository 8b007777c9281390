"""Look at a page as people do: wide, narrow, and with an accessibility checker."""

import os
import shutil
from pathlib import Path

import brotli
from axe_playwright_python.sync_playwright import Axe

# Where the pictures go; the folder is never committed.
FOLDER = Path(os.environ.get("SCREENSHOTS", "screenshots"))
WIDTHS = (1280, 360)
HEIGHT = 900
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The whole of WCAG 2.1 at level AA, which the French RGAA 4.1 follows.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
}


def launch(playwright):
    """Start the browser of this machine, or Playwright's own."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return playwright.chromium.launch(executable_path=found, args=ARGUMENTS)


def listen(page):
    """Return a list that fills with what the browser complains about."""
    complaints = []
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text)
            if message.type in {"error", "warning"}
            and "status of 409" not in message.text
            else None
        ),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def weight(response):
    """Return what a response weighs once compressed as production does."""
    return len(brotli.compress(response.body()))


def take(page, name):
    """Picture a page at each width, and return what is wrong with it."""
    faults = []
    # Half loaded, it would be pictured without its style.
    page.wait_for_load_state()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        FOLDER.mkdir(parents=True, exist_ok=True)
        # To hide the caret, a style is written in the fields: our own policy forbids
        # the design system to copy it, and the browser complains.
        page.screenshot(
            path=FOLDER / f"{name}-{width}.png", full_page=True, caret="initial"
        )
        faults += [f"{name} à {width} px : {fault}" for fault in look(page)]
    return faults


def look(page):
    """Return the faults of a page as it is shown now."""
    return [*_overflow(page), *_violations(page)]


def _overflow(page):
    wide = page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= width) return [];
            return [...document.querySelectorAll("body *")]
                .filter((e) => e.getBoundingClientRect().right > width + 1)
                .map((e) => `${e.tagName.toLowerCase()}.${e.className}`);
        }"""
    )
    return [f"déborde : {element}" for element in wide[:5]]


def _violations(page):
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{violation['id']} : {violation['help']} – {node['html'][:160]}"
        for violation in found
        for node in violation["nodes"]
    ]
