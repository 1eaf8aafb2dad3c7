"""Content gaps: data that one end acknowledged and that was never captured.

Zeek's letter `g` (base/protocols/conn/main.zeek, history). Of each side is kept how far its bytes are whole, and
which later ones came ahead of others. An acknowledgment (RFC 9293, 3.4) beyond what is whole proves that its
receiver sent more: the sensor missed it, or a filter or a cut took it away. It proves nothing about the two ends.
"""

from __future__ import annotations

from typing import NamedTuple

from .types import TcpFlags

SYN, ACK, FIN, RST = TcpFlags.SYN, TcpFlags.ACK, TcpFlags.FIN, TcpFlags.RST
NUMBERS = 0xFFFFFFFF
# A number that is farther away belongs to no window (RFC 7323 allows 1 GiB, which nobody uses): it begins anew.
REACH = 1 << 24
# Pieces that are ahead of a missing one; of more than these the sender's window leaves room for few.
MAX_AHEAD = 64


class Reached(NamedTuple):
    """How far one side's bytes are whole: the number that comes next (None: nothing was seen), and the pieces that
    lie beyond it, as pairs of numbers."""

    following: int | None = None
    ahead: tuple[tuple[int, int], ...] = ()


NOTHING = Reached()


def note_sent(reached: Reached, flags: int, seq: int, payload_bytes: int) -> Reached:
    """Add a segment to what its side sent. A reset's number says nothing of data; a SYN begins anew."""
    if flags & RST:
        return reached
    end = (seq + payload_bytes + bool(flags & SYN) + bool(flags & FIN)) & NUMBERS
    if reached.following is None or flags & SYN:
        return Reached(end)
    start, stop = _distance(reached.following, seq), _distance(reached.following, end)
    if not (-REACH < start < REACH and -REACH < stop < REACH):
        return Reached(end)
    if start > 0:
        is_piece = stop > start and len(reached.ahead) < MAX_AHEAD
        return reached._replace(ahead=(*reached.ahead, (seq, end))) if is_piece else reached
    return _with_pieces(Reached(end, reached.ahead)) if stop > 0 else reached


def note_acknowledged(reached: Reached, ack: int) -> tuple[Reached, bool]:
    """Hold an acknowledgment of the peer's against what its side sent; True where more was received than was seen.
    A single number more may be a FIN that was missed, which is no content."""
    if reached.following is None:
        return reached, False
    beyond = _distance(reached.following, ack)
    if not 0 < beyond < REACH:
        return reached, False
    return _with_pieces(Reached(ack, reached.ahead)), beyond > 1


def is_acknowledging(flags: int) -> bool:
    """Does the segment acknowledge data? A SYN-ACK acknowledges a SYN, and a reset need not tell the truth."""
    return bool(flags & ACK) and not flags & (SYN | RST)


def _with_pieces(reached: Reached) -> Reached:
    """Go on over the pieces that are now reached."""
    following, ahead = reached.following or 0, list(reached.ahead)
    while touching := [piece for piece in ahead if _distance(following, piece[0]) <= 0]:
        ahead = [piece for piece in ahead if piece not in touching]
        following = max((following, *(end for _, end in touching)), key=lambda end: _distance(following, end))
    return Reached(following, tuple(ahead))


def _distance(origin: int, number: int) -> int:
    """Return how far a number is beyond another, negative when it is before it (RFC 9293, 3.4)."""
    ahead = (number - origin) & NUMBERS
    return ahead - (1 << 32) if ahead >> 31 else ahead
