"""Lines that are alike are concluded once, and it shows in nothing but the time that it takes."""

from __future__ import annotations

import json
from random import Random
from typing import Any
from unittest.mock import patch

import pytest

from tickets.engine import likeness
from tickets.engine.conversations import conclude, converse
from tickets.engine.observing import observe
from tickets.engine.readers import read_evidence

LINES = 1200
PORTS = (0, 53, 443)
FLAGS = ("02", "12", "14", "1b", "18")
COUNTS = (0, 12)
SIZES = (60, 9000)


def ends(chance: Random) -> tuple[str, int, str, int]:
    """Hosts and ports of which some meet again, in either order."""
    client = chance.choice(("10.0.{}.{}", "2001:db8::{}:{}")).format(
        chance.randrange(3), chance.randrange(200)
    )
    server = chance.choice(("203.0.113.80", "203.0.113.81", "203.0.113.82", "224.0.0.251", client))
    both = [
        (client, chance.choice((0, 53, 40000 + chance.randrange(999), 40000 + chance.randrange(999)))),
        (server, chance.choice(PORTS)),
    ]
    chance.shuffle(both)
    return *both[0], *both[1]


def event(chance: Random) -> str:
    kind = chance.choice(("flow", "flow", "dns", "tls", "http", "ssh", "alert"))
    src_ip, src_port, dest_ip, dest_port = ends(chance)
    found: dict[str, Any] = {
        "timestamp": f"2026-01-05T12:00:{chance.randrange(60):02d}.000000+0000", "flow_id": chance.randrange(3),
        "event_type": kind, "src_ip": src_ip, "src_port": src_port, "dest_ip": dest_ip, "dest_port": dest_port,
        "proto": chance.choice(("TCP", "TCP", "UDP", "ICMP")),
    }  # fmt: skip
    details: dict[str, dict[str, Any]] = {
        "flow": {
            "pkts_toserver": chance.choice(COUNTS), "pkts_toclient": chance.choice(COUNTS),
            "bytes_toserver": chance.choice(SIZES), "bytes_toclient": chance.choice(SIZES), "state": "closed",
        },
        "dns": {"type": chance.choice(("query", "answer")), "rrname": "www.example.org"},
        "tls": {"sni": "www.example.org", "version": "TLS 1.3"},
        "http": {"http_method": "GET", "status": chance.choice((200, 404))},
        "ssh": {"client": {"software_version": "x"}, "server": {"software_version": "y"}},
        "alert": {"action": "allowed", "gid": 1, "signature_id": 1, "signature": "TEST"},
    }  # fmt: skip
    beside: dict[str, dict[str, Any]] = {
        "flow": {
            "app_proto": chance.choice(("tls", "failed", "dns")),
            "tcp": {"tcp_flags_ts": chance.choice(FLAGS), "tcp_flags_tc": chance.choice(FLAGS)},
        },
        "alert": {"direction": chance.choice(("to_server", "to_client", ""))},
    }
    return json.dumps(found | {kind: details[kind]} | beside.get(kind, {}))


FIELDS = (
    "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state missed_bytes "
    "history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes"
)
HEAD = ("#separator \\x09", "#unset_field\t-", "#path\tconn", "#fields\t" + FIELDS.replace(" ", "\t"))
HISTORIES = ("ShADadFf", "S", "Sr", "H", "^hADad", "Dd", "Cd", "-")
STATES = ("SF", "S0", "SHR")


def manner(chance: Random) -> tuple[object, ...]:
    """What a line says of a connection, but for its ends and time."""
    return (
        chance.choice(("tcp", "udp")), chance.choice(("-", "dns")), "0.4", 900, 900, chance.choice(STATES), "0",
        chance.choice(HISTORIES), chance.choice(COUNTS), chance.choice(SIZES), chance.choice(COUNTS), chance.choice(SIZES),
    )  # fmt: skip


def connection(chance: Random, manners: list[tuple[object, ...]]) -> str:
    time_s, uid = 1767614400 + chance.randrange(60), f"C{chance.randrange(9)}"
    return "\t".join(map(str, (time_s, uid, *ends(chance), *chance.choice(manners))))


def assert_the_same(name: str, lines: list[str]) -> None:
    data = "\n".join(lines).encode()
    each = converse(read_evidence(name, data).records)
    with patch.object(likeness, "conclude", wraps=conclude) as concluding:
        alike = observe([(name, data)]).conversations
        count = concluding.call_count
    assert count < 0.9 * len(each)
    assert alike == each
    assert [found.basis for found in alike] == [found.basis for found in each]


@pytest.mark.parametrize("seed", range(3))
def test_events_that_are_alike_come_to_what_each_would(seed: int) -> None:
    chance = Random(seed)
    assert_the_same("eve.json", [event(chance) for _ in range(LINES)])


@pytest.mark.parametrize("seed", range(3))
def test_connections_that_are_alike_come_to_what_each_would(seed: int) -> None:
    chance = Random(seed)
    manners = [manner(chance) for _ in range(20)]
    assert_the_same("conn.log", [*HEAD, *(connection(chance, manners) for _ in range(LINES))])


def flow(client: str, client_port: int) -> str:
    found = {
        "timestamp": "2026-01-05T12:00:00.000000+0000", "event_type": "flow", "src_ip": client, "src_port": client_port,
        "dest_ip": "203.0.113.80", "dest_port": 443, "proto": "TCP",
        "flow": {"pkts_toserver": 5, "pkts_toclient": 4, "bytes_toserver": 900, "bytes_toclient": 4000},
        "tcp": {"tcp_flags_ts": "1b", "tcp_flags_tc": "1b"},
    }  # fmt: skip
    return json.dumps(found)


def test_a_thousand_lines_that_are_alike_are_concluded_once() -> None:
    lines = "\n".join(flow(f"10.0.0.{number % 250}", 40000 + number) for number in range(1000))
    with patch.object(likeness, "conclude", wraps=conclude) as concluding:
        found = observe([("eve.json", lines.encode())]).conversations
        count = concluding.call_count
    assert len(found) == 1000
    assert count == 1


def test_what_a_line_only_tells_of_makes_no_kind_of_its_own() -> None:
    """A web server's log has as many addresses as lines."""
    web = {"event_type": "http", "timestamp": "2026-01-05T12:00:00.000000+0000", "proto": "TCP", "dest_ip": "203.0.113.80",
           "dest_port": 80, "src_ip": "10.0.0.1"}  # fmt: skip
    lines = [
        json.dumps(web | {"src_port": 40000 + at, "http": {"url": f"/{at}", "status": 200}})
        for at in range(200)
    ]
    with patch.object(likeness, "conclude", wraps=conclude) as concluding:
        found = observe([("eve.json", "\n".join(lines).encode())]).conversations
        count = concluding.call_count
    assert len(found) == 200
    assert count == 1


def test_what_was_told_once_is_told_the_same_again() -> None:
    found = observe([("eve.json", flow("10.0.0.1", 40000).encode())]).conversations[0]
    first = found.basis
    assert first is not None
    assert found.basis == first == found.findings[0]
