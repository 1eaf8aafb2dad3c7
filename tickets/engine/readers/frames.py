"""One captured frame -> the packets in it.

A frame gives no packet (ARP), one, or several: a tunnel over UDP gives its own packet and the one
inside. What was peeled on the way is kept as the packet's layers (`vlan:20`, `gre`).
"""

from __future__ import annotations

import struct

from ..types import Location, Packet, Problem

# Imported for what they enter into the tables of layers.
from . import links, network, transport, tunnels  # noqa: F401
from .fragments import Fragments
from .layers import LINK_TYPES, Frame
from .source import note_problem


def decode_frame(
    location: Location,
    time_ns: int,
    linktype: int,
    data: bytes,
    wire_bytes: int,
    problems: list[Problem],
    fragments: Fragments,
) -> list[Packet]:
    """Return the packets of one frame; a header that is cut or impossible is noted as a problem. `fragments` are
    those of the same capture: a frame may hold the rest of a packet that began in an earlier one."""
    frame = Frame(location, time_ns, wire_bytes, fragments, problems)
    layer = LINK_TYPES.get(linktype)
    if layer is None:
        frame.fault = f"link type {linktype} is not known"
    else:
        try:
            layer(frame, data, 0, len(data))
        except (IndexError, struct.error):
            frame.fault = "a header is cut short"
    if frame.fault:
        note_problem(problems, location.file, f"packet {location.number}", frame.fault)
    return frame.packets
