"""TLS 1.2 (RFC 5246) and 1.3 (RFC 8446): handshakes with a server name, then records that nobody can read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tickets.simulator.messages import asn1
from tickets.simulator.messages.turns import MS, Script, Turn, answer, ask
from tickets.simulator.randomness import Stream

CHANGE_CIPHER, ALERT, HANDSHAKE, DATA, HEARTBEAT = 20, 21, 22, 23, 24
TLS10, TLS12, TLS13 = b"\x03\x01", b"\x03\x03", b"\x03\x04"
RECORD_BYTES = 16_384
YEAR_NS = 365 * 86_400 * 1_000_000_000
WARNING, FATAL = 1, 2
CLOSE_NOTIFY, UNEXPECTED_MESSAGE, HANDSHAKE_FAILURE = 0, 10, 40
X25519, P256 = 29, 23
SIGNATURES = bytes.fromhex("0403 0804 0401 0503 0805 0501 0806 0601")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientKind:
    """What a program's ClientHello offers: it is what JA3 and JA4 name it by."""

    ciphers: bytes
    protocols: tuple[str, ...] = ()
    knows_13: bool = True


BROWSER = ClientKind(
    ciphers=bytes.fromhex("1301 1303 1302 c02b c02f cca9 cca8 c02c c030 c013 c014 009c 009d 002f 0035"),
    protocols=("h2", "http/1.1"),
)
WINDOWS_SERVICE = ClientKind(
    ciphers=bytes.fromhex("1302 1301 c02c c02b c030 c02f 009f 009e c024 c023 c028 c027 009d 009c 0035 002f"),
)
SCRIPT = ClientKind(
    ciphers=bytes.fromhex("1302 1303 1301 c02c c030 009f cca9 cca8 ccaa c02b c02f 009e c024 c028 006b 00ff"),
    protocols=("http/1.1",),
)
IMPLANT = ClientKind(ciphers=bytes.fromhex("c02f c030 c02b c02c cca8 cca9 c013 c014"), knows_13=False)


def write_record(kind: int, content: bytes, version: bytes = TLS12) -> bytes:
    return bytes([kind]) + version + len(content).to_bytes(2, "big") + content


def write_client_hello(
    host: str,
    chance: Stream,
    client: ClientKind = BROWSER,
    *,
    has_heartbeat: bool = False,
    has_session: bool = True,
    transport: bytes = b"",
) -> bytes:
    """ClientHello with the server's name (RFC 6066, 3). In QUIC it carries transport parameters and no session
    (RFC 9001, 8.2 and 8.4)."""
    extensions = [_server_name(host)] if host else []
    extensions += [
        _extension(0x17, b""),
        _extension(0x0A, _sized(2, bytes([0, X25519, 0, P256]))),
        _extension(0x0B, b"\x01\x00"),
        _extension(0x0D, _sized(2, SIGNATURES)),
    ]
    if client.protocols:
        names = b"".join(_sized(1, name.encode()) for name in client.protocols)
        extensions.append(_extension(0x10, _sized(2, names)))
    if has_heartbeat:
        extensions.append(_extension(0x0F, b"\x01"))  # RFC 6520, 2
    if client.knows_13:
        extensions.append(_extension(0x2B, _sized(1, TLS13 + TLS12)))
        extensions.append(_extension(0x2D, b"\x01\x01"))
        extensions.append(_extension(0x33, _sized(2, bytes([0, X25519]) + _sized(2, chance.take(32)))))
    if transport:
        extensions.append(_extension(0x39, transport))
    session = chance.take(32) if client.knows_13 and has_session else b""
    body = TLS12 + chance.take(32) + _sized(1, session) + _sized(2, client.ciphers) + b"\x01\x00"
    body += _sized(2, b"".join(extensions))
    return write_record(HANDSHAKE, _handshake(1, body), TLS10)


def write_server_hello(session: bytes, cipher: bytes, chance: Stream) -> bytes:
    """Version 1.3's answer, all that it says in the clear (RFC 8446, 4.1.3)."""
    shares = _extension(0x33, bytes([0, X25519]) + _sized(2, chance.take(32))) + _extension(0x2B, TLS13)
    body = TLS12 + chance.take(32) + _sized(1, session) + cipher + b"\x00" + _sized(2, shares)
    return write_record(HANDSHAKE, _handshake(2, body))


def talk_tls13(
    host: str, chance: Stream, client: ClientKind = BROWSER, *, certificate_bytes: int = 2_900
) -> Script:
    """Hello and Hello; all that follows is sealed, the certificate too."""
    hello = write_client_hello(host, chance, client)
    session = hello[44:76]
    server_hello = write_server_hello(session, client.ciphers[:2], chance)
    change = write_record(CHANGE_CIPHER, b"\x01")
    sealed = b"".join(_sealed(size, chance) for size in (40, certificate_bytes, 281, 69))
    return (
        ask(hello, MS),
        answer(server_hello + change + sealed, 6 * MS),
        ask(change + _sealed(69, chance), 3 * MS),
    )


