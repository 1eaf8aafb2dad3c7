"""The decoy's own records: dionaea's log_json, and the line that MHN hands to a SIEM.

A record is about a connection, remote side first. `accept` means that the handshake was completed,
`reject` that the host answered a bare SYN with a reset. log_json writes when the connection is over and
stamps the time it began; MHN's line goes out at once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from tickets.engine.types import Endpoint, TcpFlags
from tickets.simulator.clock import to_iso
from tickets.simulator.network import Dialogue, Host, travel_ns
from tickets.simulator.randomness import Stream

MHN_FILE = "honeypot.log"
JSON_FILE = "dionaea.json"
SIGNATURE = "Connection to Honeypot"
MODULES = {21: "ftpd", 445: "smbd", 1433: "mssqld"}
MS = 1_000_000


@dataclass(frozen=True, slots=True)
class DecoyLine:
    """One line, when it was written, and what it tells of."""

    time_ns: int
    text: str
    dialogue: Dialogue


def write_mhn_log(
    dialogues: tuple[Dialogue, ...], decoy: Host, sensor: str, chance: Stream
) -> tuple[DecoyLine, ...]:
    """One line for each connection to the decoy. Direction and severity are constants of the pipeline."""
    lines = [
        _mhn_line(dialogue, sensor, _decided_ns(dialogue) + chance.about(8 * MS))
        for dialogue in dialogues
        if dialogue.server.host == decoy
    ]
    return tuple(sorted(lines, key=lambda line: line.time_ns))


def write_dionaea_json(dialogues: tuple[Dialogue, ...], decoy: Host, chance: Stream) -> tuple[DecoyLine, ...]:
    """One record for each connection to the decoy, in the order in which they ended."""
    lines = [_json_line(dialogue, chance) for dialogue in dialogues if dialogue.server.host == decoy]
    return tuple(sorted(lines, key=lambda line: line.time_ns))


def encode_lines(lines: tuple[DecoyLine, ...]) -> bytes:
    return "".join(line.text + "\n" for line in lines).encode()


def _mhn_line(dialogue: Dialogue, sensor: str, time_ns: int) -> DecoyLine:
    remote, local = dialogue.client.endpoint, dialogue.server.endpoint
    fields = {
        "type": "dionaea.connections",
        **_addresses(remote, local),
        "dionaea_action": _action(dialogue),
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
    return DecoyLine(time_ns, f"{to_iso(time_ns)} {text}", dialogue)


def _addresses(remote: Endpoint, local: Endpoint) -> dict[str, str]:
    return {
        "src": remote.ip,
        "src_port": str(remote.port),
        "dest": local.ip,
        "dest_port": str(local.port),
    }


def _json_line(dialogue: Dialogue, chance: Stream) -> DecoyLine:
    remote, local = dialogue.client.endpoint, dialogue.server.endpoint
    action = _action(dialogue)
    record: dict[str, object] = {
        "connection": {
            "protocol": MODULES[local.port] if action == "accept" else "pcap",
            "transport": "tcp",
            "type": action,
        },
        "dst_ip": local.ip,
        "dst_port": local.port,
        "src_hostname": "",
        "src_ip": remote.ip,
        "src_port": remote.port,
        "timestamp": to_iso(_decided_ns(dialogue) + chance.about(MS)),
    }
    if logins := dialogue.said.get("logins"):
        record["credentials"] = [
            {"password": password, "username": user}
            for user, password in (login.split("\t") for login in logins.split("\n"))
        ]
    ended_ns = dialogue.packets[-1].sent_ns + chance.about(5 * MS)
    return DecoyLine(ended_ns, json.dumps(record), dialogue)


def _action(dialogue: Dialogue) -> str:
    return "reject" if any(packet.flags & TcpFlags.RST for packet in dialogue.packets) else "accept"


def _decided_ns(dialogue: Dialogue) -> int:
    """When the decoy knows: its reset is out, or the handshake's last packet has arrived."""
    deciding = dialogue.packets[1 if _action(dialogue) == "reject" else 2]
    if deciding.src == dialogue.server:
        return deciding.sent_ns
    return deciding.sent_ns + travel_ns(dialogue.client.host, dialogue.server.host)
