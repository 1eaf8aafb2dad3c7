"""Fixtures for the whole stack: real processes on the test's own database and broker."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

from soctrainer.processes import Broker, Child, manage_command, worker_command
from tests.services import start_private_broker

# How fast a machine is decides nothing here: neither an example's time nor the generator's is a fault.
hypothesis_settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("untimed")


class Processes:
    """Starts real processes that see the test's database; all of them end with the test.

    `environment` may be changed before a start, to point a process at another broker.
    A `Child` is killed as by `kill -9` with `kill()`, asked to stop with `stop()`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "DATABASE_URL": database_url()}
        self.started: list[Child] = []

    def worker(self, queue: str = "grade", processes: int = 1, *extra: str) -> Child:
        """A Celery worker that is ready to take messages of `queue`."""
        child = self._start(queue, worker_command(queue, processes, *extra))
        child.wait_until(lambda: " ready." in child.log.read_text(), seconds=30)
        return child

    def manage(self, *arguments: str) -> Child:
        """`manage.py arguments...`, not waited for."""
        return self._start(arguments[0], manage_command(*arguments))

    def stop(self) -> None:
        for child in self.started:
            child.ask_to_stop()
        for child in self.started:
            child.stop(grace_s=15)

    def _start(self, name: str, command: list[str]) -> Child:
        log = self.folder / f"{name}-{len(self.started)}.log"
        child = Child(name, command, log, dict(self.environment))
        self.started.append(child)
        child.start()
        return child


def database_url(settings: Mapping[str, object] | None = None) -> str:
    """DATABASE_URL for another process to see what this test sees."""
    known = settings or connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{known['NAME']}"
    host = quote(str(known["HOST"]), safe="")
    return f"postgresql://{known['USER']}@{host}/{known['NAME']}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A worker that was killed may leave a session behind, and PostgreSQL drops no database that somebody is in."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock():
            connection.close()  # a test that stops the server has cut the one that was open
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def processes(transactional_db: None, tmp_path: Path) -> Iterator[Processes]:
    started = Processes(tmp_path)
    yield started
    started.stop()


@pytest.fixture
def celery_worker_process(processes: Processes) -> Child:
    """A real grading worker. Hints reach it through the broker in REDIS_URL."""
    return processes.worker("grade")


@pytest.fixture
def background_work(processes: Processes) -> Processes:
    """All that works behind the pages: the relay, a grading worker and an evidence worker."""
    processes.manage("relay")
    processes.worker("grade")
    processes.worker("evidence")
    return processes


@pytest.fixture
def private_broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker of this test's own, to stop and start; `url()` is its REDIS_URL."""
    broker = start_private_broker(tmp_path)
    yield broker
    broker.discard()


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
