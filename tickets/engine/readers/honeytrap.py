"""honeytrap, a decoy that answers on every port: one attack a line.

Source: honeytrap's modules/htm_logJSON.c and README. `remote_*` is the attacker, always. In mirror and proxy mode the
decoy dials out as well, to the attacker or to another host, and `proxy_connection` is that second conversation: the
decoy is its originator. All zeros mean that there was none.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from ..types import Basis, Endpoint, Location, LogRecord, Problem, Protocol, Record, Statement
from .source import Source
from .values import BadRecord, endpoint, inner, iso_ns, json_object, number, protocol, read_records, text

FORMAT = "honeytrap"


def matches(head: bytes) -> bool:
    lines = head.split(b"\n", 20)
    return any(b'"attack_connection"' in line and b'"proxy_connection"' in line for line in lines)


def read(source: Source, problems: list[Problem]) -> Iterator[Record]:
    """Yield each attack, and the conversation that the decoy opened because of it."""
    return chain.from_iterable(read_records(source, problems, _decode))


def _decode(location: Location, line: str) -> tuple[LogRecord, ...]:
    event = json_object(line)
    if not inner(event, "attack_connection"):
        raise BadRecord("the event has no attack_connection")
    return read_attack(location, FORMAT, event, line)


def read_attack(location: Location, source: str, event: dict[str, Any], raw: str) -> tuple[LogRecord, ...]:
    """Return the attack and, where the decoy dialled out, that conversation too."""
    time_ns = iso_ns(event.get("start_time", event.get("@timestamp")))
    attack, proxy = inner(event, "attack_connection"), inner(event, "proxy_connection")
    remote = _end(event, "src_ip", "src_port") or endpoint(attack.get("remote_ip"), attack.get("remote_port"))
    local = _end(event, "dest_ip", "dest_port") or endpoint(attack.get("local_ip"), attack.get("local_port"))
    records = [_record(location, source, time_ns, attack, remote, local, raw)]
    if number(proxy, "remote_port"):
        target = endpoint(proxy.get("remote_ip"), proxy.get("remote_port"))
        dialler = endpoint(proxy.get("local_ip"), proxy.get("local_port"))
        records.append(_dialled(location, source, time_ns, proxy, target, dialler, raw))
    return tuple(record for record in records if record is not None)


def _end(event: dict[str, Any], ip: str, name: str) -> Endpoint | None:
    """T-Pot moves the addresses out of the connection."""
    return endpoint(event[ip], event.get(name)) if ip in event else None


def _record(
    location: Location,
    source: str,
    time_ns: int,
    attack: dict[str, Any],
    remote: Endpoint,
    local: Endpoint,
    raw: str,
) -> LogRecord | None:
    """TCP that carried payload stood. A datagram that carried some need not have been answered."""
    spoken = protocol(attack.get("protocol", "tcp"))
    if spoken not in (Protocol.TCP, Protocol.UDP):
        return None
    payload = inner(attack, "payload")
    length = number(payload, "length")
    stood = spoken is Protocol.TCP and length > 0
    return LogRecord(
        location=location,
        source=source,
        time_ns=time_ns,
        protocol=spoken,
        src=remote,
        dst=local,
        statement=Statement.ACCEPTED if stood else Statement.SEEN,
        orig=remote,
        resp=local,
        basis=Basis.DECOY,
        fields={"action": "attack", "payload_bytes": str(length), "md5": text(payload, "md5_hash")},
        raw=raw,
    )


def _dialled(
    location: Location,
    source: str,
    time_ns: int,
    proxy: dict[str, Any],
    target: Endpoint,
    dialler: Endpoint,
    raw: str,
) -> LogRecord | None:
    spoken = protocol(proxy.get("protocol", "tcp"))
    if spoken not in (Protocol.TCP, Protocol.UDP):
        return None
    return LogRecord(
        location=location,
        source=source,
        time_ns=time_ns,
        protocol=spoken,
        src=target,
        dst=dialler,
        statement=Statement.CONNECTED_OUT,
        orig=dialler,
        resp=target,
        basis=Basis.DECOY,
        fields={"action": "proxy"},
        raw=raw,
    )
