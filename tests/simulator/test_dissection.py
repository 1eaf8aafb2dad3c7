"""Wireshark's dissectors have nothing to complain about."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.simulator.played import capture_of, every_play, file_of, play

TSHARK = shutil.which("tshark")
needs_tshark = pytest.mark.skipif(
    TSHARK is None, reason="tshark is not installed: captures are not dissected"
)
CHECKSUMS = ("ip", "tcp", "udp")


def _dissect(capture: Path, display: str) -> list[str]:
    checks = [word for name in CHECKSUMS for word in ("-o", f"{name}.check_checksum:TRUE")]
    command = [str(TSHARK), "-n", "-r", str(capture), *checks, "-Y", display]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


@needs_tshark
@every_play
def test_no_packet_is_malformed_and_no_checksum_is_wrong(story: str, seed: bytes, tmp_path: Path) -> None:
    capture = tmp_path / "capture.pcap"
    capture.write_bytes(file_of(play(story, seed), "capture.pcap"))
    assert len(_dissect(capture, "frame")) == len(capture_of(play(story, seed)))
    bad = " || ".join(f"{name}.checksum.status == 0" for name in CHECKSUMS)
    assert _dissect(capture, f"_ws.malformed || {bad}") == []
    assert _dissect(capture, "tcp.analysis.ack_lost_segment || tcp.analysis.lost_segment") == []


@needs_tshark
@pytest.mark.parametrize(
    ("story", "protocols"),
    [
        ("web_return", ("http", "dns", "ntp")),
        ("bastion_login", ("ssh.protocol", "ssh.message_code == 20", "ntp")),
        ("decoy_logins", ("tds", "tds.type == 16", "ftp")),
    ],
)
def test_the_payloads_are_known_for_what_they_are(
    story: str, protocols: tuple[str, ...], tmp_path: Path
) -> None:
    capture = tmp_path / "capture.pcap"
    capture.write_bytes(file_of(play(story), "capture.pcap"))
    for protocol in protocols:
        assert _dissect(capture, protocol), protocol
