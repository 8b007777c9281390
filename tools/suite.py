"""Run the whole suite, pass by pass, with all that each pass needs.

Usage: python -m tools.suite PASS... [-- PYTEST_ARGUMENT...]
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from tools.browser import ensure_browser
from tools.processes import end_on_signals
from tools.services import services

NOTHING_COLLECTED = 5
ADDRESSES = ("DATABASE_URL", "REDIS_URL")
IN_PARALLEL = ("-n", "auto", "--dist", "worksteal")


@dataclass(frozen=True)
class Pass:
    """One run of pytest: what it is called, what it selects, what it needs."""

    title: str
    options: tuple[str, ...]
    needs_services: bool = True


PASSES = {
    "unit": Pass(
        "SQLite",
        ("-m", "not postgres and not browser", *IN_PARALLEL),
        needs_services=False,
    ),
    "services": Pass("PostgreSQL et Valkey", ("-m", "not browser", *IN_PARALLEL)),
    "browser": Pass("Navigateur", ("-m", "browser")),
}


@dataclass
class Outcome:
    """What a pass gave: pytest's exit code, its counts, its duration."""

    title: str
    code: int
    seconds: float
    counts: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        words = ", ".join(f"{self.counts.get(kind, 0)} {kind}" for kind in KINDS)
        verdict = "échec" if self.code else "réussi"
        return f"{self.title:<22} {verdict:<8} {words}, {self.seconds:.0f} s"


KINDS = ("passed", "failed", "skipped")


def main(arguments: list[str]) -> int:
    """Run the passes named before `--`, with the options given after it."""
    end_on_signals()
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    passes = [PASSES[name] for name in arguments[:cut]]
    options = arguments[cut + 1 :]
    if PASSES["browser"] in passes:
        ensure_browser()
    outcomes = [_run(each, options, {}) for each in passes if not each.needs_services]
    with_services = [each for each in passes if each.needs_services]
    if with_services:
        with services() as addresses:
            outcomes += [_run(each, options, addresses) for each in with_services]
    return _conclude(outcomes, chosen=bool(options))


def _run(each: Pass, options: list[str], addresses: Mapping[str, str]) -> Outcome:
    print(f"\n━━ {each.title} ━━", flush=True)
    environment = {k: v for k, v in os.environ.items() if k not in ADDRESSES}
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}"]
        code = subprocess.run(
            [*command, *each.options, *options],
            env={**environment, **addresses},
            check=False,
        ).returncode
        seconds = time.monotonic() - started
        return Outcome(each.title, code, seconds, _counts(report))


def _counts(report: Path) -> dict[str, int]:
    if not report.exists():
        return {}
    suite = ET.parse(report).getroot().find("testsuite")  # noqa: S314
    if suite is None:
        return {}
    number = {name: int(suite.get(name, 0)) for name in ("tests", "skipped")}
    failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    passed = number["tests"] - failed - number["skipped"]
    return {"passed": passed, "failed": failed, "skipped": number["skipped"]}


def _conclude(outcomes: list[Outcome], *, chosen: bool) -> int:
    """Sum up, and succeed when every pass did.

    A pass without any test has failed, unless options chose among the tests: then
    one pass that found some is enough.
    """
    print("\n━━ Bilan ━━")
    print(*outcomes, sep="\n")
    total = {kind: sum(o.counts.get(kind, 0) for o in outcomes) for kind in KINDS}
    print(", ".join(f"{count} {kind}" for kind, count in total.items()))
    empty = [outcome for outcome in outcomes if outcome.code == NOTHING_COLLECTED]
    if chosen and len(empty) < len(outcomes):
        outcomes = [outcome for outcome in outcomes if outcome not in empty]
    return int(any(outcome.code for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
