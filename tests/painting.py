"""When a browser with an empty cache has the first byte of a page, when it first paints, and how much it loads for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from playwright.sync_api import sync_playwright


class Paint(NamedTuple):
    """Since the request was made; `bytes` are the page's and those of all that it loads."""

    byte_ms: float
    paint_ms: float
    bytes: int


def measure_paints(chromium: str, address: str, session: str, count: int) -> Iterator[Paint]:
    """Open the address so many times as whoever has the session, each time as if for the first time."""
    with sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=sandbox)
        for _ in range(count):
            page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
            page.context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
            page.goto(address, wait_until="load")
            yield Paint(*page.evaluate(TIMING))
            page.context.close()
        browser.close()


# A page may be loaded before it is painted.
TIMING = """() => new Promise((done) => {
  const look = () => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    if (!paint) return setTimeout(look, 20);
    const page = performance.getEntriesByType("navigation")[0];
    const parts = performance.getEntriesByType("resource");
    const weight = parts.reduce((sum, part) => sum + part.transferSize, page.transferSize);
    done([page.responseStart, paint.startTime, weight]);
  };
  look();
})"""
