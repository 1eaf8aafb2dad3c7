"""cowrie's events as JSON lines: a decoy for SSH and Telnet.

Source: cowrie's docs/OUTPUT.rst. `src_ip` is the client, always. Only the first event of a session has the ports; the
others are joined by `session`. `dst_port` is cowrie's own, to which the host redirects what comes in. That a login
succeeds is the decoy's choice. A tunnel's target is what the client wishes, and was not on the wire.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from tickets.engine.types import Endpoint
from tickets.simulator.clock import to_iso
from tickets.simulator.network import Dialogue, Host
from tickets.simulator.randomness import Stream
from tickets.simulator.sensors.decoy_contacts import Contact, Session, arrival_ns, find_sessions
from tickets.simulator.sensors.lines import LogLine, sort_lines

FILE = "cowrie.json"
LISTENS = {22: ("ssh", 2222), 23: ("telnet", 2223)}
MS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    user: str
    password: str
    succeeds: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a client did in a session that it opened: logins, then commands, files fetched, tunnels wished for."""

    dialogue: Dialogue
    logins: Sequence[Login] = ()
    commands: Sequence[str] = ()
    downloads: Sequence[tuple[str, bytes]] = ()
    tunnels: Sequence[Endpoint] = ()


Event = dict[str, object]


def write_cowrie_log(
    dialogues: Sequence[Dialogue], decoy: Host, chance: Stream, visits: Sequence[Visit] = (), sensor: str = ""
) -> tuple[LogLine, ...]:
    """The events of all sessions on cowrie's ports. A dialogue without a visit is a connection that was let go of."""
    told = {id(visit.dialogue): visit for visit in visits}
    lines: list[LogLine] = []
    for session in find_sessions(dialogues, decoy):
        if session.contact is Contact.ACCEPT and session.local.port in LISTENS:
            visit = told.get(id(session.dialogue), Visit(dialogue=session.dialogue))
            lines.extend(_lines(session, visit, decoy, chance, sensor or decoy.name))
    return sort_lines(lines)


def _lines(session: Session, visit: Visit, decoy: Host, chance: Stream, sensor: str) -> Iterator[LogLine]:
    name = chance.take(6).hex()
    remote = session.remote.endpoint
    first_ns = session.decided_ns + chance.about(3 * MS)
    last_ns = max(session.ended_ns, first_ns) + chance.about(2 * MS)
    events = [_opened(session, name), *_done(session, visit)]
    moments = _moments(session, decoy, len(events) - 1)
    shared: Event = {"sensor": sensor, "session": name, "src_ip": remote.ip}
    for event, moment_ns in zip(events, (first_ns, *moments), strict=True):
        time_ns = min(max(first_ns, moment_ns), last_ns)
        yield _line(time_ns, shared | event, session)
    lasted_ms = (last_ns - first_ns) // MS
    closed = {
        "eventid": "cowrie.session.closed",
        "duration_ms": lasted_ms,
        "message": f"Connection lost after {lasted_ms / 1000:.1f} seconds",
    }
    yield _line(last_ns, shared | closed, session)


def _line(time_ns: int, event: Event, session: Session) -> LogLine:
    text = json.dumps(event | {"timestamp": to_iso(time_ns) + "Z"})
    remote, local = session.printed
    return LogLine(time_ns, text, session.dialogue, (remote, local._replace(port=LISTENS[local.port][1])))


def _moments(session: Session, decoy: Host, count: int) -> list[int]:
    """The events follow what the client sent: spread over the moments at which its data came in."""
    client = session.remote
    arrivals = [
        arrival_ns(packet, decoy)
        for packet in session.dialogue.packets
        if packet.src == client and packet.payload
    ] or [session.decided_ns]
    return [arrivals[min(len(arrivals) - 1, (at + 1) * len(arrivals) // (count + 1))] for at in range(count)]


def _opened(session: Session, name: str) -> Event:
    remote, local = session.remote.endpoint, session.local.endpoint
    protocol, port = LISTENS[local.port]
    ends = f"{remote.ip}:{remote.port} ({local.ip}:{port})"
    return {
        "protocol": protocol,
        "eventid": "cowrie.session.connect",
        "src_port": remote.port,
        "dst_ip": local.ip,
        "dst_port": port,
        "message": f"New connection: {ends} [session: {name}]",
    }


def _done(session: Session, visit: Visit) -> Iterator[Event]:
    version = _version(session)
    if version:
        yield {
            "eventid": "cowrie.client.version",
            "version": version,
            "message": f"Remote SSH version: {version}",
        }
    for login in visit.logins:
        word = "succeeded" if login.succeeds else "failed"
        yield {
            "eventid": f"cowrie.login.{'success' if login.succeeds else 'failed'}",
            "username": login.user,
            "password": login.password,
            "message": f"login attempt [{login.user}/{login.password}] {word}",
        }
    for command in visit.commands:
        yield {"eventid": "cowrie.command.input", "input": command, "message": f"CMD: {command}"}
    for url, content in visit.downloads:
        digest = sha256(content).hexdigest()
        yield {
            "eventid": "cowrie.session.file_download",
            "url": url,
            "outfile": f"var/lib/cowrie/downloads/{digest}",
            "shasum": digest,
            "message": f"Downloaded URL ({url}) with SHA-256 {digest} to var/lib/cowrie/downloads/{digest}",
        }
    for target in visit.tunnels:
        yield {
            "eventid": "cowrie.direct-tcpip.request",
            "dst_ip": target.ip,
            "dst_port": target.port,
            "orig_ip": "127.0.0.1",
            "orig_port": 50_000 + target.port % 10_000,
            "message": f"direct-tcp connection request to {target} from 127.0.0.1",
        }


def _version(session: Session) -> str:
    """The client's greeting as it was sent."""
    data = next(
        (
            packet.payload
            for packet in session.dialogue.packets
            if packet.src == session.remote and packet.payload
        ),
        b"",
    )
    line = data.partition(b"\r\n")[0]
    return line.decode("ascii", "replace") if line.startswith(b"SSH-") else ""
