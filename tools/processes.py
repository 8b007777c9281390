"""Start programs that never outlive the one that started them."""

import contextlib
import ctypes
import functools
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

PATIENCE = 15.0  # seconds that a program has to stop by itself
PR_SET_PDEATHSIG = 1


class Stopped(SystemExit):
    """Somebody, or the machine, asks us to end."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.number = number


def end_on_signals() -> None:
    """Leave by an exception at each signal that ends us, so that `with` tidies up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    # A second signal must not interrupt the tidying up.
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    raise Stopped(number)


@contextlib.contextmanager
def running(
    command: list[str],
    *,
    log: Path,
    account: str | None = None,
    stop_with: signal.Signals = signal.SIGTERM,
) -> "Iterator[subprocess.Popen[bytes]]":
    """Run a program for the time of a `with`; then stop it and all that it started."""
    with log.open("ab") as lines:
        process = subprocess.Popen(
            command,
            cwd="/" if account else None,
            user=account,
            group=pwd.getpwnam(account).pw_gid if account else None,
            extra_groups=[] if account else None,
            stdin=subprocess.DEVNULL,
            stdout=lines,
            stderr=subprocess.STDOUT,
            # Its own group: a Ctrl-C in the terminal reaches us alone, and we say
            # in which order the others stop.
            start_new_session=True,
            preexec_fn=functools.partial(_stop_when_parent_dies, stop_with),
        )
    try:
        yield process
    finally:
        _stop(process, stop_with)


def _stop_when_parent_dies(stop_with: signal.Signals) -> None:
    # The kernel tells the child, even when we are killed and cannot tidy up.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, stop_with)


def _stop(process: "subprocess.Popen[bytes]", stop_with: signal.Signals) -> None:
    process.send_signal(stop_with)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
