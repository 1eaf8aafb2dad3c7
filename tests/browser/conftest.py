"""Debian's Chromium, driven by Playwright; an error in the page's console fails the test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Error, Page

from tests.browser.stage import Stage, set_stage
from tests.services import find_chromium

# Playwright's sync interface runs an event loop in the test's thread, which Django would refuse.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

_ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    # Chromium's sandbox refuses root; anybody else keeps it.
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {
        **browser_type_launch_args,
        "executable_path": find_chromium(),
        "args": [*_ARGUMENTS, *as_root],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"}


@pytest.fixture(autouse=True)
def silent_page(page: Page) -> Iterator[list[str]]:
    """What the page complained about. A test that means to cause an error clears the list."""
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"console: {message.text} ({message.location.get('url', '')})")

    def catch(error: Error) -> None:
        complaints.append(f"page: {error}")

    page.on("console", hear)
    page.on("pageerror", catch)
    yield complaints
    assert complaints == []


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where screenshots go: a folder of one's own choice, to be looked at."""
    folder = Path(os.environ.get("SOCTRAINER_PICTURES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def stage(transactional_db: None) -> Stage:
    return set_stage()
