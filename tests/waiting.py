"""Waiting for another process in tests: until something is so, never for a fixed time."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(is_so: Callable[[], bool], what: str, *, seconds: float = 30.0) -> float:
    """Look often until `is_so`; fails with `what` when `seconds` have passed. Returns the seconds it took."""
    began = time.monotonic()
    while not is_so():
        waited_s = time.monotonic() - began
        assert waited_s < seconds, f"After {waited_s:.0f} s it is still not so that {what}."
        time.sleep(0.02)
    return time.monotonic() - began
