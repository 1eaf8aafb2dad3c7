"""The knock on the relay's door: a commit that leaves a job behind wakes the relay at once.

A knock may be lost (no relay runs, a pipe is full): the relay looks for itself twice a second, so
a knock only makes it quicker. It never fails the request that knocks.

On PostgreSQL it is NOTIFY, sent by the commit itself. On SQLite it is a byte in a named pipe in
the var folder: unlike a Unix socket's, its path has no limit of 107 bytes.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection, transaction

CHANNEL = "soctrainer_jobs"
PIPE_NAME = "wakeup"
_PIPE_BYTES = 65536

logger = logging.getLogger(__name__)


def wake_relay() -> None:
    """Let the relay know, when the running transaction commits, that there is a job."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
    else:
        transaction.on_commit(_knock, robust=True)


class Ear(Protocol):
    """Hears knocks."""

    def wait(self, seconds: float) -> bool:
        """Was there a knock within `seconds`? Many knocks in a row are one."""


@contextlib.contextmanager
def listening() -> Iterator[Ear]:
    """An ear for the database in use. Raises DatabaseError when the database cannot be reached."""
    if connection.vendor == "postgresql":
        with _listening_to_postgres() as ear:
            yield ear
    else:
        with _listening_to_pipe() as ear:
            yield ear


def _pipe_path() -> Path:
    return Path(settings.VAR_DIR) / PIPE_NAME


def _knock() -> None:
    try:
        pipe = os.open(_pipe_path(), os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:  # no pipe, or nobody listens (ENXIO)
        return
    try:
        if stat.S_ISFIFO(os.fstat(pipe).st_mode):
            os.write(pipe, b"!")
    except OSError:  # full, so the relay has a knock to hear already
        logger.debug("The relay's pipe took no byte.")
    finally:
        os.close(pipe)


class _PipeEar:
    def __init__(self, pipe: int) -> None:
        self._pipe = pipe

    def wait(self, seconds: float) -> bool:
        readable, _, _ = select.select([self._pipe], [], [], seconds)
        if readable:
            os.read(self._pipe, _PIPE_BYTES)
        return bool(readable)


@contextlib.contextmanager
def _listening_to_pipe() -> Iterator[Ear]:
    path = _pipe_path()
    with contextlib.suppress(FileExistsError):
        os.mkfifo(path, 0o600)
    ear = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    # Without a writer of its own the pipe would read as ended, at once and for ever, between two knocks.
    own_writer = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield _PipeEar(ear)
    finally:
        os.close(own_writer)
        os.close(ear)


@contextlib.contextmanager
def _listening_to_postgres() -> Iterator[Ear]:
    # A connection of its own: a notification that arrives during another query would be lost here.
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        yield _PostgresEar(own.connection)
    finally:
        own.close()


class _PostgresEar:
    def __init__(self, raw: psycopg.Connection) -> None:
        self._raw = raw

    def wait(self, seconds: float) -> bool:
        try:
            heard = list(self._raw.notifies(timeout=seconds, stop_after=1))
            if heard:  # forty commits at once are one reason to look
                list(self._raw.notifies(timeout=0))
        except psycopg.Error as error:
            raise DatabaseError("The connection that listens for jobs was cut.") from error
        return bool(heard)
