"""Writes logs of ordinary traffic as Suricata and Zeek do, the same lines for the same numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from .capture import START_S


def write_eve(path: Path, lines: int = 100_000, seed: int = 1) -> None:
    """Flows, and among them DNS, TLS and HTTP events and alerts."""
    _write(path, (json.dumps(_event(Random(seed + number), number)) for number in range(lines)))


def write_zeek(path: Path, lines: int = 100_000, seed: int = 1) -> None:
    """A conn.log of tab-separated fields."""
    head = [
        "#separator \\x09",
        "#set_separator\t,",
        "#empty_field\t(empty)",
        "#unset_field\t-",
        "#path\tconn",
    ]
    names = "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state"
    more = "local_orig local_resp missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents"
    fields = "#fields\t" + "\t".join(f"{names} {more}".split())
    rows = (_connection(Random(seed + number), number) for number in range(lines))
    _write(path, (*head, fields, *rows))


def _write(path: Path, lines: Iterator[str] | tuple[str, ...]) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in lines)


def _ends(chance: Random) -> tuple[str, int, str, int]:
    client = f"10.20.{chance.randrange(24)}.{chance.randrange(1, 255)}"
    server = f"203.0.113.{chance.randrange(1, 200)}"
    if chance.random() < 0.12:
        client, server = (
            f"2001:db8:20::{chance.randrange(1, 2000):x}",
            f"2001:db8:5::{chance.randrange(1, 200):x}",
        )
    return client, chance.randrange(32768, 65536), server, chance.choice((53, 80, 443, 443, 443, 22, 8443))


def _event(chance: Random, number: int) -> dict[str, Any]:
    kind = chance.choices(("flow", "dns", "tls", "http", "alert"), (55, 20, 12, 8, 5))[0]
    src_ip, src_port, dest_ip, dest_port = _ends(chance)
    moment = _moment(number)
    event: dict[str, Any] = {
        "timestamp": moment, "flow_id": 10**15 + number, "in_iface": "eth0", "event_type": kind, "src_ip": src_ip,
        "src_port": src_port, "dest_ip": dest_ip, "dest_port": dest_port, "proto": "UDP" if kind == "dns" else "TCP",
    }  # fmt: skip
    details: dict[str, dict[str, Any]] = {
        "flow": {
            "flow": {
                "pkts_toserver": 12, "pkts_toclient": 14, "bytes_toserver": 1800, "bytes_toclient": 9200, "start": moment,
                "end": _moment(number + 40), "age": 1, "state": "closed", "reason": "timeout", "alerted": False,
            },
            "app_proto": "tls",
            "tcp": {"tcp_flags": "1b", "tcp_flags_ts": "1b", "tcp_flags_tc": "1b", "syn": True, "state": "closed"},
        },
        "dns": {"dns": {"version": 2, "type": "query", "id": number & 0xFFFF, "rrname": "www.example.org", "rrtype": "A"}},
        "tls": {"tls": {"sni": "www.example.org", "version": "TLS 1.3"}},
        "http": {"http": {"hostname": "www.example.org", "url": f"/{number}", "http_method": "GET", "status": 200}},
        "alert": {
            "alert": {"action": "allowed", "gid": 1, "signature_id": 2100498, "rev": 7, "signature": "TEST", "category": "Test"},
            "direction": "to_server",
        },
    }  # fmt: skip
    return event | details[kind]


def _connection(chance: Random, number: int) -> str:
    src_ip, src_port, dest_ip, dest_port = _ends(chance)
    is_udp = dest_port == 53
    state, history = (
        ("SF", "Dd") if is_udp else chance.choice((("SF", "ShADadfF"), ("S0", "S"), ("REJ", "Sr")))
    )
    values = (
        f"{START_S + number / 100:.6f}", f"C{number:017d}", src_ip, src_port, dest_ip, dest_port, "udp" if is_udp else "tcp",
        "dns" if is_udp else "-", "0.412345", 1800, 9200, state, "T", "F", 0, history, 12, 2400, 14, 9900, "-",
    )  # fmt: skip
    return "\t".join(map(str, values))


def _moment(number: int) -> str:
    return datetime.fromtimestamp(START_S + number / 100, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+0000")
