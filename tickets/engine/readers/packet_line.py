"""A firewall's log line about one packet, and who opened the conversation as far as one packet shows.

RFC 9293, 3.5: a SYN asks and a SYN-ACK answers; any other segment belongs to what came before. Of a datagram only
that it is the first one written down is known: it may be a late answer. ICMP's type says whether it asks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ..types import Basis, Endpoint, Location, LogRecord, Protocol, QuotedPacket, Statement
from .icmp import is_reply

Opener = tuple[Endpoint | None, Basis]
UNKNOWN: Opener = (None, Basis.FIRST_PACKET)


def opener(
    spoken: Protocol, src: Endpoint, dst: Endpoint, flags: Collection[str], statement: Statement
) -> Opener:
    """Return who opened the conversation, where the packet shows it, and what that rests on."""
    is_denied = statement in (Statement.DENIED, Statement.RESET)
    asked = (src, Basis.DENIED_PACKET if is_denied else Basis.HANDSHAKE)
    answered = (dst, Basis.REPLY)
    if spoken is Protocol.UDP:
        return src, Basis.FIRST_PACKET
    if spoken is Protocol.ICMP:
        return answered if is_reply(src) else asked
    seen = {"SYN", "ACK", "FIN", "RST"}.intersection(flags)
    if seen == {"SYN"}:
        return asked
    return answered if seen == {"SYN", "ACK"} else UNKNOWN


def packet_line(
    location: Location,
    source: str,
    time_ns: int,
    spoken: Protocol,
    ends: tuple[Endpoint, Endpoint],
    statement: Statement,
    opened: Opener,
    fields: Mapping[str, str],
    raw: str,
    quoted: QuotedPacket | None = None,
) -> LogRecord:
    """Make the record of one packet between `ends`, its source first."""
    orig, basis = opened
    src, dst = ends
    return LogRecord(
        location=location,
        source=source,
        time_ns=time_ns,
        protocol=spoken,
        src=src,
        dst=dst,
        statement=statement,
        orig=orig,
        resp=None if orig is None else (dst if orig == src else src),
        basis=basis,
        quoted=quoted,
        fields={name: value for name, value in fields.items() if value},
        raw=raw,
    )
