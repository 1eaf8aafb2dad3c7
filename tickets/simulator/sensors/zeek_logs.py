"""Zeek's http, dns, ssl, ssh and notice logs, about the same connections as conn.log and under the same uids.

Source: base/protocols/{http,dns,ssl,ssh}/main.zeek and base/frameworks/notice/main.zeek. What stands in them was read in the
packets that the tap saw. Whether a login of SSH succeeded Zeek guesses from sizes; the guess is right here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tickets.engine.types import Protocol
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.network import Dialogue, Zone
from tickets.simulator.sensors.spoken.dns import TYPES, Message, read_messages
from tickets.simulator.sensors.spoken.http import Exchange, read_exchanges
from tickets.simulator.sensors.spoken.lines import read_greetings
from tickets.simulator.sensors.spoken.ssh_offers import read_agreement
from tickets.simulator.sensors.spoken.tls import CIPHERS, read_handshake
from tickets.simulator.sensors.spoken.turns import take_turns
from tickets.simulator.sensors.zeek_conn import lifetime, name_service, write_ids
from tickets.simulator.sensors.zeek_connections import Connection
from tickets.simulator.sensors.zeek_format import Columns, Interval, Style, Value, write_log

Row = dict[str, Value]
IDS = (
    ("ts", "time"),
    ("uid", "string"),
    ("id.orig_h", "addr"),
    ("id.orig_p", "port"),
    ("id.resp_h", "addr"),
    ("id.resp_p", "port"),
)
HTTP = (
    *IDS,
    ("trans_depth", "count"),
    ("method", "string"),
    ("host", "string"),
    ("uri", "string"),
    ("referrer", "string"),
    ("version", "string"),
    ("user_agent", "string"),
    ("request_body_len", "count"),
    ("response_body_len", "count"),
    ("status_code", "count"),
    ("status_msg", "string"),
    ("tags", "set[enum]"),
    ("proxied", "set[string]"),
)
DNS = (
    *IDS,
    ("proto", "enum"),
    ("trans_id", "count"),
    ("rtt", "interval"),
    ("query", "string"),
    ("qclass", "count"),
    ("qclass_name", "string"),
    ("qtype", "count"),
    ("qtype_name", "string"),
    ("rcode", "count"),
    ("rcode_name", "string"),
    ("AA", "bool"),
    ("TC", "bool"),
    ("RD", "bool"),
    ("RA", "bool"),
    ("Z", "count"),
    ("answers", "vector[string]"),
    ("TTLs", "vector[interval]"),
    ("rejected", "bool"),
)
SSL = (
    *IDS,
    ("version", "string"),
    ("cipher", "string"),
    ("curve", "string"),
    ("server_name", "string"),
    ("resumed", "bool"),
    ("last_alert", "string"),
    ("next_protocol", "string"),
    ("established", "bool"),
    ("ssl_history", "string"),
)
SSH = (
    *IDS,
    ("version", "count"),
    ("auth_success", "bool"),
    ("auth_attempts", "count"),
    ("direction", "enum"),
    ("client", "string"),
    ("server", "string"),
    ("cipher_alg", "string"),
    ("mac_alg", "string"),
    ("compression_alg", "string"),
    ("kex_alg", "string"),
    ("host_key_alg", "string"),
)
NOTICE = (
    *IDS,
    ("proto", "enum"),
    ("note", "enum"),
    ("msg", "string"),
    ("sub", "string"),
    ("src", "addr"),
    ("dst", "addr"),
    ("p", "port"),
    ("n", "count"),
    ("peer_descr", "string"),
    ("actions", "set[enum]"),
    ("suppress_for", "interval"),
)
VERSIONS = {0x0301: "TLSv10", 0x0302: "TLSv11", 0x0303: "TLSv12", 0x0304: "TLSv13"}
ALERTS = {
    0: "close_notify",
    40: "handshake_failure",
    42: "bad_certificate",
    48: "unknown_ca",
    70: "protocol_version",
}
NUMBERS = {name: number for number, name in TYPES.items()}
SUPPRESSED_NS = 3600 * NS_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a policy script of Zeek raised. `src` and `dst` are the notice's own idea, and need not be a connection's
    originator and responder. `dialogue` is what it is about, where it is about one connection."""

    time_ns: int
    note: str
    message: str
    sub: str = ""
    src: str | None = None
    dst: str | None = None
    port: int | None = None
    count: int | None = None
    dialogue: Dialogue | None = None
    peer: str = "zeek"


