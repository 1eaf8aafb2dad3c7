"""What is spoken on the stage is what Wireshark and the engine take it for."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.simulator.dissecting import assert_flawless, count_frames, needs_tshark
from tests.simulator.protocols import TCP_SPOKEN, UDP_SPOKEN, UNKNOWN, play_all
from tests.simulator.staging import between, converse_over
from tickets.engine import Conversation, Outcome
from tickets.simulator.network import Dialogue, Zone
from tickets.simulator.recording import record
from tickets.simulator.sensors.pcap import write_capture

SPOKEN = TCP_SPOKEN | UDP_SPOKEN
GOES_ONE_WAY = ("snmp trap", "syslog")


@cache
def _played() -> tuple[bytes, dict[str, Dialogue], list[Conversation]]:
    stage, dialogues = play_all()
    recording = record(dialogues.values(), stage.tap("tap", Zone.INSIDE), stage.firewall())
    capture = write_capture(recording)
    return capture, dialogues, converse_over(capture)


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("protocols") / "capture.pcap"
    path.write_bytes(_played()[0])
    return path


@needs_tshark
def test_no_packet_is_malformed_but_for_the_heartbeat_that_claims_more_than_it_has(capture: Path) -> None:
    assert_flawless(capture, but_for="tls.heartbeat_message")


@needs_tshark
def test_wireshark_knows_every_protocol(capture: Path) -> None:
    wanted = [(name, filter_) for name, spoken in SPOKEN.items() for filter_ in spoken.filters]
    displays = [
        f"{dialogue.protocol.value}.port == {dialogue.client.port} && ({filter_})"
        for name, filter_ in wanted
        for dialogue in [_played()[1][name]]
    ]
    counts = count_frames(capture, displays)
    assert [pair for pair, count in zip(wanted, counts, strict=True) if not count] == []


@pytest.mark.parametrize("name", SPOKEN)
def test_the_engine_knows_who_spoke_first_what_and_that_it_was_answered(name: str) -> None:
    _, dialogues, conversations = _played()
    dialogue, service = dialogues[name], SPOKEN[name].service
    found = between(conversations, dialogue.client.endpoint, dialogue.server.endpoint)
    assert (found.orig, found.resp) == (dialogue.client.endpoint, dialogue.server.endpoint)
    assert found.outcome is (Outcome.UNANSWERED if name in GOES_ONE_WAY else Outcome.ESTABLISHED)
    if service != UNKNOWN:
        assert found.service == service
