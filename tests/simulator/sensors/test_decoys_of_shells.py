"""cowrie, honeytrap, and T-Pot's index of their lines."""

from __future__ import annotations

import json
from typing import Any

from tests.simulator.sensors.decoys import day
from tests.simulator.sensors.scenes import SEED, read_back, statements_in
from tickets.engine.types import Endpoint
from tickets.simulator.randomness import Stream
from tickets.simulator.sensors.cowrie import Login, Visit, write_cowrie_log
from tickets.simulator.sensors.dionaea import write_dionaea_json
from tickets.simulator.sensors.honeytrap import write_honeytrap_log
from tickets.simulator.sensors.lines import LogLine, encode_lines
from tickets.simulator.sensors.tpot import Machine, index_lines, index_redis

MACHINE = Machine(name="tpot01", inner_ip="10.9.8.7", outer_ip="192.0.2.50")
VISIT = Visit(
    dialogue=day().shell,
    logins=(Login(user="root", password="123456"), Login(user="root", password="admin", succeeds=True)),
    commands=("uname -a",),
    downloads=(("http://203.0.113.66/x.sh", b"#!/bin/sh\n"),),
    tunnels=(Endpoint("203.0.113.25", 25),),
)


def _cowrie() -> tuple[LogLine, ...]:
    return write_cowrie_log(day().all, day().decoy, Stream(SEED, b"cowrie"), (VISIT,))


def _events(lines: tuple[LogLine, ...]) -> list[dict[str, Any]]:
    return [json.loads(line.text) for line in lines]


def test_only_the_first_event_of_a_session_has_the_ports_and_they_are_cowries_own() -> None:
    first, *rest = _events(_cowrie())
    client = day().shell.client
    assert (first["src_ip"], first["src_port"], first["dst_port"]) == (client.host.ip, client.port, 2222)
    assert all("src_port" not in event for event in rest)
    assert len({event["session"] for event in (first, *rest)}) == 1


def test_events_come_in_the_order_of_what_was_done_within_the_session() -> None:
    events = _events(_cowrie())
    assert [event["eventid"].removeprefix("cowrie.") for event in events] == [
        *("session.connect", "client.version", "login.failed", "login.success", "command.input"),
        *("session.file_download", "direct-tcpip.request", "session.closed"),
    ]
    assert events[1]["version"] == "SSH-2.0-Go"
    stamps = [event["timestamp"] for event in events]
    assert stamps == sorted(stamps)
    lasted_ms = events[-1]["duration_ms"]
    packets = day().shell.packets
    assert 0 < lasted_ms <= (packets[-1].sent_ns - packets[0].sent_ns) // 10**6 + 1000


def test_a_session_without_a_visit_is_opened_and_closed() -> None:
    lines = write_cowrie_log((day().shell,), day().decoy, Stream(SEED, b"cowrie"))
    assert [event["eventid"] for event in _events(lines)][-1] == "cowrie.session.closed"


def test_the_engine_reads_cowries_events_between_the_sessions_ends() -> None:
    kind, records = read_back("cowrie.json", encode_lines(_cowrie()))
    assert kind == "cowrie"
    assert {statement.orig for statement in statements_in(records)} == {day().shell.client.endpoint}


def test_honeytrap_tells_the_attack_and_within_it_what_it_dialled_because_of_it() -> None:
    objects = _events(write_honeytrap_log(day().all, day().decoy))
    (attack,) = (item for item in objects if item["attack_connection"]["local_port"] == 1433)
    assert attack["attack_connection"]["payload"]["data_hex"] == b"hello".hex()
    assert attack["proxy_connection"]["remote_port"] == 80
    assert attack["operation_mode"] == 4
    (plain,) = (item for item in objects if item["attack_connection"]["local_port"] == 445)
    assert plain["proxy_connection"]["remote_ip"] == "0.0.0.0"
    assert all(item["attack_connection"]["local_port"] != 3390 for item in objects)


def test_the_engine_finds_both_conversations_of_an_attack() -> None:
    kind, records = read_back("attackers.json", encode_lines(write_honeytrap_log(day().all, day().decoy)))
    assert kind == "honeytrap"
    origins = {statement.orig for statement in statements_in(records)}
    assert {day().taken.client.endpoint, day().dialled.client.endpoint} <= origins


def test_the_index_renames_ends_and_prints_the_containers_address() -> None:
    dionaea = write_dionaea_json(day().all, day().decoy, Stream(SEED, b"dionaea"))
    lines = (
        *index_lines("Dionaea", dionaea, MACHINE),
        *index_lines("Cowrie", _cowrie(), MACHINE),
        *index_lines("Honeytrap", write_honeytrap_log(day().all, day().decoy), MACHINE),
        *index_redis((day().refused,), MACHINE),
    )
    events = _events(lines)
    assert {event["dest_ip"] for event in events if event["type"] == "Dionaea"} == {"172.23.0.4"}
    assert next(event for event in events if event["type"] == "Cowrie")["dest_port"] == 22
    assert next(event for event in events if event["type"] == "Redishoneypot")["dest_port"] == 6379
    kind, records = read_back("index.json", encode_lines(lines))
    assert kind.startswith("tpot")
    assert day().dialled.client.port in {
        statement.orig.port for statement in statements_in(records) if statement.orig
    }
