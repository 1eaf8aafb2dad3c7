"""QUIC version 1 (RFC 9000, RFC 9001): first packets that anyone can open, with the server's name; then sealed ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tickets.simulator.messages.sealing import encrypt_block, expand_key, expand_label, extract, seal
from tickets.simulator.messages.tls import ClientKind, write_client_hello, write_server_hello
from tickets.simulator.messages.turns import MS, Script, Turn, answer, ask
from tickets.simulator.randomness import Stream

INITIAL_SALT = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
VERSION = b"\x00\x00\x00\x01"
FIRST_DATAGRAM_BYTES = 1_200  # RFC 9000, 14.1
DATAGRAM_BYTES = 1_250
NUMBER_BYTES, TAG_BYTES = 2, 16
RECORD_HEADER_BYTES = 5
INITIAL, HANDSHAKE = 0xC1, 0xE1
CRYPTO, ACK = b"\x06", b"\x02"
H3_CLIENT = ClientKind(ciphers=bytes.fromhex("1301 1302 1303"), protocols=("h3",))


@dataclass(frozen=True, slots=True)
class Connection:
    """The ids: `first` is what the client called the server before it knew its own, and the keys come from it."""

    first: bytes
    client: bytes
    server: bytes


def talk_quic(host: str, requests: Sequence[tuple[int, int]], chance: Stream) -> Script:
    """Hello and hello, the rest of the handshake, then requests and answers of these sizes, sealed."""
    ids = Connection(chance.take(8), chance.take(8), chance.take(8))
    hello = write_client_hello(host, chance, H3_CLIENT, transport=_parameters(ids.client), has_session=False)[
        RECORD_HEADER_BYTES:
    ]
    reply = write_server_hello(b"", H3_CLIENT.ciphers[:2], chance)[RECORD_HEADER_BYTES:]
    first = _initial(ids, _crypto(hello), is_client=True)
    second = _initial(ids, _acknowledge(0) + _crypto(reply), is_client=False)
    turns = [
        ask(first),
        answer(second + _handshake(ids.client, ids.server, DATAGRAM_BYTES - len(second), chance), 6 * MS),
        answer(_handshake(ids.client, ids.server, 900, chance), MS),
        ask(_handshake(ids.server, ids.client, 80, chance) + _short(ids.server, 60, chance), 3 * MS),
    ]
    for asked, answered in requests:
        turns.append(ask(_short(ids.server, asked, chance), 5 * MS))
        turns += _pour(ids, answered, chance)
    return tuple(turns)


def _pour(ids: Connection, size: int, chance: Stream) -> list[Turn]:
    """An answer in full datagrams; every tenth is acknowledged."""
    turns: list[Turn] = []
    for number, at in enumerate(range(0, size, DATAGRAM_BYTES), 1):
        piece = min(DATAGRAM_BYTES, size - at)
        turns.append(answer(_short(ids.client, piece, chance), 9 * MS if number == 1 else MS // 20))
        if number % 10 == 0:
            turns.append(ask(_short(ids.server, 34, chance), MS // 10))
    return turns


def _initial(ids: Connection, frames: bytes, *, is_client: bool) -> bytes:
    """A first packet. The client fills its datagram so that nobody can be made to answer with more than was sent."""
    target, source = (ids.first, ids.client) if is_client else (ids.client, ids.server)
    overhead = 1 + 4 + 2 + len(target) + len(source) + 1 + 2 + NUMBER_BYTES + TAG_BYTES
    if is_client:
        frames = frames.ljust(FIRST_DATAGRAM_BYTES - overhead, b"\x00")
    length = NUMBER_BYTES + len(frames) + TAG_BYTES
    head = (
        bytes([INITIAL])
        + VERSION
        + _sized(target)
        + _sized(source)
        + b"\x00"
        + _long(length)
        + bytes(NUMBER_BYTES)
    )
    return protect(ids.first, head, frames, is_client=is_client)


def protect(first_id: bytes, head: bytes, frames: bytes, *, is_client: bool) -> bytes:
    """Seal a first packet and hide its number (RFC 9001, 5.2 to 5.4). The number, in the header's last bytes, is below
    65536 and makes the nonce."""
    secret = expand_label(extract(INITIAL_SALT, first_id), "client in" if is_client else "server in", 32)
    vector = expand_label(secret, "quic iv", 12)
    width = (head[0] & 3) + 1
    number = int.from_bytes(head[-width:], "big")
    nonce = (int.from_bytes(vector, "big") ^ number).to_bytes(12, "big")
    sealed = seal(expand_label(secret, "quic key", 16), nonce, frames, head)
    sample = sealed[4 - width : 20 - width]
    mask = encrypt_block(expand_key(expand_label(secret, "quic hp", 16)), sample)
    hidden = bytes(byte ^ cover for byte, cover in zip(head[-width:], mask[1:], strict=False))
    return bytes([head[0] ^ mask[0] & 0x0F]) + head[1:-width] + hidden + sealed


def _handshake(target: bytes, source: bytes, size: int, chance: Stream) -> bytes:
    """A long packet that only the two can open, `size` bytes in all."""
    head = VERSION + _sized(target) + _sized(source)
    rest = size - 1 - len(head) - 2
    return bytes([HANDSHAKE ^ chance.below(16)]) + head + _long(rest) + chance.take(rest)


def _short(target: bytes, size: int, chance: Stream) -> bytes:
    """A short packet: fixed bit, hidden bits, the receiver's id, and what it carries."""
    return bytes([0x40 | chance.below(64)]) + target + chance.take(max(size, 1) + TAG_BYTES + NUMBER_BYTES)


def _crypto(message: bytes) -> bytes:
    """The start of the handshake's bytes (RFC 9000, 19.6)."""
    return CRYPTO + b"\x00" + _long(len(message)) + message


def _acknowledge(number: int) -> bytes:
    return ACK + bytes([number, 0, 0, 0])


def _parameters(own_id: bytes) -> bytes:
    """Transport parameters (RFC 9000, 18): idle time, datagram size, windows, streams, own id."""
    windows = [(kind, b"\x80\x60\x00\x00") for kind in (0x04, 0x05, 0x06)]
    streams = [(kind, _long(100)) for kind in (0x08, 0x09)]
    values = [(0x01, _long(15_000)), (0x03, _long(1_472)), *windows, *streams, (0x0F, own_id)]
    return b"".join(bytes([kind]) + _sized(value) for kind, value in values)


def _sized(value: bytes) -> bytes:
    return bytes([len(value)]) + value


def _long(value: int) -> bytes:
    """A number of variable length, in two bytes (RFC 9000, 16)."""
    return (0x4000 | value).to_bytes(2, "big")
