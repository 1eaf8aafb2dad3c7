"""What Zeek's history letters say about the roles that stand beside them, in whatever log they are carried.

Source: Zeek's base/protocols/conn/main.zeek. `S` or `s` a SYN was seen, `h` or `H` a SYN-ACK, `^` the roles were
flipped: by a SYN-ACK where there was one, else by Zeek's table of ports.
"""

from __future__ import annotations

from functools import lru_cache

from ..types import Basis, Protocol


@lru_cache(maxsize=4096)
def basis_of(spoken: Protocol, history: str) -> Basis:
    letters = set(history)
    if spoken is Protocol.ICMP:
        return Basis.FIRST_PACKET
    if spoken is Protocol.UDP:
        return Basis.PORTS if "^" in letters else Basis.TRACKED
    if "^" in letters:
        return Basis.SYN_ACK if letters & {"h", "H"} else Basis.PORTS
    return Basis.HANDSHAKE if letters & {"S", "h"} else Basis.FIRST_PACKET
