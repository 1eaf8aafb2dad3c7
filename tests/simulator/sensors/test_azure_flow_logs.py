"""Azure's two flow logs of one machine."""

from __future__ import annotations

import json

import pytest

from tests.simulator.sensors.scenes import SEED, flows_in, read_back, scene, statements_in
from tickets.engine.types import Statement
from tickets.simulator.network import Dialogue, Host
from tickets.simulator.randomness import Stream
from tickets.simulator.sensors.azure_flow_logs import write_nsg_flow_log, write_vnet_flow_log


def _tuples(data: bytes) -> list[list[str]]:
    found: list[list[str]] = []
    for record in json.loads(data)["records"]:
        outer = record.get("properties", {}).get("flows") or record["flowRecords"]["flows"]
        for rule in outer:
            for group in rule.get("flows") or rule["flowGroups"]:
                found += [text.split(",") for text in group["flowTuples"]]
    return found


def _nsg(host: Host) -> bytes:
    return write_nsg_flow_log(scene().all(), scene().firewall, host, Stream(SEED, b"azure"))


def _vnet(host: Host) -> bytes:
    return write_vnet_flow_log(scene().all(), scene().firewall, host, Stream(SEED, b"azure"))


def _about(dialogue: Dialogue, data: bytes) -> list[list[str]]:
    ends = [
        dialogue.client.host.ip,
        dialogue.server.host.ip,
        str(dialogue.client.port),
        str(dialogue.server.port),
    ]
    return [columns for columns in _tuples(data) if columns[1:5] == ends]


@pytest.mark.parametrize("kind", ["refused", "half_open", "torn"])
def test_a_flow_begins_without_counts_and_ends_with_those_of_both_sides(kind: str) -> None:
    dialogue = scene().dialogues[kind]
    sizes = [
        [packet.ip_bytes for packet in dialogue.packets if packet.src == end]
        for end in (dialogue.client, dialogue.server)
    ]
    counts = [str(number) for side in sizes for number in (len(side), sum(side))]
    began, ended = _about(dialogue, _nsg(scene().extranet))
    assert began[5:] == ["T", "I", "A", "B", "", "", "", ""]
    assert ended[5:] == ["T", "I", "A", "E", *counts]
    began, ended = _about(dialogue, _vnet(scene().extranet))
    assert began[5:] == ["6", "I", "B", "NX", "0", "0", "0", "0"]
    assert ended[5:] == ["6", "I", "E", "NX", *counts]
    assert len(ended[0]) == 13, "milliseconds"


def test_a_denied_flow_is_told_once_by_the_default_rule() -> None:
    (denied,) = _about(scene().dialogues["blocked"], _nsg(scene().extranet))
    assert denied[5:9] == ["T", "I", "D", "B"]
    (denied,) = _about(scene().dialogues["blocked"], _vnet(scene().extranet))
    assert denied[7] == "D"
    assert b"DefaultRule_DenyAllInBound" in _nsg(scene().extranet)


def test_a_flow_that_the_machine_opened_is_outbound_and_keeps_its_source() -> None:
    began = _about(scene().dialogues["page"], _nsg(scene().reader))[0]
    assert began[6] == "O"


def test_counts_of_a_long_flow_are_told_once_only() -> None:
    """The late segment comes when the idle flow is long gone: no tuple counts it."""
    tuples = _about(scene().dialogues["late"], _vnet(scene().reader))
    packets = sum(int(columns[9]) + int(columns[11]) for columns in tuples)
    assert packets == len(scene().dialogues["late"].packets) - 1
    assert [columns[7] for columns in tuples] == ["B", "C", "E"]


@pytest.mark.parametrize("writes", [_nsg, _vnet])
def test_the_engine_reads_every_tuple(writes: object) -> None:
    assert callable(writes)
    data = writes(scene().extranet)
    kind, records = read_back("azure.json", data)
    assert kind == "azure.flow"
    assert len(records) == len(_tuples(data))
    denied = [item for item in statements_in(records) if item.statement is Statement.DENIED]
    assert [item.orig for item in denied] == [scene().dialogues["blocked"].client.endpoint]
    torn = scene().dialogues["torn"]
    (flow,) = (item for item in flows_in(records) if item.orig == torn.client.endpoint)
    assert flow.orig_packets + flow.resp_packets == len(torn.packets)
