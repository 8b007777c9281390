"""Start the whole application on this machine, and stop it at Ctrl-C.

Web, worker, beat and broker are the real ones; only their sizes are small.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.processes import Stopped, end_on_signals, running
from tools.services import short_folder, valkey_command

ROOT = Path(__file__).resolve().parents[1]
ANSWERS_WITHIN = 60.0  # seconds
LOCK = "lock"
SEALING_KEY = "sealing-key.pem"
IN_TERMINAL = sys.stdin.isatty()
# A proxy of the network knows nothing of this machine's own addresses.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))

Processes = Mapping[str, "subprocess.Popen[bytes]"]


def main() -> None:
    """Run the demonstration until someone stops it; `--afresh` forgets its data."""
    end_on_signals()
    os.chdir(ROOT)
    host = os.environ.get("HOST") or "127.0.0.1"
    port = int(os.environ.get("PORT") or 8000)
    _refuse_taken_port(host, port)
    var = Path(os.environ.get("VAR_DIR") or ROOT / "var")
    var.mkdir(parents=True, exist_ok=True)
    logs = var / "log"
    with _alone_in(var), short_folder() as folder, contextlib.ExitStack() as stack:
        if sys.argv[1:] == ["--afresh"]:
            _empty(var)
        for needed in (logs, var / "valkey"):
            needed.mkdir(exist_ok=True)
        broker = folder / "valkey"
        site = f"http://{host.replace('127.0.0.1', 'localhost')}:{port}"
        os.environ |= _environment(var, broker, site)
        processes: dict[str, subprocess.Popen[bytes]] = {}

        def start(name: str, command: list[str]) -> None:
            log = logs / f"{name}.log"
            processes[name] = stack.enter_context(running(command, log=log))

        start("valkey", valkey_command(broker, *_kept_in(var / "valkey")))
        _prepare()
        web, *others = _programs(host, port, var).items()
        start(*web)
        _wait_for_page(site, processes, logs)
        # Someone is waiting for the page; nobody yet for these.
        for other in others:
            start(*other)
        _welcome(site, logs)
        _watch(processes, logs)


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(
                f"Le port {port} n’est pas libre ({error.strerror}).\n"
                f"Choisissez-en un autre : make demo PORT={port + 1}"
            )


@contextlib.contextmanager
def _alone_in(var: Path) -> Iterator[None]:
    """Refuse to share the data with another demonstration."""
    with (var / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"Une démonstration tourne déjà sur les données de {var}.")
        yield


def _empty(var: Path) -> None:
    for path in var.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != LOCK:
            path.unlink()


def _environment(var: Path, broker: Path, site: str) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "erbm.settings.dev",
        "DEBUG": "0",
        "DEMO": "1",
        "DEMO_PASSWORD": os.environ.get("DEMO_PASSWORD") or "bassin-minier",
        "VAR_DIR": str(var),
        "SECRET_KEY": _secret(var / "secret-key"),
        "REDIS_URL": f"unix://{broker}",
        "BASE_URL": site,
        # Who opens it to the network names it as the network does.
        **({} if "localhost" in site else {"ALLOWED_HOSTS": "*"}),
        "PYTHONUNBUFFERED": "1",
    }


def _secret(path: Path) -> str:
    """Keep one secret for this copy, so that sessions survive a restart."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()


def _kept_in(folder: Path) -> tuple[str, ...]:
    """Have Valkey write each message down, as production does."""
    return ("--dir", str(folder), "--appendonly", "yes", "--save", "")


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _prepare() -> None:
    # In its own group: a Ctrl-C must not print its traceback beside our message.
    preparation = subprocess.Popen(_python("tools.prepare"), start_new_session=True)
    try:
        if preparation.wait() != 0:
            sys.exit("La préparation a échoué : voir ci-dessus.")
    finally:
        preparation.kill()


def _programs(host: str, port: int, var: Path) -> dict[str, list[str]]:
    worker = "worker --concurrency 2 --without-gossip --without-mingle"
    worker += " -Q celery,sealing"
    # The worker seals the trail as well; the site must not be able to.
    key = f"SEALING_KEY_FILE={var / SEALING_KEY}"
    return {
        "web": _python("gunicorn", "--bind", f"{host}:{port}", "--preload"),
        "worker": ["env", key, *_python("celery", "-A", "erbm", *worker.split())],
        "beat": _python("celery", "-A", "erbm", "beat"),
    }


def _wait_for_page(site: str, processes: Processes, logs: Path) -> None:
    deadline = time.monotonic() + ANSWERS_WITHIN
    while not _answers(f"{site}/healthz"):
        _refuse_deaths(processes, logs)
        if time.monotonic() > deadline:
            sys.exit(f"Le site ne répond pas : voir {logs / 'web.log'}.")
        time.sleep(0.05)


def _answers(address: str) -> bool:
    try:
        with DIRECT.open(address, timeout=2):
            return True
    except OSError:
        return False


def _welcome(site: str, logs: Path) -> None:
    print(f"\nERBM répond à l’adresse {site}/\n", flush=True)
    subprocess.run([sys.executable, "manage.py", "demo_accounts"], check=False)
    print(f"\nJournaux : {logs}. Ctrl-C arrête tout.", flush=True)


def _watch(processes: Processes, logs: Path) -> None:
    try:
        # A closed terminal does not always tell those that make started.
        while sys.stdin.isatty() or not IN_TERMINAL:
            _refuse_deaths(processes, logs)
            time.sleep(0.5)
    except Stopped:
        print("\nTout s’arrête…", flush=True)
        raise


def _refuse_deaths(processes: Processes, logs: Path) -> None:
    for name, process in processes.items():
        if (code := process.poll()) is not None:
            sys.exit(
                f"« {name} » s’est arrêté (code {code}) : tout s’arrête.\n"
                f"Ses dernières lignes sont dans {logs / f'{name}.log'}."
            )


if __name__ == "__main__":
    try:
        main()
    except Stopped as stop:
        # Ctrl-C is how one leaves a demonstration, not a failure of it.
        sys.exit(0 if stop.number == signal.SIGINT else stop.code)
