"""TLS handshakes as a passive parser reads them: what both hellos offer, and whether data followed (RFC 8446)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tickets.simulator.sensors.spoken.turns import Turn

HANDSHAKE, ALERT, APPLICATION = 22, 21, 23
CLIENT_HELLO, SERVER_HELLO, CERTIFICATE = 1, 2, 11
SERVER_NAME, GROUPS, PROTOCOLS, VERSIONS, KEY_SHARE = 0, 10, 16, 43, 51
CIPHERS = {
    0x1301: "TLS_AES_128_GCM_SHA256",
    0x1302: "TLS_AES_256_GCM_SHA384",
    0x1303: "TLS_CHACHA20_POLY1305_SHA256",
    0xC02B: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    0xC02C: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    0xC02F: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    0xC030: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    0xCCA8: "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    0x009C: "TLS_RSA_WITH_AES_128_GCM_SHA256",
    0x002F: "TLS_RSA_WITH_AES_128_CBC_SHA",
    0x0035: "TLS_RSA_WITH_AES_256_CBC_SHA",
}
CURVES = {23: "secp256r1", 24: "secp384r1", 25: "secp521r1", 29: "x25519", 30: "x448"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """What was seen of it. `version` is the one agreed upon, 0 where no server answered."""

    server_name: str = ""
    version: int = 0
    cipher: int = 0
    curve: str = ""
    protocols: tuple[str, ...] = ()
    has_client: bool = False
    has_server: bool = False
    is_established: bool = False
    alert: int | None = None
    time_ns: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    from_orig: bool
    kind: int
    data: bytes
    time_ns: int


def read_handshake(turns: Sequence[Turn]) -> Handshake | None:
    """The handshake of a connection; None where neither hello was seen."""
    records = [record for turn in turns for record in _records(turn)]
    client = _hello(records, CLIENT_HELLO)
    server = _hello(records, SERVER_HELLO)
    if client is None and server is None:
        return None
    asked = _client_extensions(client.data) if client else {}
    answered = _server_extensions(server.data) if server else {}
    alerts = [record for record in records if record.kind == ALERT and len(record.data) == 2]
    both = {record.from_orig for record in records if record.kind == APPLICATION} == {True, False}
    return Handshake(
        server_name=_server_name(asked.get(SERVER_NAME, b"")),
        version=_version(server.data, answered) if server else 0,
        cipher=_cipher(server.data) if server else 0,
        curve=_curve(answered.get(KEY_SHARE, b"")),
        protocols=tuple(_names(asked.get(PROTOCOLS, b""))),
        has_client=client is not None,
        has_server=server is not None,
        is_established=both,
        alert=alerts[0].data[1] if alerts else None,
        time_ns=(server or client or records[0]).time_ns,
    )


def _records(turn: Turn) -> Iterator[Record]:
    at = 0
    while at + 5 <= len(turn.data) and turn.data[at + 1] == 3:
        length = int.from_bytes(turn.data[at + 3 : at + 5], "big")
        yield Record(turn.from_orig, turn.data[at], turn.data[at + 5 : at + 5 + length], turn.end_ns)
        at += 5 + length


def _hello(records: Sequence[Record], kind: int) -> Record | None:
    return next(
        (item for item in records if item.kind == HANDSHAKE and len(item.data) > 38 and item.data[0] == kind),
        None,
    )


def _client_extensions(data: bytes) -> dict[int, bytes]:
    """After version and random: session id, cipher suites, compression methods (RFC 8446, 4.1.2)."""
    at = 38 + 1 + data[38]
    at += 2 + int.from_bytes(data[at : at + 2], "big")
    at += 1 + (data[at] if at < len(data) else 0)
    return _extensions(data, at)


def _server_extensions(data: bytes) -> dict[int, bytes]:
    return _extensions(data, 38 + 1 + data[38] + 3)


def _cipher(data: bytes) -> int:
    at = 38 + 1 + data[38]
    return int.from_bytes(data[at : at + 2], "big")


def _version(data: bytes, extensions: dict[int, bytes]) -> int:
    return int.from_bytes(extensions.get(VERSIONS, data[4:6]), "big")


def _extensions(data: bytes, at: int) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at += 2
    while at + 4 <= len(data):
        kind, length = (int.from_bytes(data[at + skip : at + skip + 2], "big") for skip in (0, 2))
        found[kind] = data[at + 4 : at + 4 + length]
        at += 4 + length
    return found


def _server_name(data: bytes) -> str:
    """RFC 6066, 3: a list with one name of type 0."""
    return data[5:].decode("ascii", "replace")


def _names(data: bytes) -> Iterator[str]:
    """RFC 7301, 3.1: names with their lengths before them."""
    at = 2
    while at < len(data):
        yield data[at + 1 : at + 1 + data[at]].decode("ascii", "replace")
        at += 1 + data[at]


def _curve(data: bytes) -> str:
    number = int.from_bytes(data[:2], "big")
    return CURVES.get(number, "") if data else ""
