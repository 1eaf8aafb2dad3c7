"""A browser that is really killed, as by `kill -9` or a power cut, in the middle of a sentence: what is there afterwards."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Error, Playwright, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories as make
from tests.browser.trainee import Trainee
from tests.waiting import wait_until
from tickets.models import Ticket, Worksheet

pytestmark = [pytest.mark.browser]

# What may be lost at most, and how long these people type without a pause: longer than any save waits.
LOST_S = 5
TYPING_S = 12

Begin = Callable[[], BrowserContext]


@pytest.fixture
def ticket(transactional_db: None) -> Ticket:
    return make.make_ticket()


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return tmp_path / "profile"


@pytest.fixture
def begin(playwright: Playwright, browser_type_launch_args: dict[str, Any], profile: Path) -> Iterator[Begin]:
    """Starts a browser of its own, each time with the same profile on the disk."""
    started: list[BrowserContext] = []

    def start() -> BrowserContext:
        for lock in profile.glob("Singleton*"):
            lock.unlink()  # as a person says "yes, start it all the same"
        started.append(playwright.chromium.launch_persistent_context(profile, **browser_type_launch_args))
        return started[-1]

    yield start
    for context in started:
        with suppress(Error):
            context.close()


def kill_browser(profile: Path) -> None:
    """All its processes at once, so that none has a moment to write anything down."""
    mine = [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and f"--user-data-dir={profile}" in _command(entry)
    ]
    assert mine
    for process in mine:
        os.kill(process, signal.SIGKILL)
    wait_until(lambda: not any(Path(f"/proc/{process}/cwd").exists() for process in mine), "it is gone")


def _command(process: Path) -> str:
    with suppress(OSError):
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    return ""


def type_on(ana: Trainee, field: str, seconds: float) -> list[tuple[float, str]]:
    """Words without a pause, and what stood in the field at which moment."""
    seen = []
    ana.page.locator(f"[name={field}]").focus()
    ends = time.monotonic() + seconds
    number = 0
    while time.monotonic() < ends:
        number += 1
        ana.page.keyboard.type(f"word{number} ", delay=40)
        seen.append((time.monotonic(), ana.page.locator(f"[name={field}]").input_value()))
    return seen


def lost_s(seen: list[tuple[float, str]], kept: str) -> float:
    """How many seconds of typing are not in what was kept; it must be a beginning of what was typed."""
    killed_at, last = seen[-1]
    assert last.startswith(kept.rstrip()), (kept[-40:], last[-40:])
    missing = [at for at, text in seen if len(text) > len(kept) + 1]
    return killed_at - missing[0] if missing else 0.0


def open_desk(context: BrowserContext, site: str, ticket: Ticket) -> Trainee:
    ana = Trainee(context.new_page(), site)
    ana.log_in("ana", f"/tickets/{ticket.pk}/")
    return ana


def test_a_killed_browser_loses_at_most_five_seconds_of_typing(
    live_server: LiveServer, begin: Begin, profile: Path, ticket: Ticket
) -> None:
    seen = type_on(open_desk(begin(), live_server.url, ticket), "reason", TYPING_S)
    kill_browser(profile)
    assert lost_s(seen, Worksheet.objects.get(ticket=ticket).reason) <= LOST_S
    again = open_desk(begin(), live_server.url, ticket)
    expect(again.page.locator("[name=reason]")).not_to_have_value("")
    assert lost_s(seen, again.page.locator("[name=reason]").input_value()) <= LOST_S


def test_a_browser_killed_without_a_connection_on_a_phone_loses_no_more(
    live_server: LiveServer, begin: Begin, profile: Path, ticket: Ticket
) -> None:
    context = begin()
    ana = open_desk(context, live_server.url, ticket)
    ana.page.set_viewport_size({"width": 390, "height": 844})
    context.route("**/worksheet/", lambda route: route.abort("internetdisconnected"))
    seen = type_on(ana, "reason", TYPING_S)
    kill_browser(profile)
    assert not Worksheet.objects.filter(ticket=ticket).exclude(reason="").exists()
    again = open_desk(begin(), live_server.url, ticket)
    expect(again.page.get_by_text("It is back on this page.")).to_be_visible()
    assert lost_s(seen, again.page.locator("[name=reason]").input_value()) <= LOST_S
    again.wait_until_saved()
    assert lost_s(seen, Worksheet.objects.get(ticket=ticket).reason) <= LOST_S
