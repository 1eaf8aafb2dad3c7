"""A commit that leaves a job behind is heard at once, on PostgreSQL and on SQLite; a rollback is not."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from tickets.tasks.wakeup import PIPE_NAME, listening, wake_relay

pytestmark = [pytest.mark.embedded, pytest.mark.django_db(transaction=True)]


def knock() -> None:
    with transaction.atomic():
        wake_relay()


def knock_from_another_thread() -> None:
    def run() -> None:
        knock()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def test_a_commit_is_heard() -> None:
    with listening() as ear:
        knock_from_another_thread()
        assert ear.wait(10)


def test_many_commits_are_one_reason_to_look() -> None:
    with listening() as ear:
        for _ in range(20):
            knock()
        assert ear.wait(10)
        assert not ear.wait(0)


def test_silence_is_not_a_knock() -> None:
    with listening() as ear:
        assert not ear.wait(0.01)


def test_a_transaction_that_is_rolled_back_is_not_heard() -> None:
    with listening() as ear:
        with pytest.raises(ZeroDivisionError):
            _knock_and_fail()
        assert not ear.wait(0.05)


@transaction.atomic
def _knock_and_fail() -> None:
    wake_relay()
    raise ZeroDivisionError


def test_knocking_where_nobody_listens_disturbs_nobody() -> None:
    with listening():
        pass
    knock()


def test_something_else_in_the_place_of_the_pipe_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)
    (tmp_path / PIPE_NAME).write_text("a file")
    knock()
    assert (tmp_path / PIPE_NAME).read_text() == "a file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_full_pipe_takes_no_more_and_the_request_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)
    with listening() as ear:
        pipe = tmp_path / PIPE_NAME
        if pipe.exists():  # SQLite
            with open(
                pipe, "wb", buffering=0, opener=lambda path, flags: os.open(path, flags | os.O_NONBLOCK)
            ) as end:
                while end.write(b"!" * 4096):
                    pass
        knock()
        assert ear.wait(10)