def write_http_log(connections: Sequence[Connection], style: Style = Style.TEXT) -> bytes:
    return _write("http", HTTP, connections, _http_rows, style)


def write_dns_log(connections: Sequence[Connection], style: Style = Style.TEXT) -> bytes:
    return _write("dns", DNS, connections, _dns_rows, style)


def write_ssl_log(connections: Sequence[Connection], style: Style = Style.TEXT) -> bytes:
    return _write("ssl", SSL, connections, _ssl_rows, style)


def write_ssh_log(connections: Sequence[Connection], style: Style = Style.TEXT) -> bytes:
    return _write("ssh", SSH, connections, _ssh_rows, style)


def write_notice_log(
    notices: Sequence[Notice], connections: Sequence[Connection], style: Style = Style.TEXT
) -> bytes:
    rows = [_notice_row(notice, connections) for notice in sorted(notices, key=lambda item: item.time_ns)]
    return write_log("notice", NOTICE, rows, *lifetime(connections), style)


def _write(
    path: str,
    columns: Columns,
    connections: Sequence[Connection],
    read: Callable[[Connection], Iterator[tuple[int, Row]]],
    style: Style,
) -> bytes:
    """Rows in order of writing: that is when a message is complete, `ts` when it began."""
    service = "ssl" if path == "ssl" else path
    rows = [
        row for connection in connections if name_service(connection) == service for row in read(connection)
    ]
    rows.sort(key=lambda item: item[0])
    return write_log(path, columns, [row for _, row in rows], *lifetime(connections), style)


def _http_rows(connection: Connection) -> Iterator[tuple[int, Row]]:
    for depth, exchange in enumerate(read_exchanges(take_turns(connection.account)), 1):
        yield exchange.time_ns, _http_row(connection, exchange, depth)


def _http_row(connection: Connection, exchange: Exchange, depth: int) -> Row:
    asked, answered = exchange.asked, exchange.answered
    row: Row = {
        "ts": Interval(asked.time_ns if asked else exchange.time_ns),
        **write_ids(connection),
        "trans_depth": depth,
        "request_body_len": asked.body_bytes if asked else 0,
        "response_body_len": answered.body_bytes if answered else 0,
        "tags": (),
    }
    if asked is not None:
        headers = asked.headers
        forwarded = headers.get("x-forwarded-for")
        row |= {
            "method": asked.method,
            "host": headers.get("host"),
            "uri": asked.target,
            "referrer": headers.get("referer"),
            "version": asked.version,
            "user_agent": headers.get("user-agent"),
            "proxied": (f"X-FORWARDED-FOR -> {forwarded}",) if forwarded else None,
        }
    if answered is not None:
        row |= {"status_code": answered.status, "status_msg": answered.reason or None}
    return row


def _dns_rows(connection: Connection) -> Iterator[tuple[int, Row]]:
    """A question and its answer are one line; one that stays alone is written when the connection is let go."""
    over_tcp = connection.account.protocol is Protocol.TCP
    messages = read_messages(take_turns(connection.account), over_tcp=over_tcp)
    waiting: dict[int, Message] = {}
    for message in messages:
        if not message.is_answer:
            waiting[message.number] = message
            continue
        yield message.time_ns, _dns_row(connection, waiting.pop(message.number, None), message)
    for message in waiting.values():
        yield connection.written_ns, _dns_row(connection, message, None)


