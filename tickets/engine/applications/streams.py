"""Sound and pictures as they flow: RTP and its reports. Both sides send alike, so they name the service only."""

from __future__ import annotations

from ..types import Protocol
from .roles import EITHER, Message, Role, over, u16

UDP = Protocol.UDP
HEADER = 12
UNPRIVILEGED = 1024
# RFC 3551, 6: payload types with a fixed size for each ten milliseconds or frame. Of others one packet shows nothing.
FRAME_BYTES = {0: 80, 3: 33, 4: 4, 8: 80, 9: 80, 18: 10}
MAX_FRAMES = 12


@over(
    UDP,
    bytes_at={
        0: bytes(range(0x80, 0x90)),
        1: bytes(kind | marker for kind in FRAME_BYTES for marker in (0, 0x80)),
    },
)
def rtp(message: Message) -> Role | None:
    """RFC 3550, 5.1: version 2, neither padding nor extension, and whole frames of a well-known kind of sound."""
    data = message.data
    kind, sources = data[1] & 0x7F, data[0] & 0x0F
    size = FRAME_BYTES.get(kind)
    if data[0] & 0xF0 != 0x80 or size is None or min(message.src_port, message.dst_port) < UNPRIVILEGED:
        return None
    frames, rest = divmod(message.length - HEADER - 4 * sources, size)
    is_whole = rest == 0 and 1 <= frames <= MAX_FRAMES
    return Role("rtp", f"payload type {kind}", EITHER) if is_whole and any(data[2:HEADER]) else None


SENDER, RECEIVER, LAST = 200, 201, 207
MAX_REPORTS = 8


@over(UDP, bytes_at={0: bytes(range(0x80, 0xC0)), 1: bytes((SENDER, RECEIVER))})
def rtcp(message: Message) -> Role | None:
    """RFC 3550, 6.1: a report comes first, others follow, and their lengths fill the datagram exactly."""
    data, at = message.data, 0
    if data[1] not in (SENDER, RECEIVER) or len(data) < message.length:
        return None
    for _ in range(MAX_REPORTS):
        if data[at] & 0xC0 != 0x80 or not SENDER <= data[at + 1] <= LAST:
            return None
        at += 4 * (u16(data, at + 2) + 1)
        if at == message.length:
            return Role("rtcp", "report", EITHER)
    return None
