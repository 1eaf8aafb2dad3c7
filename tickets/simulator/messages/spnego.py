"""NTLM (MS-NLMP) in SPNEGO (RFC 4178): how Windows logs in to file services, and to others."""

from __future__ import annotations

from tickets.simulator.messages import asn1
from tickets.simulator.randomness import Stream

SPNEGO_OID, NTLM_OID = "1.3.6.1.5.5.2", "1.3.6.1.4.1.311.2.2.10"
FLAGS = 0xE2888215
VERSION = bytes.fromhex("0a00 614a 0000000f")
WINDOWS_EPOCH_S = 11_644_473_600
INCOMPLETE, COMPLETE = 1, 0


def to_filetime(time_ns: int) -> bytes:
    """Steps of 100 ns since 1601."""
    return (time_ns // 100 + WINDOWS_EPOCH_S * 10_000_000).to_bytes(8, "little")


def write_mechanisms() -> bytes:
    """What a server offers before anyone asked."""
    return _initial(b"")


def write_ntlm_negotiate() -> bytes:
    return _initial(_ntlm(1) + _flags() + bytes(16) + VERSION)


def write_ntlm_challenge(domain: str, computer: str, now_ns: int, chance: Stream) -> bytes:
    name, pairs = domain.encode("utf-16-le"), _pairs(domain, computer, now_ns)
    head = _ntlm(2) + _field(name, 56) + _flags() + chance.take(8) + bytes(8) + _field(pairs, 56 + len(name))
    return _reply(INCOMPLETE, head + VERSION + name + pairs, with_mechanism=True)


def write_ntlm_authenticate(
    user: str, domain: str, workstation: str, computer: str, now_ns: int, chance: Stream
) -> bytes:
    """The answer of version 2: a proof and what it was made over (MS-NLMP 2.2.2.8)."""
    blob = b"\x01\x01" + bytes(6) + to_filetime(now_ns) + chance.take(8) + bytes(4)
    proof = chance.take(16) + blob + _pairs(domain, computer, now_ns) + bytes(4)
    values = [bytes(24), proof, *(text.encode("utf-16-le") for text in (domain, user, workstation))]
    values.append(chance.take(16))
    fields, at = b"", 88
    for value in values:
        fields += _field(value, at)
        at += len(value)
    return _reply(INCOMPLETE, _ntlm(3) + fields + _flags() + VERSION + chance.take(16) + b"".join(values))


def write_accepted() -> bytes:
    return asn1.explicit(1, asn1.sequence(asn1.explicit(0, asn1.integer(COMPLETE, 0x0A))))


def _initial(token: bytes) -> bytes:
    mechanisms = asn1.explicit(0, asn1.sequence(asn1.object_id(NTLM_OID)))
    parts = [mechanisms, *([asn1.explicit(2, asn1.octets(token))] if token else [])]
    return asn1.application(0, asn1.object_id(SPNEGO_OID), asn1.explicit(0, asn1.sequence(*parts)))


def _reply(state: int, token: bytes, *, with_mechanism: bool = False) -> bytes:
    parts = [asn1.explicit(0, asn1.integer(state, 0x0A))]
    if with_mechanism:
        parts.append(asn1.explicit(1, asn1.object_id(NTLM_OID)))
    return asn1.explicit(1, asn1.sequence(*parts, asn1.explicit(2, asn1.octets(token))))


def _ntlm(kind: int) -> bytes:
    return b"NTLMSSP\x00" + kind.to_bytes(4, "little")


def _flags() -> bytes:
    return FLAGS.to_bytes(4, "little")


def _field(value: bytes, at: int) -> bytes:
    return len(value).to_bytes(2, "little") * 2 + at.to_bytes(4, "little")


def _pairs(domain: str, computer: str, now_ns: int) -> bytes:
    """What the server says of itself: domain, computer, time (MS-NLMP 2.2.2.1)."""
    values = ((2, domain.encode("utf-16-le")), (1, computer.encode("utf-16-le")), (7, to_filetime(now_ns)))
    pairs = b"".join(
        kind.to_bytes(2, "little") + len(value).to_bytes(2, "little") + value for kind, value in values
    )
    return pairs + bytes(4)
