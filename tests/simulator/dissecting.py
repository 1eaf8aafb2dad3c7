"""Wireshark's word on a capture."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

TSHARK = shutil.which("tshark")
needs_tshark = pytest.mark.skipif(
    TSHARK is None, reason="tshark is not installed: captures are not dissected"
)
CHECKSUMS = ("ip", "tcp", "udp")
STATUSES = (*CHECKSUMS, "icmp", "icmpv6")


def dissect(capture: Path, display: str) -> list[str]:
    """One line for each packet that passes the filter."""
    checks = [word for name in CHECKSUMS for word in ("-o", f"{name}.check_checksum:TRUE")]
    command = [str(TSHARK), "-n", "-r", str(capture), *checks, "-Y", display]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def count_frames(capture: Path, displays: Sequence[str]) -> list[int]:
    """How many packets pass each filter, in one run of the program."""
    command = [str(TSHARK), "-n", "-r", str(capture), "-q", "-z", ",".join(("io,stat,0", *displays))]
    table = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    (row,) = (line for line in table if "<>" in line)
    return [int(cell) for cell in row.split("|")[2:-1:2]]


def assert_flawless(capture: Path, *, but_for: str = "") -> None:
    """Nothing malformed, no wrong checksum, no segment that is acknowledged or followed but was never there."""
    flaws = ["_ws.malformed", *(f"{name}.checksum.status == 0" for name in STATUSES)]
    flaws += ["tcp.analysis.ack_lost_segment", "tcp.analysis.lost_segment"]
    together = " || ".join(flaws)
    assert dissect(capture, f"({together}) && !({but_for})" if but_for else together) == []
