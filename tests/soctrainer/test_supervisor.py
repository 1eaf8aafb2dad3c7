"""`make demo` as a person has it: one command up, Ctrl-C, nothing left."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from soctrainer.processes import Broker, Child, valkey_binary
from soctrainer.supervisor import StartError, Watched, kept_secret, only_one, require_free_port
from tests.services import start_site

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def eventually(is_so: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)
    return is_so()


def processes_of(var: Path) -> dict[int, str]:
    """Every live process whose environment names this folder, with its command line."""
    mark = f"SOCTRAINER_VAR={var}".encode()
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if mark in environment and command:
            found[int(folder.name)] = command
    return found


@pytest.fixture
def site(tmp_path: Path, free_port: int) -> Iterator[Child]:
    running = start_site(tmp_path / "var", free_port)
    yield running
    running.stop(30)


@on_linux
@pytest.mark.slow
def test_the_site_answers_restarts_what_dies_and_leaves_no_process_after_ctrl_c(
    site: Child, tmp_path: Path, free_port: int
) -> None:
    var = tmp_path / "var"
    with urllib.request.urlopen(f"http://127.0.0.1:{free_port}/healthz", timeout=5) as answer:
        assert answer.read() == b"ok\n"
    running = processes_of(var)
    for part in ("gunicorn", "-Q grade", "-Q evidence", "relay", "valkey"):
        assert any(part in command for command in running.values()), part

    web = next(pid for pid, command in running.items() if "gunicorn" in command)
    os.kill(web, signal.SIGKILL)
    assert eventually(lambda: "The web process ended; it starts again" in site.log.read_text())

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{free_port}/healthz", timeout=1):
                return True
        except OSError:
            return False

    assert eventually(answers)

    os.kill(site.pid, signal.SIGINT)
    assert site.process is not None
    assert site.process.wait(30) == 0
    assert site.log.read_text().endswith("SOC Trainer has stopped.\n")
    assert processes_of(var) == {}


@on_linux
@pytest.mark.slow
def test_a_supervisor_that_is_killed_outright_takes_its_children_along(site: Child, tmp_path: Path) -> None:
    assert len(processes_of(tmp_path / "var")) > 5
    os.kill(site.pid, signal.SIGKILL)
    assert eventually(lambda: processes_of(tmp_path / "var") == {}), processes_of(tmp_path / "var")


def test_a_port_that_is_taken_is_told_with_another_to_try(free_port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port))
        other.listen()
        with pytest.raises(StartError, match=f"Port {free_port} is taken.*PORT={free_port + 1} make demo"):
            require_free_port(free_port)
    require_free_port(free_port)


def test_a_port_that_is_no_number_is_told(tmp_path: Path) -> None:
    environment = {**os.environ, "PORT": "http", "SOCTRAINER_VAR": str(tmp_path)}
    command = [sys.executable, "-m", "soctrainer.supervisor"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr == "PORT is 'http'; it must be a number from 1 to 65535.\n"


def test_two_sites_do_not_share_a_folder(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(StartError, match="already runs from"), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass


def test_the_secret_key_is_made_once_and_read_by_nobody_else(tmp_path: Path) -> None:
    key = kept_secret(tmp_path / "secret-key")
    assert len(key) >= 50
    assert kept_secret(tmp_path / "secret-key") == key
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_a_child_that_keeps_dying_is_started_less_and_less_often(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watched = Watched(Child("poor", ["false"], tmp_path / "poor.log"))
    pauses = []
    for _ in range(3):
        watched.start()
        assert eventually(lambda: not watched.child.is_running)
        watched.restart_if_dead()
        pauses.append(watched.pause_s)
    assert pauses == [1, 2, 4]
    assert "The poor process ended; it starts again in 4 s" in capsys.readouterr().err


def test_a_private_broker_answers_on_its_socket_and_leaves_no_folder(tmp_path: Path) -> None:
    binary = valkey_binary()
    assert binary is not None
    broker = Broker(binary, tmp_path / "broker.log", tmp_path / "data")
    broker.start()
    assert broker.answers()
    assert len(str(broker.socket)) < 107
    broker.stop()
    assert not broker.answers()
    broker.start()
    assert broker.answers()
    broker.discard()
    assert not broker.folder.exists()
