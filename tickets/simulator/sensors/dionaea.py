"""The decoy dionaea's records in all forms that it and its collectors write.

Source: dionaea's log_json.py, hpfeeds.py and readlogsqltree.py; hpfeeds-logger's formatters. A record is about a session,
remote side first, whoever opened it: `accept` and `reject` came from the remote side, `connect` went there. log_json
writes when the session is over and stamps the time it began; hpfeeds and what is made of it go out at once. MHN's
direction, severity and deviceDirection are constants. Only the tree's arrow is drawn as it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import md5, sha512

from tickets.simulator.clock import to_datetime, to_iso
from tickets.simulator.network import Dialogue, Host
from tickets.simulator.randomness import Stream
from tickets.simulator.sensors.decoy_contacts import Contact, Session, find_sessions
from tickets.simulator.sensors.lines import LogLine, encode_lines, sort_lines

__all__ = ["JSON_FILE", "MHN_FILE", "MODULES", "Capture", "DecoyLine", "encode_lines"]

MHN_FILE = "honeypot.log"
JSON_FILE = "dionaea.json"
HPFEEDS_FILE = "hpfeeds.json"
CEF_FILE = "honeypot.cef"
TREE_FILE = "sessions.txt"
SIGNATURE = "Connection to Honeypot"
MODULES = {21: "ftpd", 445: "smbd", 1433: "mssqld"}
OTHER_MODULES = {80: "httpd", 135: "epmapper", 443: "httpd", 1883: "mqttd", 3306: "mysqld", 11211: "memcache"}
WATCHER = "pcap"
DIALLER = "remoteshell"
MS = 1_000_000
DecoyLine = LogLine


@dataclass(frozen=True, slots=True)
class Capture:
    """A file that a session brought to the decoy."""

    dialogue: Dialogue
    url: str
    content: bytes


# One line for each session, at once.


def write_mhn_log(
    dialogues: Iterable[Dialogue], decoy: Host, sensor: str, chance: Stream
) -> tuple[LogLine, ...]:
    """hpfeeds-logger's line for Splunk. Direction and severity are constants of the pipeline."""
    return sort_lines(
        _mhn_line(session, sensor, session.decided_ns + chance.about(8 * MS))
        for session in find_sessions(dialogues, decoy)
    )


def write_arcsight_log(dialogues: Iterable[Dialogue], decoy: Host, chance: Stream) -> tuple[LogLine, ...]:
    """hpfeeds-logger's line for ArcSight: the session's type is lost on the way."""
    return sort_lines(
        _cef_line(session, session.decided_ns + chance.about(8 * MS))
        for session in find_sessions(dialogues, decoy)
    )


def write_hpfeeds(
    dialogues: Iterable[Dialogue], decoy: Host, chance: Stream, captures: Sequence[Capture] = ()
) -> tuple[LogLine, ...]:
    """What dionaea itself publishes: sessions, which carry no time, and captured files."""
    sessions = find_sessions(dialogues, decoy)
    lines = [_hpfeeds_line(session, session.decided_ns + chance.about(4 * MS)) for session in sessions]
    for capture in captures:
        session = next(item for item in sessions if item.dialogue is capture.dialogue)
        lines.append(_capture_line(capture, session, session.ended_ns + chance.about(9 * MS)))
    return sort_lines(lines)


def _mhn_line(session: Session, sensor: str, time_ns: int) -> LogLine:
    remote, local = session.remote.endpoint, session.local.endpoint
    fields = {
        "type": "dionaea.connections",
        "src": remote.ip,
        "src_port": str(remote.port),
        "dest": local.ip,
        "dest_port": str(local.port),
        "dionaea_action": session.contact.value,
        "sensor": sensor,
        "transport": "tcp",
        "protocol": "ip",
        "vendor_product": "Dionaea",
        "direction": "inbound",
        "ids_type": "network",
        "severity": "high",
        "signature": SIGNATURE,
        "app": "dionaea",
    }
    text = ", ".join(f'{key}="{value}"' for key, value in fields.items())
    return LogLine(time_ns, f"{to_iso(time_ns)} {text}", session.dialogue, session.printed)


def _cef_line(session: Session, time_ns: int) -> LogLine:
    remote, local = session.remote.endpoint, session.local.endpoint
    text = (
        f"CEF:0|ThreatStream|MHN|1.0|dionaea.connections|{SIGNATURE}|10|"
        f"src={remote.ip} spt={remote.port} dst={local.ip} dpt={local.port} proto=tcp deviceDirection=0"
        " cs1=Dionaea cs1Label=vendor_product cs2=network cs2Label=ids_type cs3=dionaea cs3Label=app"
    )
    return LogLine(time_ns, f"{to_iso(time_ns)} {text}", session.dialogue, session.printed)