def talk_tls12(
    host: str,
    chance: Stream,
    now_ns: int,
    client: ClientKind = IMPLANT,
    *,
    issuer: str = "Example Issuing CA 2",
    has_heartbeat: bool = False,
) -> Script:
    """The full handshake: the certificate is there for all to read."""
    hello = write_client_hello(host, chance, client, has_heartbeat=has_heartbeat)
    extensions = _extension(0x0B, b"\x01\x00") + (_extension(0x0F, b"\x01") if has_heartbeat else b"")
    server = TLS12 + chance.take(32) + _sized(1, chance.take(32)) + b"\xc0\x2f\x00" + _sized(2, extensions)
    certificate = write_certificate(host, issuer, now_ns, chance)
    share = b"\x03" + bytes([0, X25519]) + _sized(1, chance.take(32))
    flight = (
        _handshake(2, server)
        + _handshake(11, _sized(3, _sized(3, certificate)))
        + _handshake(12, share + b"\x08\x04" + _sized(2, chance.take(256)))
        + _handshake(14, b"")
    )
    change = write_record(CHANGE_CIPHER, b"\x01")
    return (
        ask(hello, MS),
        answer(write_record(HANDSHAKE, flight), 5 * MS),
        ask(
            write_record(HANDSHAKE, _handshake(16, _sized(1, chance.take(32))))
            + change
            + _sealed_handshake(chance),
            2 * MS,
        ),
        answer(change + _sealed_handshake(chance), 2 * MS),
    )


def talk_tls_data(sizes: Sequence[tuple[int, int]], chance: Stream, think_ns: int = 20 * MS) -> Script:
    """Sealed requests and answers of these sizes (of what they hold)."""
    turns: list[Turn] = []
    for asked, answered in sizes:
        turns += [
            ask(write_sealed(asked, chance), think_ns // 3),
            answer(write_sealed(answered, chance), think_ns),
        ]
    return tuple(turns)


def write_sealed(size: int, chance: Stream) -> bytes:
    """`size` bytes of application data in as many records as they need."""
    whole, rest = divmod(size, RECORD_BYTES)
    return b"".join(_sealed(part + 16, chance) for part in [RECORD_BYTES] * whole + ([rest] if rest else []))


def write_alert(level: int, description: int) -> bytes:
    return write_record(ALERT, bytes([level, description]))


def write_close_notify(chance: Stream) -> bytes:
    """Sealed, as all alerts after the handshake are."""
    return write_record(ALERT, chance.take(26))


def write_heartbeat_request(claimed: int, payload: bytes) -> bytes:
    """A heartbeat that claims more than it carries and has no padding (RFC 6520, 4 wants 16 bytes)."""
    return write_record(HEARTBEAT, b"\x01" + claimed.to_bytes(2, "big") + payload)


def write_certificate(host: str, issuer: str, now_ns: int, chance: Stream) -> bytes:
    """An X.509 certificate (RFC 5280, 4.1) with a key and a signature of random numbers."""
    algorithm = asn1.sequence(asn1.object_id("1.2.840.113549.1.1.11"), asn1.null())
    modulus = int.from_bytes(b"\xc1" + chance.take(254) + b"\x01", "big")
    key = asn1.sequence(asn1.integer(modulus), asn1.integer(65_537))
    key_algorithm = asn1.sequence(asn1.object_id("1.2.840.113549.1.1.1"), asn1.null())
    names = asn1.sequence(asn1.text(host, 0x82))
    extension = asn1.sequence(asn1.object_id("2.5.29.17"), asn1.octets(names))
    body = asn1.sequence(
        asn1.explicit(0, asn1.integer(2)),
        asn1.integer(int.from_bytes(b"\x04" + chance.take(15), "big")),
        algorithm,
        _distinguished_name(issuer),
        asn1.sequence(asn1.utc_time(now_ns - YEAR_NS // 12), asn1.utc_time(now_ns + YEAR_NS // 6)),
        _distinguished_name(host),
        asn1.sequence(key_algorithm, asn1.bits(key)),
        asn1.explicit(3, asn1.sequence(extension)),
    )
    return asn1.sequence(body, algorithm, asn1.bits(chance.take(256)))


def _distinguished_name(common: str) -> bytes:
    pair = asn1.sequence(asn1.object_id("2.5.4.3"), asn1.text(common, 0x0C))
    return asn1.sequence(asn1.encode(asn1.SET, pair))


def _sealed(size: int, chance: Stream) -> bytes:
    return write_record(DATA, chance.take(size))


def _sealed_handshake(chance: Stream) -> bytes:
    return write_record(HANDSHAKE, b"\x00" * 8 + chance.take(32))


def _handshake(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + _sized(3, body)


def _server_name(host: str) -> bytes:
    return _extension(0, _sized(2, b"\x00" + _sized(2, host.encode())))


def _extension(kind: int, body: bytes) -> bytes:
    return kind.to_bytes(2, "big") + _sized(2, body)


def _sized(width: int, body: bytes) -> bytes:
    return len(body).to_bytes(width, "big") + body
