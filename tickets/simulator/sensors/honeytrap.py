"""honeytrap's attacks as JSON lines: a decoy that takes connections on every port.

Source: honeytrap's htm_logJSON.c. `remote_*` is the attacker. A line is written when the connection is over, with whole
seconds. In mirror and proxy mode the decoy dials out as well, and `proxy_connection` is that second conversation: there
it is the client. All zeros mean that there was none.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import md5, sha512

from tickets.simulator.clock import to_datetime
from tickets.simulator.network import Dialogue, Host
from tickets.simulator.sensors.decoy_contacts import Contact, Session, find_sessions
from tickets.simulator.sensors.lines import LogLine, sort_lines

FILE = "attackers.json"
NORMAL, MIRROR = 1, 4
NOBODY = "0.0.0.0"  # noqa: S104 - what honeytrap prints where there is no address


def write_honeytrap_log(dialogues: Sequence[Dialogue], decoy: Host) -> tuple[LogLine, ...]:
    """An object for each connection that was taken; one that the decoy dialled because of it (`about`) stands within."""
    sessions = find_sessions(dialogues, decoy)
    dialled = {id(item.dialogue.about): item for item in sessions if item.contact is Contact.CONNECT}
    return sort_lines(
        LogLine(
            session.ended_ns,
            json.dumps(_object(session, dialled.get(id(session.dialogue)))),
            session.dialogue,
            session.printed,
        )
        for session in sessions
        if session.contact is Contact.ACCEPT
    )


def _object(session: Session, dialled: Session | None) -> dict[str, object]:
    return {
        "is_virtual": False,
        "@timestamp": _time(session.ended_ns),
        "start_time": _time(session.decided_ns),
        "end_time": _time(session.ended_ns),
        "attack_connection": _connection(session),
        "proxy_connection": _connection(dialled) if dialled else _no_connection(),
        "operation_mode": MIRROR if dialled else NORMAL,
        "download_count": 0,
        "download_tries": 0,
        "downloads": {},
    }


def _connection(session: Session) -> dict[str, object]:
    remote, local = session.remote.endpoint, session.local.endpoint
    heard = b"".join(packet.payload for packet in session.dialogue.packets if packet.src == session.remote)
    return {
        "protocol": "tcp",
        "remote_ip": remote.ip,
        "remote_port": remote.port,
        "local_ip": local.ip,
        "local_port": local.port,
        "payload": _payload(heard),
    }


def _no_connection() -> dict[str, object]:
    return {
        "protocol": "tcp",
        "remote_ip": NOBODY,
        "remote_port": 0,
        "local_ip": NOBODY,
        "local_port": 0,
        "payload": _payload(b""),
    }


def _payload(data: bytes) -> dict[str, object]:
    return {
        "md5_hash": md5(data, usedforsecurity=False).hexdigest() if data else "",
        "sha512_hash": sha512(data).hexdigest() if data else "",
        "length": len(data),
        "data_hex": data.hex(),
    }


def _time(time_ns: int) -> str:
    return f"{to_datetime(time_ns):%Y-%m-%dT%H:%M:%SZ}"