def _hpfeeds_line(session: Session, time_ns: int) -> LogLine:
    remote, local = session.remote.endpoint, session.local.endpoint
    message = {
        "_channel": "dionaea.connections",
        "connection_type": session.contact.value,
        "connection_transport": "tcp",
        "connection_protocol": _module(session),
        "remote_host": remote.ip,
        "remote_port": remote.port,
        "remote_hostname": "",
        "local_host": local.ip,
        "local_port": local.port,
    }
    return LogLine(time_ns, json.dumps(message), session.dialogue, session.printed)


def _capture_line(capture: Capture, session: Session, time_ns: int) -> LogLine:
    remote, local = session.remote.endpoint, session.local.endpoint
    message = {
        "_channel": "dionaea.capture",
        "time": f"{to_datetime(time_ns):%Y-%m-%d %H:%M:%S}",
        "saddr": remote.ip,
        "sport": str(remote.port),
        "daddr": local.ip,
        "dport": str(local.port),
        "md5": md5(capture.content, usedforsecurity=False).hexdigest(),
        "sha512": sha512(capture.content).hexdigest(),
        "url": capture.url,
    }
    return LogLine(time_ns, json.dumps(message), session.dialogue, session.printed)


# When the session is over.


def write_dionaea_json(dialogues: Iterable[Dialogue], decoy: Host, chance: Stream) -> tuple[LogLine, ...]:
    """log_json: one record for each session, in the order in which they ended."""
    return sort_lines(_json_line(session, chance) for session in find_sessions(dialogues, decoy))


def _json_line(session: Session, chance: Stream) -> LogLine:
    remote, local = session.remote.endpoint, session.local.endpoint
    record: dict[str, object] = {
        "connection": {"protocol": _module(session), "transport": "tcp", "type": session.contact.value},
        "dst_ip": local.ip,
        "dst_port": local.port,
        "src_hostname": "",
        "src_ip": remote.ip,
        "src_port": remote.port,
        "timestamp": to_iso(session.decided_ns + chance.about(MS)),
    }
    if logins := _logins(session.dialogue):
        record["credentials"] = [{"password": password, "username": user} for user, password in logins]
    return LogLine(
        session.ended_ns + chance.about(5 * MS), json.dumps(record), session.dialogue, session.printed
    )


# The tree.


def write_session_tree(dialogues: Iterable[Dialogue], decoy: Host, chance: Stream) -> bytes:
    """What readlogsqltree prints of the database: local first, an arrow from the side that opened the session, and
    sessions that another caused indented below it (`dialogue.about`)."""
    sessions = find_sessions(dialogues, decoy)
    number = chance.between(1_000, 400_000)
    numbers: dict[int, int] = {}
    for session in sessions:
        number += chance.between(1, 4)
        numbers[id(session.dialogue)] = number
    roots = [session for session in sessions if _parent(session, sessions) is None]
    return "".join(line + "\n" for root in roots for line in _branch(root, sessions, numbers)).encode()


def _branch(root: Session, sessions: Sequence[Session], numbers: dict[int, int]) -> Iterator[str]:
    yield f"{to_datetime(root.decided_ns):%Y-%m-%d %H:%M:%S}"
    yield from _twigs(root, sessions, numbers, root, 0)


def _twigs(
    session: Session, sessions: Sequence[Session], numbers: dict[int, int], root: Session, depth: int
) -> Iterator[str]:
    margin = "   " * depth
    local, remote = session.local.endpoint, session.remote.endpoint
    arrow = f"-> /{remote}" if session.contact is Contact.CONNECT else f"<- {remote}"
    parent = _parent(session, sessions)
    above = "None" if parent is None else str(numbers[id(parent.dialogue)])
    yield (
        f"{margin}connection {numbers[id(session.dialogue)]} {_module(session)} tcp {session.contact.value}"
        f" {local} {arrow} ({numbers[id(root.dialogue)]} {above})"
    )
    for user, password in _logins(session.dialogue):
        yield f"{margin}   login - user:'{user}' password:'{password}'"
    for child in sessions:
        if _parent(child, sessions) is session:
            yield from _twigs(child, sessions, numbers, root, depth + 1)


def _parent(session: Session, sessions: Sequence[Session]) -> Session | None:
    return next((item for item in sessions if item.dialogue is session.dialogue.about), None)


def _module(session: Session) -> str:
    """The program that took the session; the watcher of packets saw the refusals."""
    if session.contact is Contact.REJECT:
        return WATCHER
    if session.contact is Contact.CONNECT:
        return DIALLER
    port = session.local.port
    return MODULES.get(port) or OTHER_MODULES.get(port, DIALLER)


def _logins(dialogue: Dialogue) -> list[tuple[str, str]]:
    """`said["logins"]`: a line each, user and password with a tab between."""
    told = dialogue.said.get("logins", "")
    pairs = (line.partition("\t") for line in told.split("\n") if line)
    return [(user, password) for user, _, password in pairs]
