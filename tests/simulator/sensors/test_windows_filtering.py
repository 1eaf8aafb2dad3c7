"""The Filtering Platform's events in both renderings."""

from __future__ import annotations

import json
import re

import pytest

from tests.simulator.sensors.scenes import SEED, read_back, scene, statements_in
from tickets.engine.types import Statement
from tickets.simulator.logins import log_in_by_sql
from tickets.simulator.network import Host, Socket, Zone
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import record
from tickets.simulator.sensors.lines import encode_lines
from tickets.simulator.sensors.windows_filtering import (
    Event,
    Rendering,
    encode_json,
    encode_xml,
    write_filtering_events,
)


def _events(
    rendering: Rendering = Rendering.REMOTE_FIRST, host: Host | None = None, blocked: tuple[int, ...] = ()
) -> tuple[Event, ...]:
    played = scene()
    card = record(played.all(), played.stage.tap("card", Zone.DMZ, host or played.extranet), played.firewall)
    return write_filtering_events(card, Stream(SEED, b"wfp"), rendering=rendering, blocked=blocked)


def _about(kind: str, events: tuple[Event, ...]) -> list[Event]:
    return [event for event in events if event.flow.dialogue is scene().dialogues[kind]]


@pytest.mark.parametrize("rendering", Rendering)
def test_an_inbound_connection_prints_its_ends_by_the_rendering_and_its_layer_always(
    rendering: Rendering,
) -> None:
    (event,) = _about("torn", _events(rendering))
    client, server = scene().dialogues["torn"].client, scene().dialogues["torn"].server
    source, target = (client, server) if rendering is Rendering.REMOTE_FIRST else (server, client)
    assert (event.data["SourceAddress"], event.data["SourcePort"]) == (source.host.ip, str(source.port))
    assert (event.data["DestAddress"], event.data["DestPort"]) == (target.host.ip, str(target.port))
    assert (event.number, event.data["Direction"], event.data["LayerName"]) == (5156, "%%14592", "%%14610")


def test_an_outbound_connection_prints_the_host_first_in_both() -> None:
    for rendering in Rendering:
        (event,) = _about("clock", _events(rendering))
        assert event.data["SourceAddress"] == "192.0.2.10"
        assert (event.data["Direction"], event.data["LayerName"]) == ("%%14593", "%%14611")


def test_a_reporting_server_asks_a_database_with_the_program_of_its_reports() -> None:
    stage, firewall = scene().stage, scene().firewall
    report = stage.server("report", Zone.SERVERS, "10.20.10.201")
    database = Socket(stage.server("database", Zone.SERVERS, "10.20.10.202", listens=(1433,)), 1433)
    query = log_in_by_sql(stage, stage.socket(report), database, stage.start_ns, "svc-report", password="x")
    card = record([query], stage.tap("card", Zone.SERVERS, report), firewall)
    (event,) = write_filtering_events(card, Stream(SEED, b"wfp"))
    assert event.data["Application"].endswith("\\reportingservicesservice.exe")


def test_a_port_without_a_service_and_an_orphan_segment_are_no_events() -> None:
    assert _about("refused", _events()) == []
    assert _about("backscatter", _events()) == []


def test_a_port_that_the_hosts_own_firewall_closes_is_a_blocked_connection() -> None:
    (event,) = _about("refused", _events(blocked=(3389,)))
    assert (event.number, event.data["Application"]) == (5157, "System")


def test_record_numbers_rise_with_time_and_times_have_steps_of_100_ns() -> None:
    events = _events()
    numbers = [event.record for event in events]
    assert numbers == sorted(set(numbers))
    stamp = json.loads(encode_json(events)[0].text)["TimeCreated"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z", stamp)


@pytest.mark.parametrize("rendering", Rendering)
@pytest.mark.parametrize("encode", [encode_json, encode_xml])
def test_the_engine_finds_who_opened_each_whatever_the_rendering(
    rendering: Rendering, encode: object
) -> None:
    assert callable(encode)
    lines = encode(_events(rendering))
    kind, records = read_back("security", encode_lines(lines))
    assert kind.startswith("windows")
    assert len(records) == len(lines)
    for line, statement in zip(lines, statements_in(records), strict=True):
        assert statement.orig == line.dialogue.client.endpoint
        assert statement.statement is Statement.ALLOWED
