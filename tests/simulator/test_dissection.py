"""Wireshark's dissectors have nothing to complain about."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulator.dissecting import assert_flawless, dissect, needs_tshark
from tests.simulator.played import capture_of, every_play, file_of, play


@needs_tshark
@every_play
def test_no_packet_is_malformed_and_no_checksum_is_wrong(story: str, seed: bytes, tmp_path: Path) -> None:
    capture = tmp_path / "capture.pcap"
    capture.write_bytes(file_of(play(story, seed), "capture.pcap"))
    assert len(dissect(capture, "frame")) == len(capture_of(play(story, seed)))
    assert_flawless(capture)


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
        assert dissect(capture, protocol), protocol
