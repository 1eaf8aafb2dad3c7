"""ECS: sides of an event, roles where the integration fills them, and the producer's own outcome."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.engine.readers.lines import CLIENT, NOON_NS, SERVER, log, one, read
from tickets.engine.conversations import converse
from tickets.engine.types import Alert, Basis, Endpoint, FlowRecord, LogRecord, Outcome, Statement

TIME = "2026-01-05T12:00:00.000Z"


def side(end: Endpoint, **more: Any) -> dict[str, Any]:
    return {"ip": end.ip, "port": end.port, **more}


def ecs(*, src: Endpoint = CLIENT, dst: Endpoint = SERVER, **more: Any) -> dict[str, Any]:
    return {
        "@timestamp": TIME,
        "source": side(src),
        "destination": side(dst),
        "network": {"transport": "tcp"},
        "event": {"kind": "event", "category": ["network"], "type": ["connection"]},
        **more,
    }


def event(*types: str, kind: str = "event", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "category": ["network"], "type": list(types), **more}


def test_an_alert_prints_the_packets_sides_and_its_client_is_the_flows() -> None:
    alert = one(
        json.dumps(
            ecs(
                src=SERVER,
                dst=CLIENT,
                client=side(CLIENT),
                server=side(SERVER),
                event=event("allowed", kind="alert"),
                rule={"id": "1900001", "name": "TRAINING"},
            )
        )
    )
    assert isinstance(alert, Alert)
    assert (alert.src, alert.flow_orig, alert.flow_resp) == (SERVER, CLIENT, SERVER)
    assert (alert.sid, alert.message, alert.time_ns) == (1900001, "TRAINING", NOON_NS)


def test_a_stated_client_outweighs_a_port_that_misleads() -> None:
    scanner, target = Endpoint("198.51.100.7", 80), Endpoint("192.0.2.30", 3932)
    roles = {"client": side(scanner), "server": side(target)}
    alert = one(json.dumps(ecs(src=scanner, dst=target, event=event("allowed", kind="alert"), **roles)))
    (found,) = converse([alert])
    assert found.orig == scanner
    assert found.confidence < 0.9


def test_an_alert_without_client_names_nobody_whatever_its_direction_says() -> None:
    alert = one(
        json.dumps(
            ecs(
                src=SERVER,
                dst=CLIENT,
                event=event("allowed", kind="alert"),
                network={"transport": "tcp", "direction": "inbound"},
            )
        )
    )
    assert isinstance(alert, Alert)
    assert alert.flow_orig is None


def test_a_denial_is_the_devices_and_the_producers_failure_is_no_answer() -> None:
    record = log(json.dumps(ecs(event=event("connection", "denied", action="deny", outcome="failure"))))
    assert (record.statement, record.orig) == (Statement.DENIED, None)
    assert record.fields["word"] == "deny"


def test_allowed_is_no_success() -> None:
    allowed = ecs(event=event("allowed", "connection", "start", outcome="success"))
    record = log(json.dumps(allowed))
    assert record.statement is Statement.ALLOWED
    (found,) = converse([record])
    assert found.outcome is Outcome.ONE_WAY


def test_a_flow_counts_each_sides_own_packets_and_rests_on_the_client() -> None:
    flow = one(
        json.dumps(
            ecs(
                src=SERVER,
                dst=CLIENT,
                source=side(SERVER, bytes=900, packets=6),
                destination=side(CLIENT, bytes=300, packets=5),
                client=side(CLIENT),
                server=side(SERVER),
                event=event("connection", "end", start=TIME, duration=2_000_000_000),
                network={"transport": "tcp", "protocol": "http", "community_id": "1:abc"},
            )
        )
    )
    assert isinstance(flow, FlowRecord)
    assert (flow.orig, flow.resp, flow.basis) == (CLIENT, SERVER, Basis.PARSER)
    assert (flow.orig_packets, flow.orig_bytes, flow.resp_packets, flow.resp_bytes) == (5, 300, 6, 900)
    assert (flow.end_ns - flow.time_ns, flow.service, flow.community_id) == (2_000_000_000, "http", "1:abc")


def test_a_flow_without_client_is_only_the_order_of_its_packets() -> None:
    flow = one(json.dumps(ecs(source=side(CLIENT, packets=1))))
    assert isinstance(flow, FlowRecord)
    assert (flow.orig, flow.basis) == (CLIENT, Basis.FIRST_PACKET)


@pytest.mark.parametrize(
    ("history", "basis", "outcome"),
    [
        ("ShADadFf", Basis.HANDSHAKE, Outcome.ESTABLISHED),
        ("Sr", Basis.HANDSHAKE, Outcome.REFUSED),
        ("^dA", Basis.PORTS, Outcome.MIDSTREAM),
    ],
)
def test_zeeks_letters_keep_their_meaning(history: str, basis: Basis, outcome: Outcome) -> None:
    flow = one(json.dumps(ecs(source=side(CLIENT, packets=3), zeek={"connection": {"history": history}})))
    assert isinstance(flow, FlowRecord)
    assert flow.basis is basis
    (found,) = converse([flow])
    assert found.outcome is outcome


def test_dotted_names_mean_what_nested_ones_do() -> None:
    dotted = {
        "@timestamp": TIME,
        "source.ip": CLIENT.ip,
        "source.port": CLIENT.port,
        "destination": {"ip": SERVER.ip, "port": SERVER.port, "nat.ip": "10.20.9.80"},
        "network.transport": "tcp",
        "event.kind": "event",
        "event.type": "denied",
    }
    record = log(json.dumps(dotted))
    assert (record.src, record.statement) == (CLIENT, Statement.DENIED)
    assert record.translated == ((CLIENT, Endpoint("10.20.9.80", SERVER.port)),)


def test_a_search_hit_and_pretty_printed_arrays_are_read() -> None:
    hits = [{"_index": "x", "_source": ecs(event=event("denied"))}, {"_index": "x", "_source": ecs()}]
    format_id, records, problems = read(*json.dumps(hits, indent=2).split("\n"))
    assert (format_id, problems) == ("ecs", [])
    assert [type(record) for record in records] == [LogRecord, LogRecord]
    assert len({record.location for record in records if record.location}) == 2


def test_events_without_addresses_are_passed_over_and_bad_ones_told() -> None:
    bare = {"@timestamp": TIME, "event": event("start"), "process": {"name": "x"}}
    _, records, problems = read(
        json.dumps(ecs()),
        json.dumps(bare),
        json.dumps(ecs(source={"ip": "300.1.1.1", "port": 1})),
        json.dumps(ecs(network={})),
        json.dumps({**ecs(), "@timestamp": "later"}),
        json.dumps(ecs(network={"transport": "gre"})),
    )
    assert len(records) == 1
    assert problems == [
        "line 3: '300.1.1.1' is not an address",
        "line 4: the transport protocol is missing",
        "line 5: the time is missing or cannot be read",
    ]