def _dns_row(connection: Connection, asked: Message | None, answered: Message | None) -> Row:
    one = asked or answered
    assert one is not None
    name, kind = one.names[0] if one.names else (None, "A")
    row: Row = {
        "ts": Interval(one.time_ns),
        **write_ids(connection),
        "proto": connection.account.protocol.value,
        "trans_id": one.number,
        "rtt": Interval(answered.time_ns - asked.time_ns) if asked and answered else None,
        "query": name,
        "qclass": 1,
        "qclass_name": "C_INTERNET",
        "qtype": NUMBERS.get(kind, 0),
        "qtype_name": kind,
        "RD": one.has(0x0100),
        "AA": False,
        "TC": one.has(0x0200),
        "RA": False,
        "Z": 0,
        "rejected": False,
    }
    if answered is None:
        return row
    found = answered.answers
    return row | {
        "rcode": answered.flags & 0xF,
        "rcode_name": answered.rcode,
        "AA": answered.has(0x0400),
        "RA": answered.has(0x0080),
        "answers": tuple(answer.data for answer in found) or None,
        "TTLs": tuple(f"{answer.ttl_s}.000000" for answer in found) or None,
        "rejected": answered.flags & 0xF != 0 and not found,
    }


def _ssl_rows(connection: Connection) -> Iterator[tuple[int, Row]]:
    seen = read_handshake(take_turns(connection.account))
    if seen is None:
        return
    history = ("C" if seen.has_client else "") + ("s" if seen.has_server else "")
    yield (
        connection.written_ns,
        {
            "ts": Interval(seen.time_ns),
            **write_ids(connection),
            "version": VERSIONS.get(seen.version),
            "cipher": CIPHERS.get(seen.cipher, f"unknown-{seen.cipher}") if seen.has_server else None,
            "curve": seen.curve or None,
            "server_name": seen.server_name or None,
            "resumed": False,
            "last_alert": None if seen.alert is None else ALERTS.get(seen.alert, str(seen.alert)),
            "next_protocol": None,
            "established": seen.is_established,
            "ssl_history": history + ("iI" if seen.is_established else "") + ("l" if seen.alert else ""),
        },
    )


def _ssh_rows(connection: Connection) -> Iterator[tuple[int, Row]]:
    turns = take_turns(connection.account)
    seen = read_greetings(turns)
    if seen is None:
        return
    said = connection.account.flow.dialogue.said
    agreed = read_agreement(turns)
    attempts = int(said.get("attempts", "1" if "accepted_ns" in said else "0"))
    yield (
        connection.written_ns,
        {
            "ts": Interval(seen.time_ns),
            **write_ids(connection),
            "version": 2,
            "auth_success": ("accepted_ns" in said) if attempts else None,
            "auth_attempts": attempts,
            "direction": _direction(connection),
            "client": f"SSH-{seen.client[0]}-{seen.client[1]}" if seen.client else None,
            "server": f"SSH-{seen.server[0]}-{seen.server[1]}" if seen.server else None,
            **(agreed or {}),
        },
    )


def _direction(connection: Connection) -> str | None:
    """By the site's own networks: from outside in, or from inside out."""
    flow = connection.account.flow
    sides = [end.host.zone is Zone.OUTSIDE for end in (flow.dialogue.client, flow.dialogue.server)]
    if connection.account.is_turned:
        sides.reverse()
    return {(True, False): "INBOUND", (False, True): "OUTBOUND"}.get((sides[0], sides[1]))


def _notice_row(notice: Notice, connections: Sequence[Connection]) -> Row:
    about = next(
        (item for item in connections if item.account.flow.dialogue is notice.dialogue),
        None,
    )
    return {
        "ts": Interval(notice.time_ns),
        **(write_ids(about) if about else {}),
        "proto": about.account.protocol.value if about else None,
        "note": notice.note,
        "msg": notice.message,
        "sub": notice.sub or None,
        "src": notice.src,
        "dst": notice.dst,
        "p": notice.port,
        "n": notice.count,
        "peer_descr": notice.peer,
        "actions": ("Notice::ACTION_LOG",),
        "suppress_for": Interval(SUPPRESSED_NS),
    }
