"""Talk among equals: BitTorrent's handshake, its table of peers (DHT) and uTP; SSDP's search."""

from __future__ import annotations

from dataclasses import dataclass, field

from tickets.engine.types import Endpoint
from tickets.simulator.addresses import pack_ip
from tickets.simulator.messages.turns import MS, Script, Turn
from tickets.simulator.randomness import Stream

PROTOCOL = b"\x13BitTorrent protocol"
UTP_DATA, UTP_FIN, UTP_STATE, UTP_RESET, UTP_SYN = range(5)
UTP_ROOM = 1_382  # bytes in a datagram
BLOCK = 16_384  # what a request asks for
INTERESTED, UNCHOKE = b"\x00\x00\x00\x01\x02", b"\x00\x00\x00\x01\x01"


def write_peer_handshake(info_hash: bytes, client: str, chance: Stream) -> bytes:
    """BEP 3: name, reserved bytes, the torrent's hash, the peer's name."""
    return (
        PROTOCOL
        + bytes.fromhex("0000000000100005")
        + info_hash
        + f"-{client}-".encode()
        + _letters(12, chance)
    )


def write_dht_query(kind: str, own_id: bytes, transaction: bytes, target: bytes = b"") -> bytes:
    """BEP 5: ping, find_node or get_peers, bencoded with sorted keys."""
    wanted = {"find_node": b"6:target", "get_peers": b"9:info_hash"}.get(kind, b"")
    arguments = b"d2:id" + _bytes(own_id) + (wanted + _bytes(target) if wanted else b"") + b"e"
    return b"d1:a" + arguments + b"1:q" + _bytes(kind.encode()) + b"1:t" + _bytes(transaction) + b"1:y1:qe"


def write_dht_answer(own_id: bytes, transaction: bytes, nodes: list[Endpoint], chance: Stream) -> bytes:
    listed = b"".join(chance.take(20) + pack_ip(node.ip) + node.port.to_bytes(2, "big") for node in nodes)
    values = b"d2:id" + _bytes(own_id) + (b"5:nodes" + _bytes(listed) if nodes else b"") + b"e"
    return b"d1:r" + values + b"1:t" + _bytes(transaction) + b"1:y1:re"


def write_utp(
    kind: int, connection: int, numbers: tuple[int, int], now_ns: int, payload: bytes = b""
) -> bytes:
    """BEP 29: type and version, connection, times, window, number and acknowledged number."""
    stamp = now_ns // 1_000 & 0xFFFFFFFF
    head = bytes([kind << 4 | 1, 0]) + connection.to_bytes(2, "big") + stamp.to_bytes(4, "big")
    head += (24_000 if kind != UTP_SYN else 0).to_bytes(4, "big") + (1 << 20).to_bytes(4, "big")
    return head + b"".join(number.to_bytes(2, "big") for number in numbers) + payload


def talk_utp(info_hash: bytes, names: tuple[str, str], blocks: int, start_ns: int, chance: Stream) -> Script:
    """BEP 3 over BEP 29: the handshakes of both, then the side that called fetches blocks of a torrent, and ends it."""
    talk = _Utp(start_ns, chance.between(1, 0xFFFE), [1, chance.between(2, 40_000)])
    caller, called = (write_peer_handshake(info_hash, name, chance) for name in names)
    talk.send(UTP_SYN)
    talk.send(UTP_STATE, from_client=False)
    talk.say(caller)
    talk.say(called, from_client=False)
    talk.say(INTERESTED)
    talk.say(UNCHOKE, from_client=False)
    for number in range(blocks):
        place = (7).to_bytes(4, "big") + (number * BLOCK).to_bytes(4, "big")
        talk.say(b"\x00\x00\x00\x0d\x06" + place + BLOCK.to_bytes(4, "big"))
        talk.say((9 + BLOCK).to_bytes(4, "big") + b"\x07" + place + chance.take(BLOCK), from_client=False)
        talk.send(UTP_STATE)
    talk.send(UTP_FIN)
    talk.send(UTP_STATE, from_client=False)
    return tuple(talk.turns)


@dataclass
class _Utp:
    """A uTP conversation while it is written. The caller's own number of it stands in the SYN and in what the other
    side sends; the caller itself then uses the next one. `following` are the numbers that each side uses next."""

    now_ns: int
    connection: int
    following: list[int]
    turns: list[Turn] = field(default_factory=list)

    def say(self, data: bytes, *, from_client: bool = True) -> None:
        for at in range(0, len(data), UTP_ROOM):
            self.send(UTP_DATA, data[at : at + UTP_ROOM], from_client=from_client)

    def send(self, kind: int, payload: bytes = b"", *, from_client: bool = True) -> None:
        """Each datagram has a number of its own, but for a STATE that only acknowledges."""
        own, other = (0, 1) if from_client else (1, 0)
        is_opening = len(self.turns) < 2
        number = self.following[own]
        acknowledged = 0 if kind == UTP_SYN else self.following[other] - 1
        connection = self.connection + (from_client and kind != UTP_SYN)
        self.now_ns += 2 * MS
        datagram = write_utp(kind, connection, (number, acknowledged), self.now_ns, payload)
        self.turns.append(Turn(from_client, datagram, think_ns=MS if payload else 2 * MS))
        if kind != UTP_STATE or is_opening:
            self.following[own] += 1


def write_ssdp_search(target: str = "ssdp:all") -> bytes:
    """UPnP Device Architecture 1.1, 1.3.2."""
    lines = (
        "M-SEARCH * HTTP/1.1",
        "HOST: 239.255.255.250:1900",
        'MAN: "ssdp:discover"',
        "MX: 2",
        f"ST: {target}",
    )
    return "\r\n".join((*lines, "", "")).encode()


def write_ssdp_answer(location: str, target: str, server: str, unique: str) -> bytes:
    lines = (
        "HTTP/1.1 200 OK",
        "CACHE-CONTROL: max-age=1800",
        "EXT:",
        f"LOCATION: {location}",
        f"SERVER: {server}",
        f"ST: {target}",
        f"USN: uuid:{unique}::{target}",
    )
    return "\r\n".join((*lines, "", "")).encode()


def _bytes(value: bytes) -> bytes:
    return str(len(value)).encode() + b":" + value


def _letters(count: int, chance: Stream) -> bytes:
    return bytes(0x61 + byte % 26 for byte in chance.take(count))
