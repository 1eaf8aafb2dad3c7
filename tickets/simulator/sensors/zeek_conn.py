"""Zeek's conn.log, with the community id policy loaded: one line a connection, written when Zeek lets go of it.

Source: base/protocols/conn/main.zeek. Duration and bytes are unset where all came at one moment. `local_orig` follows
the networks that the site calls its own: here everything but the Internet.
"""

from __future__ import annotations

from collections.abc import Sequence

from tickets.engine.types import Endpoint, Protocol
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.network import Zone
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import Recording
from tickets.simulator.sensors.community_id import compute_community_id
from tickets.simulator.sensors.ip_numbers import protocol_number
from tickets.simulator.sensors.spoken.recognition import recognise
from tickets.simulator.sensors.spoken.turns import take_turns
from tickets.simulator.sensors.zeek_connections import Connection, track_connections
from tickets.simulator.sensors.zeek_format import Interval, Style, Value, write_log

FILE = "conn.log"
COLUMNS = (
    ("ts", "time"),
    ("uid", "string"),
    ("id.orig_h", "addr"),
    ("id.orig_p", "port"),
    ("id.resp_h", "addr"),
    ("id.resp_p", "port"),
    ("proto", "enum"),
    ("service", "string"),
    ("duration", "interval"),
    ("orig_bytes", "count"),
    ("resp_bytes", "count"),
    ("conn_state", "string"),
    ("local_orig", "bool"),
    ("local_resp", "bool"),
    ("missed_bytes", "count"),
    ("history", "string"),
    ("orig_pkts", "count"),
    ("orig_ip_bytes", "count"),
    ("resp_pkts", "count"),
    ("resp_ip_bytes", "count"),
    ("tunnel_parents", "set[string]"),
    ("ip_proto", "count"),
    ("community_id", "string"),
)
SERVICES = {"tls": "ssl"}


def write_conn_log(recording: Recording, chance: Stream, style: Style = Style.TEXT) -> bytes:
    return write_connections(track_connections(recording, chance), style)


def write_connections(connections: Sequence[Connection], style: Style = Style.TEXT) -> bytes:
    """The same of connections that were tracked already, so that other logs name them alike."""
    opened_ns, closed_ns = lifetime(connections)
    return write_log("conn", COLUMNS, [_row(item) for item in connections], opened_ns, closed_ns, style)


def lifetime(connections: Sequence[Connection]) -> tuple[int, int]:
    """From the first packet to a moment after the last line."""
    opened_ns = min((item.account.start_ns for item in connections), default=0)
    return opened_ns, max((item.written_ns for item in connections), default=0) + NS_PER_S


def name_service(connection: Connection) -> str | None:
    """A parser takes up what was seen from the beginning only."""
    if not connection.saw_beginning:
        return None
    name = recognise(connection.account, take_turns(connection.account))
    return SERVICES.get(name, name) or None


def write_ids(connection: Connection) -> dict[str, Value]:
    """What every log of Zeek begins with, but the time."""
    account = connection.account
    return {
        "uid": connection.uid,
        "id.orig_h": account.orig.ip,
        "id.orig_p": account.orig.port,
        "id.resp_h": account.resp.ip,
        "id.resp_p": account.resp.port,
    }


def _row(connection: Connection) -> dict[str, Value]:
    account = connection.account
    orig, resp = (account.tally(from_orig=side) for side in (True, False))
    lasted = connection.lasted_ns > 0
    return {
        "ts": Interval(account.start_ns),
        **write_ids(connection),
        "proto": account.protocol.value,
        "service": name_service(connection),
        "duration": Interval(connection.lasted_ns) if lasted else None,
        "orig_bytes": connection.orig_size if lasted else None,
        "resp_bytes": connection.resp_size if lasted else None,
        "conn_state": connection.state,
        "local_orig": _is_local(connection, account.orig),
        "local_resp": _is_local(connection, account.resp),
        "missed_bytes": connection.missed,
        "history": connection.history if account.protocol is not Protocol.ICMP else None,
        "orig_pkts": orig.packets,
        "orig_ip_bytes": orig.ip_bytes,
        "resp_pkts": resp.packets,
        "resp_ip_bytes": resp.ip_bytes,
        "ip_proto": protocol_number(account.packets[0].packet),
        "community_id": compute_community_id(account.protocol, account.orig, account.resp),
    }


def _is_local(connection: Connection, end: Endpoint) -> bool:
    flow = connection.account.flow
    client, server = flow.ends or (flow.dialogue.client, flow.dialogue.server)
    socket = client if client.endpoint == end else server
    return socket.host.zone is not Zone.OUTSIDE
