"""T-Pot's index: what its collector makes of each decoy's line, as exported JSON.

Source: T-Pot's logstash.conf. `type` names the decoy. Addresses are put under `src_*` and `dest_*` whatever the decoy
called them; the container's address stands where the decoy wrote its own, and some decoys get a constant `dest_port` from the
configuration. Reputation is looked up for `src_ip` only, so of a reversed event it tells of our own side.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tickets.engine.types import Endpoint
from tickets.simulator.clock import NS_PER_S, to_datetime
from tickets.simulator.network import Dialogue
from tickets.simulator.sensors.lines import Ends, LogLine, sort_lines

FILE = "tpot-index.json"
CONTAINERS = {"Dionaea": "172.23.0.4", "Cowrie": "172.23.0.6"}
RENAMED = {"dst_ip": "dest_ip", "dst_port": "dest_port"}
REDISHONEYPOT_PORT = 6379


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The host on which T-Pot runs: its name, its own address, and the one by which the Internet knows it."""

    name: str
    inner_ip: str
    outer_ip: str


def index_lines(kind: str, lines: Iterable[LogLine], machine: Machine) -> tuple[LogLine, ...]:
    """A decoy's (`Dionaea`, `Cowrie`, `Honeytrap`) or Suricata's JSON lines as they stand in the index."""
    return sort_lines(
        LogLine(
            line.time_ns,
            json.dumps(indexed := _indexed(kind, json.loads(line.text), line.time_ns, machine)),
            line.dialogue,
            _ends(indexed),
        )
        for line in lines
    )


def index_redis(dialogues: Iterable[Dialogue], machine: Machine) -> tuple[LogLine, ...]:
    """Redishoneypot's contacts: both ends of its side are configuration, not evidence."""
    return sort_lines(
        LogLine(
            dialogue.start_ns,
            json.dumps(
                {
                    **_head("Redishoneypot", dialogue.start_ns),
                    "timestamp": _stamp(dialogue.start_ns),
                    "level": "info",
                    "action": "NewConnect",
                    "src_ip": dialogue.client.host.ip,
                    "src_port": dialogue.client.port,
                    "dest_ip": machine.outer_ip,
                    "dest_port": REDISHONEYPOT_PORT,
                    **_tail(machine),
                }
            ),
            dialogue,
            (dialogue.client.endpoint, Endpoint(machine.outer_ip, REDISHONEYPOT_PORT)),
        )
        for dialogue in dialogues
    )


def _indexed(kind: str, event: dict[str, Any], time_ns: int, machine: Machine) -> dict[str, Any]:
    renamed = {RENAMED.get(name, name): value for name, value in event.items()}
    if kind == "Honeytrap":
        renamed = _out_of_the_connection(renamed)
    if kind in CONTAINERS and "dest_ip" in renamed:
        renamed["dest_ip"] = CONTAINERS[kind]
    if kind == "Cowrie" and "dest_port" in renamed:
        renamed["dest_port"] = {2222: 22, 2223: 23}.get(renamed["dest_port"], renamed["dest_port"])
    renamed.setdefault("timestamp", renamed.get("@timestamp", _stamp(time_ns)))
    renamed.pop("@timestamp", None)
    known = {"ip_rep": "known attacker"} if kind != "Suricata" else {}
    return {**_head(kind, time_ns), **renamed, **known, **_tail(machine)}


def _ends(indexed: dict[str, Any]) -> Ends | None:
    if not {"src_port", "dest_port"} <= set(indexed):
        return None
    src, dst = (Endpoint(indexed[f"{side}_ip"], indexed[f"{side}_port"]) for side in ("src", "dest"))
    return src, dst


def _out_of_the_connection(event: dict[str, Any]) -> dict[str, Any]:
    """The collector moves honeytrap's remote and local ends to the outermost object."""
    attack = dict(event["attack_connection"])
    ends = {
        "src_ip": attack.pop("remote_ip"),
        "src_port": attack.pop("remote_port"),
        "dest_ip": attack.pop("local_ip"),
        "dest_port": attack.pop("local_port"),
    }
    return event | {"attack_connection": attack} | ends


def _head(kind: str, time_ns: int) -> dict[str, Any]:
    return {"type": kind, "@timestamp": _stamp(time_ns)}


def _tail(machine: Machine) -> dict[str, Any]:
    return {
        "t-pot_ip_ext": machine.outer_ip,
        "t-pot_ip_int": machine.inner_ip,
        "t-pot_hostname": machine.name,
    }


def _stamp(time_ns: int) -> str:
    return f"{to_datetime(time_ns):%Y-%m-%dT%H:%M:%S}.{time_ns % NS_PER_S // 1_000_000:03d}Z"
