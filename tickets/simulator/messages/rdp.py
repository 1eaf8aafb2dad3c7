"""RDP's opening in the clear (MS-RDPBCGR 2.2.1): a cookie with a name, and what both sides can do."""

from __future__ import annotations

from tickets.simulator.messages.turns import MS, Script, answer, ask

TLS_AND_CREDENTIALS = 3
CREDENTIALS = 2
HYBRID_REQUIRED = 5


def write_rdp_request(user: str, protocols: int = TLS_AND_CREDENTIALS) -> bytes:
    """Connection request with cookie and RDP_NEG_REQ; the cookie holds nine letters at most."""
    cookie = f"Cookie: mstshash={user[:9]}\r\n".encode()
    return _tpkt(
        0xE0, b"\x00\x00\x00\x00\x00", cookie + b"\x01\x00\x08\x00" + protocols.to_bytes(4, "little")
    )


def write_rdp_confirm(protocol: int = CREDENTIALS) -> bytes:
    return _tpkt(0xD0, b"\x00\x00\x12\x34\x00", b"\x02\x1f\x08\x00" + protocol.to_bytes(4, "little"))


def write_rdp_refusal(code: int = HYBRID_REQUIRED) -> bytes:
    return _tpkt(0xD0, b"\x00\x00\x12\x34\x00", b"\x03\x00\x08\x00" + code.to_bytes(4, "little"))


def talk_rdp_opening(user: str) -> Script:
    return ask(write_rdp_request(user), 4 * MS), answer(write_rdp_confirm(), 5 * MS)


def _tpkt(kind: int, references: bytes, rest: bytes) -> bytes:
    """TPKT (RFC 1006) and an X.224 connection unit."""
    unit = bytes([kind]) + references + rest
    return b"\x03\x00" + (5 + len(unit)).to_bytes(2, "big") + bytes([len(unit)]) + unit
