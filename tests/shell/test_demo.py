"""The demonstration starts whole, works, and leaves nothing behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

READY_WITHIN = 150.0  # seconds, on a machine where other tests run


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(folder, port):
    return subprocess.Popen(
        [sys.executable, "-m", "tools.demo"],
        cwd=ROOT,
        env={
            **{
                name: os.environ[name]
                for name in ("PATH", "HOME")
                if name in os.environ
            },
            "PORT": str(port),
            "VAR_DIR": str(folder),
            # Collected once for all these tests.
            "STATIC_ROOT": str(folder.parent / "static"),
        },
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def is_ready(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
            return json.load(answer)["ready"]
    except OSError:
        return False


def wait_for(find, demo):
    deadline = time.monotonic() + READY_WITHIN
    while not (found := find()):
        assert demo.poll() is None, demo.stdout.read()
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return found


def processes_using(folder):
    """Return, by its command line, each process that a demonstration started."""
    mark = f"VAR_DIR={folder}".encode()
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found[int(process.name)] = (process / "cmdline").read_bytes()
        except OSError:
            continue  # it ended meanwhile, or is another account's
    return found


def workers_of(demo):
    commands = processes_using(demo.folder)
    return [number for number in commands if b"\0worker\0" in commands[number]]


@pytest.fixture
def demo(tmp_path):
    port = free_port()
    process = start(tmp_path, port)
    process.port, process.folder = port, tmp_path
    yield process
    process.terminate()
    process.communicate(timeout=60)


@pytest.mark.slow  # it starts web, worker, beat and broker, twice
def test_it_starts_whole_stops_whole_and_keeps_its_data(demo):
    wait_for(lambda: is_ready(demo.port), demo)
    database = demo.folder / "erbm.sqlite3"
    assert database.exists()
    assert processes_using(demo.folder)

    second = start(demo.folder, free_port())
    said, _ = second.communicate(timeout=30)
    assert second.returncode == 1
    assert "tourne déjà" in said

    demo.send_signal(signal.SIGINT)
    said, _ = demo.communicate(timeout=60)
    assert f"http://localhost:{demo.port}/" in said
    assert not processes_using(demo.folder)
    assert database.exists()


@pytest.mark.slow  # it starts web, worker, beat and broker
def test_a_part_that_dies_is_named_and_stops_the_others(demo):
    workers = wait_for(lambda: workers_of(demo), demo)

    os.kill(min(workers), signal.SIGKILL)

    said, _ = demo.communicate(timeout=60)
    assert demo.returncode == 1
    assert "« worker » s’est arrêté" in said
    assert not processes_using(demo.folder)


def test_a_taken_port_is_refused_in_words(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start(tmp_path, taken.getsockname()[1])
        said, _ = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "n’est pas libre" in said
    assert "make demo PORT=" in said
