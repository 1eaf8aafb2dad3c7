"""A small stage for the tests of dialogues, and the engine's word on what was played."""

from __future__ import annotations

from collections.abc import Iterable

from tickets.engine import Conversation, Endpoint, Record, converse, read_evidence
from tickets.simulator.network import Dialogue, Firewall, Socket, Tap
from tickets.simulator.recording import Recording, record
from tickets.simulator.sensors.pcap import write_capture
from tickets.simulator.stage import Stage

SEED = bytes.fromhex("5d0c77e19ab24f30881122334455aa66")


def make_stage(name: str = "test") -> Stage:
    return Stage(name, SEED)


def converse_over(*captures: bytes) -> list[Conversation]:
    """What the engine makes of captures; a record that it cannot read fails the test."""
    records: list[Record] = []
    for number, data in enumerate(captures):
        reading = read_evidence(f"capture{number}.pcap", data)
        records.extend(reading.records)
        assert not reading.problems, reading.problems
    return converse(records)


def judge(dialogue: Dialogue, tap: Tap, firewall: Firewall, beside: Iterable[Dialogue] = ()) -> Conversation:
    """The engine's conversation for one dialogue, from a capture at the tap alone."""
    return judge_recording(record([dialogue, *beside], tap, firewall), dialogue)


def judge_recording(recording: Recording, dialogue: Dialogue) -> Conversation:
    flow = next(flow for flow in recording.flows if flow.dialogue is dialogue)
    return between(converse_over(write_capture(recording)), flow.orig, flow.resp)


def between(conversations: Iterable[Conversation], one: Endpoint, other: Endpoint) -> Conversation:
    found = [item for item in conversations if set(item.endpoints) == {one, other}]
    assert len(found) == 1, [item.endpoints for item in found]
    return found[0]


def opener_of(conversation: Conversation) -> tuple[Endpoint | None, Endpoint | None]:
    return conversation.orig, conversation.resp


def ends_of(client: Socket, server: Socket) -> tuple[Endpoint, Endpoint]:
    return client.endpoint, server.endpoint
